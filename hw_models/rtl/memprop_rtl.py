#!/usr/bin/env python3
"""Makes a model of a controller in Verilog or SystemVerilog that memprop can link or load.

  memprop_rtl.py check  --top M [--param N=V]... [shape] SOURCE...
  memprop_rtl.py emit   --top M [--param N=V]... [shape] --symbol S --out MODEL.cpp SOURCE...
  memprop_rtl.py model  --top M [--param N=V]... [shape] SOURCE...

check compares the ports of the module with those of the chip's digital/analog border and names
every difference; emit also writes one C++ file with the verilated module behind the interface of
rtl_abi.hpp, for linking (memprop_add_rtl); model also compiles it into a shared object in the cache
folder (MEMPROP_CACHE_DIR, or memprop/ in XDG_CACHE_HOME or ~/.cache) and prints its path.

shape: --layers 784,128,10 [--bias] --x-bits 8 --adc-bits 10 [--channels N]: the chip that the
controller drives; N converters, one per neuron unless given.
Its widths are given to parameters of the module that have the names of STANDARD below, unless
--param sets them. Without --layers widths are only checked against each other.
"""

import argparse
import difflib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
VERILATOR_FLAGS = ["--no-timing", "-Wno-fatal", "-O3", "--x-assign", "0", "--x-initial", "0",
                   "--noassert"]
COMPILER_FLAGS = ["-std=c++17", "-O2", "-fPIC", "-w", "-fvisibility=hidden", "-fno-gnu-unique"]


class Problem(Exception):
    """Something that the user can put right; its text is the whole message."""


# ------------------------------------------------------------------ the chip's shape and its pins

