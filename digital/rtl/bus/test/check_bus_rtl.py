#!/usr/bin/env python3
"""Lint, elaboration and synthesis of the bus side in RTL: check_bus_rtl.py RTL_FOLDER

Verilator finds nothing with -Wall in either chip, at three sets of parameters; Icarus elaborates
them; Yosys synthesises slaves and register file without latches and tells their size. A tool that
is not there is named, and the exit code is then 77 ("not run") if nothing else went wrong.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# The tools run in this folder and get relative paths: scripts of Yosys split at spaces, and
# Verilator reads a module's expected name out of a path wrongly where one has any.
RTL = Path(sys.argv[1])
INCLUDE = ["-I.", "-Ibus"]
FRONT = ["memprop_config_check", "memprop_register_file"]
# widths of layers 0 to TILES, bias rows, bits of inputs, ADC and targets, rows of the table
SHAPES = [([5, 4, 3], 1, 8, 10, 8, 14), ([2, 1], 0, 1, 2, 2, 4), ([9, 3, 6, 4, 2], 1, 16, 12, 16, 64)]
problems, missing = [], []


def sources(slave, chip=True):
    names = FRONT + [slave] + (["memprop_bus_core", f"{slave}_chip"] if chip else [])
    controller = sorted(path.name for path in RTL.glob("*.sv")) if chip else []
    return [f"bus/{name}.sv" for name in names] + controller


def parameters(shape):
    widths, bias, x_bits, adc_bits, target_bits, rows = shape
    packed = sum(width << (32 * k) for k, width in enumerate(widths))
    return {"TILES": len(widths) - 1, "WIDTHS": f"288'h{packed:x}", "BIAS": bias, "X_W": x_bits,
            "ADC_W": adc_bits, "TARGET_W": target_bits, "PHASE_ROWS": rows}


def run(command):
    # The same holds for the scratch folder that Yosys hands to ABC.
    scratch = {"TMPDIR": "/tmp"} if " " in tempfile.gettempdir() else {}
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          cwd=RTL, env={**os.environ, **scratch})
    return done.returncode, done.stdout + done.stderr


def tool(name):
    if shutil.which(name):
        return True
    missing.append(name)
    return False


def lint():
    for slave in ("memprop_axi_lite", "memprop_apb"):
        for shape in SHAPES:
            given = [f"-G{n}={v}" for n, v in parameters(shape).items()]
            code, text = run(["verilator", "--lint-only", "-Wall", *INCLUDE, "--top-module",
                              f"{slave}_chip", *given, *sources(slave)])
            # The value of a parameter has no width of its own; that is about the command, not RTL.
            if code:
                problems.append(f"verilator: {slave}_chip {shape}:\n{text}")


def elaborate(folder):
    for slave in ("memprop_axi_lite", "memprop_apb"):
        code, text = run(["iverilog", "-g2012", "-t", "null", *INCLUDE, "-s", f"{slave}_chip",
                          "-o", str(folder / "out"), *sources(slave)])
        if code:
            problems.append(f"iverilog: {slave}_chip:\n{text}")


def synthesise():
    for top in ("memprop_register_file", "memprop_axi_lite", "memprop_apb"):
        files = " ".join(f"bus/{name}.sv" for name in FRONT + ["memprop_axi_lite",
                                                                      "memprop_apb"])
        script = (f"read_verilog -sv {' '.join(INCLUDE)} {files}; synth -flatten -top {top}; "
                  "check -assert; select -assert-none t:$_DLATCH* t:$dlatch*; stat")
        code, text = run(["yosys", "-p", script])
        if code:
            problems.append(f"yosys: {top}:\n{text[-2000:]}")
            continue
        statistics = text[text.rindex("Number of cells:"):]
        cells = int(statistics.split()[3])
        flops = sum(int(n) for n in re.findall(r"\$_S?DFFE?\w*_\s+(\d+)", statistics))
        print(f"{top}: {cells} cells, {flops} flip-flops, no latch")


with tempfile.TemporaryDirectory() as scratch:
    if tool("verilator"):
        lint()
    if tool("iverilog"):
        elaborate(Path(scratch))
    if tool("yosys"):
        synthesise()
for problem in problems:
    print(problem)
for name in missing:
    print(f"not run: {name} is not installed")
sys.exit(1 if problems else 77 if missing else 0)
