#!/usr/bin/env python3
"""Checks of the controller's RTL with tools that are not needed to build memprop.

  check_rtl.py lint    [SHAPE...]           Verilator's linter with all warnings, for each shape
  check_rtl.py synth   [SHAPE...]           Yosys: synthesis, no latches; cells and register bits
  check_rtl.py adc                          memprop_adc against sums, in Icarus
  check_rtl.py replay  SHAPE PROGRAM EDGES  Icarus gives the pin trace that PROGRAM recorded

SHAPE is WIDTHS:BIAS:X_W:ADC_W[:RUNTIME_SEED[:ENGINES[:ACCUMULATOR_BITS[:CHANNELS]]]], such as
21,17,5:1:8:10; CHANNELS: converters, one per neuron unless given.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
RTL = HERE.parent
SHAPES = ["5,4,3:1:8:10", "3,2:0:4:6", "21,17,5:1:8:10", "33,2,40,7:1:16:32",
          "3,2:0:4:6:1:1f:2", "5,4,3:1:8:10:1:10:24", "33,2,40,7:1:16:32:1:1f",
          "5,4,3:1:8:10:1:0f:8:3", "5,4,3:1:8:10:1:0f:8:1", "33,2,40,7:1:16:32:1:0f:8:16"]
SYNTHESIS = ["3,2:0:4:6:0", "5,4,3:1:8:10:0", "5,4,3:1:8:10:0:04", "3,2:0:4:6:0:0f:8:1", "3,2:0:4:6:0:1f:4"]


def need(tool):
    if shutil.which(tool) is None:
        print(f"not run: the program '{tool}' is missing")
        sys.exit(0)


# The tools run in the folder of the sources and get their names alone: scripts of Yosys split at
# spaces, and Verilator reads a module's expected name out of a path wrongly where one has any.
def sources():
    return sorted(p.name for p in RTL.glob("memprop_*.sv"))


def parameters(shape):
    parts = shape.split(":")
    widths = [int(n) for n in parts[0].split(",")]
    packed = sum(n << (32 * k) for k, n in enumerate(widths))
    values = {"TILES": len(widths) - 1, "WIDTHS": f"288'h{packed:x}", "BIAS": parts[1],
              "X_W": parts[2], "ADC_W": parts[3]}
    if len(parts) > 4:
        values["RUNTIME_SEED"] = parts[4]
    if len(parts) > 5:
        values["ENGINES"] = f"8'h{parts[5]}"
    if len(parts) > 6:
        values["ACCUMULATOR_BITS"] = parts[6]
    if len(parts) > 7:
        values["CHANNELS"] = parts[7]
    return widths, values


def run(command, **options):
    # The same holds for the scratch folder that Yosys hands to ABC.
    scratch = {"TMPDIR": "/tmp"} if " " in tempfile.gettempdir() else {}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, cwd=RTL, env={**os.environ, **scratch}, **options)
    if done.returncode != 0:
        print(" ".join(command))
        print(done.stdout)
        sys.exit(1)
    return done.stdout


def lint(shapes):
    need("verilator")
    for shape in shapes or SHAPES:
        _, values = parameters(shape)
        run(["verilator", "--lint-only", "-Wall", "-I.", "--top-module", "memprop_controller",
             *[f"-G{k}={v}" for k, v in values.items()], *sources()])
        print(f"{shape}: clean")


def synth(shapes):
    need("yosys")
    for shape in shapes or SYNTHESIS:
        _, values = parameters(shape)
        change = " ".join(f"-set {k} {v}" for k, v in values.items())
        script = (f"read_verilog -sv -I. {' '.join(sources())}; "
                  f"chparam {change} memprop_controller; "
                  "hierarchy -check -top memprop_controller; proc; "
                  "select -assert-none t:$dlatch t:$adlatch t:$dlatchsr %u %u; "
                  "flatten; synth -top memprop_controller; "
                  "select -assert-none t:$_DLATCH_*; check; stat")
        text = run(["yosys", "-p", script])
        cells = int(re.findall(r"Number of cells:\s+(\d+)", text)[-1])
        last = text[text.rindex("Number of cells:"):]
        registers = sum(int(n) for n in re.findall(r"\$_(?:S|A|)DFFE?_\w*\s+(\d+)", last))
        registers += sum(int(n) for n in re.findall(r"\$_SDFFCE_\w*\s+(\d+)", last))
        problems = re.findall(r"Found and reported (\d+) problems", text)
        print(f"{shape}: {cells} cells, {registers} register bits, no latches, "
              f"{problems[-1]} problems found by check")
        if registers == 0:
            sys.exit("expected registers, found none")


def replay(shape, program, edges):
    need("iverilog")
    widths, values = parameters(shape)
    lines = sum(widths[1:])
    rows = sum(widths[:-1]) + (len(widths) - 1) * int(values["BIAS"])
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        stimulus, expected, found = work / "stimulus.hex", work / "expected.hex", work / "found.hex"
        run([program, edges, "7", str(stimulus), str(expected)])
        count = sum(1 for _ in stimulus.open())
        values.setdefault("CHANNELS", lines)
        values.update(LINES=lines, ROW_LINES=rows, EDGES=count)
        top = work / "top.sv"
        setting = ", ".join(f".{k}({v})" for k, v in values.items())
        top.write_text(f"module top;\n  memprop_replay #({setting}) replay ();\nendmodule\n")
        run(["iverilog", "-g2012", "-I.", "-s", "top", "-o", str(work / "replay.vvp"),
             str(top), str(HERE / "memprop_replay.sv"), *sources()])
        run(["vvp", str(work / "replay.vvp"), f"+stimulus={stimulus}", f"+trace={found}"])
        one, two = expected.read_text().split(), found.read_text().lower().split()
        if len(two) != count:
            sys.exit(f"expected a trace of {count} edges, found {len(two)}")
        # The first reset comes after the registers are programmed; before it pins are unknown.
        first = next(k for k, line in enumerate(two) if "x" not in line)
        for k in range(first, count):
            if one[k] != two[k]:
                sys.exit(f"edge {k}: expected {one[k]}, found {two[k]}")
        if first > count // 10:
            sys.exit(f"expected known pins after a reset, found the first at edge {first}")
        print(f"{shape}: {count - first} edges equal in Icarus")


def adc():
    need("iverilog")
    for lines, channels, delay in ((10, 4, 3), (10, 10, 2), (7, 1, 1), (5, 3, 4)):
        with tempfile.TemporaryDirectory() as folder:
            top = pathlib.Path(folder) / "top.sv"
            top.write_text(f"module top;\n  memprop_adc_bench #(.LINES({lines}), "
                           f".CHANNELS({channels}), .DELAY({delay})) bench ();\nendmodule\n")
            program = str(top.with_suffix(".vvp"))
            run(["iverilog", "-g2012", "-s", "top", "-o", program, str(top),
                 str(HERE / "memprop_adc_bench.sv"), "memprop_adc.sv"])
            answer = run(["vvp", program])
            if "passed" not in answer:
                sys.exit(answer)
            print(f"{lines} lines, {channels} converters of {delay} cycles: 1 to 16 samples right")


def main():
    what, *rest = sys.argv[1:] or [""]
    if what == "lint":
        lint(rest)
    elif what == "synth":
        synth(rest)
    elif what == "adc":
        adc()
    elif what == "replay" and len(rest) == 3:
        replay(rest[0], str(pathlib.Path(rest[1]).resolve()), rest[2])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