class Shape:
    """What the widths of pins follow from; None where it is not known."""

    def __init__(self, layers=None, bias=False, x_bits=None, adc_bits=None, channels=None):
        self.layers, self.bias, self.x_bits, self.adc_bits = layers, bias, x_bits, adc_bits
        self.channels = channels

    def standard(self):
        """Values of the parameters that a module may have under these names."""
        if self.layers is None:
            return {}
        rows = [n + (1 if self.bias else 0) for n in self.layers[:-1]]
        values = {"INPUTS": self.layers[0], "OUTPUTS": self.layers[-1],
                  "TILES": len(self.layers) - 1, "LAYERS": len(self.layers),
                  "LINES": sum(self.layers[1:]), "NEURONS": sum(self.layers[1:]),
                  "ROW_LINES": sum(rows), "COL_LINES": sum(self.layers[1:]),
                  "BIAS": 1 if self.bias else 0}
        if self.channels is not None:
            values["CHANNELS"] = self.channels
        if self.x_bits is not None:
            values["X_W"] = self.x_bits
        if self.adc_bits is not None:
            values["ADC_W"] = self.adc_bits
        packed = 0
        for k, width in enumerate(self.layers):
            packed |= width << (32 * k)
        values["WIDTHS"] = f"{32 * len(self.layers)}'h{packed:x}"
        return values

    def pins(self):
        """name -> (direction, width or None, why that width, required)."""
        known = self.layers is not None
        standard = self.standard()
        tiles = standard["TILES"] if known else None

        def wide(count, bits, what):
            if not known or bits is None:
                return None, ""
            return count * bits, f" ({count} {what} of {bits} bits)"

        x_wide, x_why = wide(standard.get("INPUTS", 0), self.x_bits, "inputs")
        lines = standard.get("LINES", 0)
        converters = self.channels or lines
        shared = f"converters of {lines} neurons" if converters != lines else "neurons"
        a_wide, a_why = wide(converters, self.adc_bits, shared)
        groups = -(-lines // converters) if known else 1
        rows, cols = standard.get("ROW_LINES"), standard.get("COL_LINES")
        per_tile = f" ({tiles} tiles)" if known else ""
        rows_why = " (rows of all tiles)" if known else ""
        cols_why = " (columns of all tiles)" if known else ""
        one = (1, "")
        table = {}

        def pin(direction, name, width, required=True):
            table[name] = (direction, width[0], width[1], required)

        for name in ("clk", "rst_n", "start", "train", "adc_done"):
            pin("input", name, one)
        pin("input", "adc_data", (a_wide, a_why))
        pin("output", "phase", (4, ""))
        for name in ("x_dac_load", "row_en", "nudge_en", "nudge_sign"):
            pin("output", name, one)
        pin("output", "sh_en", (3, " (one per sample-and-hold bank)"))
        pin("output", "adc_start", one)
        pin("output", "adc_bank", (2, ""))
        pin("output", "upd_en", one)
        pin("output", "upd_pol", (tiles, per_tile))
        pin("output", "row_pulse", (rows, rows_why))
        pin("output", "col_pulse", (cols, cols_why))
        for name in ("busy", "done"):
            pin("output", name, one)
        group = (max(1, (groups - 1).bit_length()), f" ({groups} groups of neurons)")
        pin("output", "adc_group", group if known else (None, ""), groups > 1)
        # Without these a controller works as well; docs/cosimulation.md says how.
        pin("output", "x_code", (x_wide, x_why), False)
        pin("input", "x_in", (x_wide, x_why), False)
        for name in ("row_pulse_change", "col_pulse_change"):
            pin("output", name, one, False)
        # The register port of our controller (digital/registers.toml).
        pin("input", "por_n", one, False)
        pin("input", "x_bank", one, False)
        for name in ("reg_we", "reg_re"):
            pin("input", name, one, False)
        pin("input", "reg_addr", (None, ""), False)
        pin("input", "reg_wdata", (32, ""), False)
        pin("input", "reg_be", (4, ""), False)
        pin("output", "reg_rdata", (32, ""), False)
        for name in ("reg_ack", "reg_err", "irq"):
            pin("output", name, one, False)
        return table


def compare_ports(found, pins, top):
    """Sentences about every port that is not what the border needs."""
    problems = []
    found_by_name = {name: (direction, bits) for name, direction, bits in found}
    unknown = [name for name in found_by_name if name not in pins and not name.startswith("dbg_")]
    missing = [name for name, pin in pins.items() if pin[3] and name not in found_by_name]

    def says(direction, bits):
        return f"{direction} of {bits} bit{'s' if bits != 1 else ''}"

    for name, (direction, bits, why, _) in pins.items():
        if name not in found_by_name:
            if name in missing:
                guess = difflib.get_close_matches(name, unknown, 1)
                wanted = says(direction, bits) if bits is not None else direction
                also = f" (found '{guess[0]}')" if guess else ""
                problems.append(f"port '{name}': expected {wanted}{why}, found no such port{also}")
            continue
        has_direction, has_bits = found_by_name[name]
        if has_direction != direction:
            problems.append(f"port '{name}': expected {direction}, found {has_direction}")
        elif bits is not None and has_bits != bits:
            problems.append(f"port '{name}': expected {says(direction, bits)}{why}, "
                            f"found {has_bits}")
    for name in unknown:
        direction, bits = found_by_name[name]
        guess = difflib.get_close_matches(name, missing or pins, 1)
        hint = f"; did you mean '{guess[0]}'?" if guess else ""
        problems.append(f"port '{name}': {says(direction, bits)} that the border does not have "
                        f"(outputs named dbg_... are left alone){hint}")
    return [f"module '{top}': {text}" for text in problems]


# ------------------------------------------------------------------ Verilator

def tool(name, package):
    path = shutil.which(name)
    if path is None:
        raise Problem(f"expected the program '{name}' in PATH to build a controller from Verilog "
                      f"sources, found none: install the package {package}")
    return path


def compiler():
    named = os.environ.get("CXX")
    if named:
        return named.split()
    for name in ("g++", "c++", "clang++"):
        if shutil.which(name):
            return [name]
    raise Problem("expected a C++ compiler in PATH (or in CXX) to build a controller from Verilog "
                  "sources, found none: install the package g++")


def modules_in(sources):
    """Names of the modules in the sources, for a message."""
    names = []
    for source in sources:
        text = Path(source).read_text(errors="replace")
        text = re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.S)
        names += re.findall(r"\bmodule\s+(?:automatic\s+)?(\w+)", text)
    return names


def missing_top(text):
    return re.search(r"--top-module '.*' was not found in design", text) is not None


def run_verilator(arguments, what, top=None, sources=()):
    done = subprocess.run([tool("verilator", "verilator"), *VERILATOR_FLAGS, *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          text=True, errors="replace")
    if done.returncode != 0:
        if missing_top(done.stdout) and top is not None:
            modules = modules_in(sources)
            guess = difflib.get_close_matches(top, modules, 1)
            raise Problem(f"expected a module '{top}' in "
                          + ", ".join(f"'{s}'" for s in sources) + ", found "
                          + (", ".join(dict.fromkeys(modules)) or "no module")
                          + (f"; did you mean '{guess[0]}'?" if guess else ""))
        lines = [l for l in done.stdout.splitlines() if l.startswith("%Error")]
        raise Problem(f"Verilator could not {what}:\n  "
                      + "\n  ".join(lines[:12] or done.stdout.splitlines()[-12:]))
    return done.stdout


def width_of(types, type_id):
    """Bits of a data type in Verilator's XML."""
    element = types[type_id]
    if element.tag == "basicdtype":
        if "left" in element.attrib:
            return abs(int(element.get("left")) - int(element.get("right"))) + 1
        return {"int": 32, "integer": 32, "byte": 8, "shortint": 16,
                "longint": 64}.get(element.get("name"), 1)
    if element.tag == "packarraydtype":
        low, high = [int(re.sub(r".*'s?h", "", c.get("name")), 16) for c in element.iter("const")]
        return (abs(low - high) + 1) * width_of(types, element.get("sub_dtype_id"))
    if element.tag in ("refdtype", "enumdtype"):
        return width_of(types, element.get("sub_dtype_id"))
    if element.tag == "structdtype":
        return sum(width_of(types, m.get("sub_dtype_id") or m.get("dtype_id"))
                   for m in element.iter("memberdtype"))
    raise Problem(f"a port has the type {element.tag}, expected a packed vector")


def elaborate(sources, defines, top, parameters, includes):
    """(ports as (name, direction, bits), names of the parameters, files read) of the module."""
    with tempfile.TemporaryDirectory() as folder:
        run_verilator(["--xml-only", "--Mdir", folder, "--prefix", "Vmodel", "--top-module", top,
                       *[f"+incdir+{i}" for i in includes],
                       *[f"-G{n}={v}" for n, v in parameters.items()], *defines,
                       *map(str, sources)], f"read the module '{top}'", top, sources)
        tree = ElementTree.parse(Path(folder) / "Vmodel.xml").getroot()
    types = {t.get("id"): t for t in tree.iter() if t.tag.endswith("dtype") and t.get("id")}
    for module in tree.iter("module"):
        if module.get("topModule") == "1":
            break
    else:
        raise Problem(f"Verilator found no module '{top}'")
    ports = [(int(v.get("pinIndex")), v.get("name"), v.get("dir"),
              width_of(types, v.get("dtype_id")))
             for v in module.iter("var") if v.get("dir") and v.get("pinIndex")]
    names = [v.get("name") for v in module.iter("var") if v.get("param") == "true"]
    # The included files, too: whatever their names and folders are, the model depends on them.
    # Its XML has every byte of a name as a character, and also names cut off at a space.
    files = {Path(os.fsdecode(f.get("filename").encode("latin-1", "replace"))).resolve()
             for f in tree.iter("file")}
    return [p[1:] for p in sorted(ports)], names, sorted(f for f in files if f.is_file())


# ------------------------------------------------------------------ the job

class Job:
    def __init__(self, arguments):
        self.sources = [Path(s).resolve() for s in arguments.sources]
        for source in self.sources:
            if not source.is_file():
                raise Problem(f"Verilog source '{source}': no such file")
        self.top = arguments.top
        self.includes = sorted({str(s.parent) for s in self.sources})
        layers = None
        if arguments.layers:
            if not re.fullmatch(r"[1-9]\d*(,[1-9]\d*)+", arguments.layers):
                raise Problem(f"layers '{arguments.layers}': expected numbers of neurons from the "
                              "inputs on, as in 784,128,10")
            layers = [int(n) for n in arguments.layers.split(",")]
        channels = arguments.channels
        if channels is not None and layers and not 1 <= channels <= sum(layers[1:]):
            raise Problem(f"channels {channels}: expected 1 to {sum(layers[1:])} converters, one "
                          "per neuron at most")
        self.shape = Shape(layers, arguments.bias, arguments.x_bits, arguments.adc_bits, channels)
        self.parameters = {}
        for text in arguments.param:
            name, equals, value = text.partition("=")
            if not equals or not re.fullmatch(r"[A-Za-z_]\w*", name) or not value:
                raise Problem(f"parameter '{text}': expected NAME=VALUE")
            self.parameters[name] = value
        for text in arguments.define:
            if not re.fullmatch(r"\w+(=\S+)?", text):
                raise Problem(f"define '{text}': expected NAME or NAME=VALUE")
        self.offers = dict(text.split("=", 1) for text in arguments.offer)
        self.defines = [f"-D{d}" for d in arguments.define]
        self.optimise = arguments.optimise
        self.files = []  # all that were read, known after check()

    def verilator_arguments(self):
        return [*self.defines, *[f"+incdir+{i}" for i in self.includes],
                *[f"-G{n}={v}" for n, v in self.parameters.items()]]

    def check(self):
        """Sets the standard parameters that the module has; its ports, or Problem."""
        given = dict(self.parameters)
        # Elaborated with its defaults first: Verilator refuses values of parameters that are not.
        _, names, _ = elaborate(self.sources, self.defines, self.top, {}, self.includes)
        strange = [n for n in given if n not in names]
        if strange:
            raise Problem(f"module '{self.top}' has no parameter '{strange[0]}'; it has "
                          + (", ".join(names) or "none"))
        for name, value in {**self.shape.standard(), **self.offers}.items():
            if name in names and name not in given:
                self.parameters[name] = str(value)
        ports, _, self.files = elaborate(self.sources, self.defines, self.top, self.parameters,
                                         self.includes)
        problems = compare_ports(ports, self.shape.pins(), self.top)
        if problems:
            raise Problem("\n".join(problems))
        return ports

    def digest(self, ports, extra=()):
        h = hashlib.sha256()
        for text in (self.top, repr(sorted(self.parameters.items())), repr(self.defines),
                     repr(VERILATOR_FLAGS), repr(ports), *extra):
            h.update(text.encode() + b"\0")
        # The order of the sources counts, that of the included files does not.
        read = self.sources + [f for f in self.files if f not in self.sources]
        for source in read + self.memories() + sorted(HERE.glob("*.[chi]*")):
            h.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
        h.update(Path(__file__).read_bytes())
        return h.hexdigest()[:24]

    def memories(self):
        """Files that $readmemh may want: Verilator does not list them."""
        found = set()
        for folder in self.includes:
            for pattern in ("*.mem", "*.hex"):
                found.update(Path(folder).glob(pattern))
        return sorted(found)

    def write_dependencies(self, target, path):
        """A makefile rule: target depends on every file that was read."""
        def escaped(name):
            return re.sub(r"([ #\\])", r"\\\1", str(name)).replace("$", "$$")

        files = dict.fromkeys(self.sources + self.files + self.memories())
        Path(path).write_text(escaped(target) + ":"
                              + "".join(f" \\\n  {escaped(f)}" for f in files) + "\n")

    def emit(self, ports, symbol, out, digest):
        """One C++ file with the verilated module and the interface around it."""
        out = Path(out).resolve()
        prefix = "Vmemprop_" + re.sub(r"\W", "_", symbol)
        folder = out.parent / (out.stem + ".verilated")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        run_verilator(["--cc", "--savable", "--Mdir", str(folder), "--prefix", prefix,
                       "--top-module", self.top, *self.verilator_arguments(),
                       *map(str, self.sources)], f"translate the module '{self.top}'")
        includes = "\n".join(f'#include "{p.name}"' for p in sorted(folder.glob("*.cpp")))
        table = ",\n".join(f'    {{"{n}", {1 if d == "output" else 0}, {b}}}'
                           for n, d, b in ports)
        # A wide port is an array behind a small class: its first word is where it is stored.
        pointers = "\n".join(f"    case {k}: return static_cast<void*>(&top.{n}"
                             f"{'[0]' if b > 64 else ''});" for k, (n, d, b) in enumerate(ports))
        text = (HERE / "model.cpp.in").read_text()
        for name, value in {"TOP": self.top, "PREFIX": prefix, "INCLUDES": includes,
                            "PORTS": table, "POINTERS": pointers, "SYMBOL": symbol,
                            "PARAMETERS": " ".join(f"{n}={v}" for n, v
                                                   in sorted(self.parameters.items())),
                            "DIGEST": digest}.items():
            text = text.replace(f"@{name}@", value)
        out.write_text(text)
        return folder

    def model(self, ports):
        """Path of the shared object in the cache folder, built unless it is there."""
        cxx = compiler()
        if shutil.which(cxx[0]) is None:
            raise Problem(f"expected a C++ compiler by the name in CXX, found no program '{cxx[0]}'")
        version = subprocess.run([*cxx, "--version"], capture_output=True, text=True,
                                 check=False).stdout.splitlines()[:1]
        verilator = run_verilator(["--version"], "say its version")
        flags = [*COMPILER_FLAGS[:1], f"-O{self.optimise}", *COMPILER_FLAGS[2:]]
        digest = self.digest(ports, [verilator, *version, repr(flags), repr(cxx)])
        cache = cache_folder()
        target = cache / f"{self.top}-{digest}.so"
        if target.is_file():
            return target
        root = verilator_root()
        sweep(cache)
        with tempfile.TemporaryDirectory(prefix="building-", dir=cache) as scratch:
            scratch = Path(scratch)
            source = scratch / "model.cpp"
            folder = self.emit(ports, "memprop_rtl_model", source, digest)
            include = [f"-I{root}/include", f"-I{root}/include/vltstd", f"-I{folder}", f"-I{HERE}"]

            def compile_one(path, made):
                command = [*cxx, *flags, *include, "-c", str(path), "-o", str(made)]
                done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      check=False, text=True, errors="replace")
                if done.returncode != 0:
                    raise Problem("the verilated model did not compile: "
                                  + " ".join(command) + "\n" + done.stdout[-2000:])
                return str(made)

            def runtime():
                # The same for all models, so kept beside them.
                key = hashlib.sha256((HERE / "rtl_runtime.cpp").read_bytes())
                key.update(repr([verilator, version, flags, cxx]).encode())
                kept = cache / f"runtime-{key.hexdigest()[:24]}.o"
                if not kept.is_file():
                    made = scratch / "runtime.o"
                    compile_one(HERE / "rtl_runtime.cpp", made)
                    os.replace(made, kept)
                return str(kept)

            with ThreadPoolExecutor(2) as pool:
                parts = [pool.submit(compile_one, source, scratch / "model.o"),
                         pool.submit(runtime)]
                objects = [part.result() for part in parts]
            built = scratch / "model.so"
            done = subprocess.run([*cxx, "-shared", "-Wl,-Bsymbolic", "-o", str(built), *objects,
                                   "-lpthread"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  check=False, text=True, errors="replace")
            if done.returncode != 0:
                raise Problem("the verilated model did not link: " + done.stdout[-2000:])
            # Another process may have finished first; both files are the same.
            os.replace(built, target)
        return target


def cache_folder():
    named = os.environ.get("MEMPROP_CACHE_DIR")
    if not named:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        named = os.path.join(base, "memprop")
    folder = Path(named) / "rtl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Problem(f"cannot write the cache folder '{folder}' ({error.strerror}): set "
                      "MEMPROP_CACHE_DIR to another one") from error
    return folder


def sweep(cache):
    """Removes what compilations that were killed have left: nothing of the last day."""
    for folder in cache.glob("building-*"):
        try:
            if time.time() - folder.stat().st_mtime > 86400:
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # somebody else was faster
            pass


def verilator_root():
    return subprocess.run([tool("verilator", "verilator"), "--getenv", "VERILATOR_ROOT"],
                          capture_output=True, text=True, check=True).stdout.strip()


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["check", "emit", "model"])
    parser.add_argument("--top", required=True)
    parser.add_argument("--param", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--offer", action="append", default=[], metavar="NAME=VALUE",
                        help="as --param, if the module has such a parameter")
    parser.add_argument("--define", action="append", default=[], metavar="NAME[=VALUE]")
    parser.add_argument("--layers")
    parser.add_argument("--bias", action="store_true")
    parser.add_argument("--x-bits", type=int)
    parser.add_argument("--adc-bits", type=int)
    parser.add_argument("--channels", type=int)
    parser.add_argument("--symbol")
    parser.add_argument("--out")
    parser.add_argument("--depfile", help="emit: a makefile rule of the files that were read")
    parser.add_argument("--optimise", default=os.environ.get("MEMPROP_RTL_OPTIMISE", "2"),
                        choices=["0", "1", "2", "3"], help="of the C++ compiler")
    parser.add_argument("sources", nargs="+")
    arguments = parser.parse_args(argv)
    if arguments.mode == "emit" and not (arguments.symbol and arguments.out):
        parser.error("emit needs --symbol and --out")
    return arguments


def main(argv):
    arguments = parse(argv)
    try:
        job = Job(arguments)
        ports = job.check()
        if arguments.mode == "check":
            for name, direction, bits in ports:
                print(f"{direction} {name} {bits}")
        elif arguments.mode == "emit":
            job.emit(ports, arguments.symbol, arguments.out, job.digest(ports))
            if arguments.depfile:
                job.write_dependencies(arguments.out, arguments.depfile)
        else:
            print(job.model(ports))
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted while a controller was being compiled", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
