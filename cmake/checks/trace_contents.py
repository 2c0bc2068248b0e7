#!/usr/bin/env python3
"""Compares docs/trace-format.md with what runs write: trace_contents.py --source DIR --memprop PROGRAM

The tables of the page name every data set and attribute with type, axes, unit and the runs that
have it. Small runs of every fidelity are made here, and checked in both directions: nothing is
written that is not in a table, nothing is in a table that is not written.
Exit status 77: h5py is not here.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

try:
    import h5py
    import numpy as np
except ImportError as error:
    print("not run:", error)
    sys.exit(77)

PLACEHOLDERS = {"<l>": r"\d+", "<phase>": "(?:free|positive|negative)",
                "<part>": "(?:arrays|neurons|converters|writes|digital)",
                "<flag>": "(?:x_dac_load|row_en|nudge_en|nudge_sign|adc_start|adc_done|upd_en|busy)",
                "<probe>": r"(?:controller|layer\d+|tile\d+)/.+",
                "<word>": "(?:sh_en|adc_bank|upd_pol)"}
# What HDF5 and the page's own table say about any data set.
COMMON_ATTRIBUTES = {"units", "long_name", "CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST",
                     "_Netcdf4Dimid"}

# name -> (fidelity, configuration). Between them they switch everything on that a run may write,
# and everything off that it may leave out.
COMMON = """
[data]
name = "files"
train_inputs = "points.csv"
test_on_train = true
[network]
layers = [2, 3, 2]
feedback_gain = 0.2
"""
RUNS = {
    "cycle, everything": ("cycle", COMMON + """
bias = true
feedback = "separate"
[network.time_constant]
source = "leak"
[chip]
feedback = "separate-array"
[monitor]
gradient_every = 1
state_every = 2
[output]
probes = ["*"]
samples = [0, 3]
"""),
    "cycle, differential pairs": ("cycle", COMMON + """
[chip]
pair = "differential"
[output]
update_every = 0
"""),
    "cycle, wires and wear": ("cycle", COMMON + """
[chip.wires]
row = "1 ohm"
column = "1 ohm"
[chip.endurance]
failure_pulses = 1e6
[chip.difference_amplifier]
gain = 2
"""),
    "cycle, little": ("cycle", COMMON + """
[learning]
nudging = "one-sided"
[monitor]
gradient_every = 0
"""),
    "cycle, inference": ("cycle", COMMON + """
[learning]
train = false
"""),
    "ideal": ("ideal", COMMON),
    "cycle, tasks": ("cycle", COMMON + """
[chip]
pair = "differential"
[tasks]
classes = 1
[sleep]
enabled = true
steps = 20
threshold = [0.5, 0.5]
gate = "hard"
random = "shift-register"
mean_bits = 4
"""),
    "ideal, inference": ("ideal", COMMON + "[learning]\ntrain = false\n"),
    "ideal, tasks": ("ideal", COMMON + "[tasks]\nclasses = 1\n[sleep]\nenabled = true\n"
                     "steps = 20\nthreshold = [0.5, 0.5]\n"),
    "ode": ("ode", COMMON + "bias = true\n"),
    "ode, links": ("ode", COMMON.replace("[2, 3, 2]", "[2, 3, 3, 3, 2]") + 'links = ["1-3"]\n'),
}


def template(path):
    pattern = re.escape(path)
    for placeholder, text in PLACEHOLDERS.items():
        pattern = pattern.replace(re.escape(placeholder), text)
    return re.compile(pattern)


class Row:
    def __init__(self, cells):
        path, self.type, self.axes, self.unit, self.runs = (c.strip() for c in cells[:5])
        self.path = path.strip("`")
        self.unit = self.unit.strip("`")
        self.pattern = template(self.path)
        self.optional = "where" in self.runs
        self.fidelities = (["ideal", "ode", "cycle"] if self.runs.startswith("all")
                           else [self.runs.split()[0].strip(",")])


def tables(text):
    """Rows of the tables whose first column is headed 'data set' or 'attribute of'."""
    rows, attributes, kind = [], [], None
    for line in text.splitlines():
        if not line.startswith("|"):
            kind = None
            continue
        cells = line.strip().strip("|").split("|")
        head = cells[0].strip()
        if head in ("data set", "attribute of"):
            kind = head
        elif kind and not set(head) <= set("-: "):
            if kind == "data set":
                rows.append(Row(cells))
            else:
                attributes.append((cells[0].strip().strip("`"), cells[1].strip().strip("`")))
    return rows, attributes


def type_of(data):
    return "text" if data.dtype.kind in "SO" else str(data.dtype)


def axes_of(data):
    return " x ".join(scale[0].name.rsplit("/", 1)[-1] if len(scale) else "?"
                      for scale in data.dims) or "-"


def check_dataset(path, data, rows, problems, where):
    found = [row for row in rows if row.pattern.fullmatch(path)]
    if len(found) > 1:
        problems.append(f"{where}: {path}: in more than one row")
        return None
    if not found:
        used = {axis for row in rows for axis in row.axes.split(" x ")}
        name = path.rsplit("/", 1)[-1]
        if not (h5py.h5ds.is_scale(data.id) and name in used):
            problems.append(f"{where}: {path}: not in the tables")
        elif not np.array_equal(data[()], np.arange(len(data))):
            problems.append(f"{where}: {path}: an axis that is not 0, 1, 2, ... and not in a table")
        return None
    row = found[0]
    unit = data.attrs["units"].decode() if "units" in data.attrs else "-"
    for what, said, is_so in (("type", row.type, type_of(data)), ("unit", row.unit, unit),
                              ("axes", row.axes, "-" if h5py.h5ds.is_scale(data.id) else axes_of(data))):
        if said != is_so:
            problems.append(f"{where}: {path}: {what} {is_so}, the table says {said}")
    if not data.attrs.get("long_name", b""):
        problems.append(f"{where}: {path}: no long_name")
    return row


def check(traces, text):
    """traces: list of (name, fidelity, path)."""
    rows, attributes = tables(text)
    problems = []
    seen = {row.path: [] for row in rows}
    seen_attributes = set()
    for name, fidelity, path in traces:
        here = set()
        with h5py.File(path, "r") as run:
            def visit(item_path, item, name=name, here=here):
                if isinstance(item, h5py.Dataset):
                    row = check_dataset(item_path, item, rows, problems, name)
                    if row is not None:
                        here.add(row.path)
                for attribute in item.attrs:
                    if not (isinstance(item, h5py.Dataset) and attribute in COMMON_ATTRIBUTES):
                        note(item_path, attribute, name)

            def note(item_path, attribute, name):
                match = [(g, a) for g, a in attributes
                         if a == attribute and template(g).fullmatch(item_path)]
                if not match:
                    problems.append(f"{name}: attribute {attribute} of {item_path}: not in the "
                                    "tables")
                seen_attributes.update(match)

            for attribute in run.attrs:
                note("/", attribute, name)
            run.visititems(visit)
        for row in rows:
            if row.path in here:
                seen[row.path].append(name)
                if fidelity not in row.fidelities:
                    problems.append(f"{name}: {row.path}: the table says {row.runs}")
            elif fidelity in row.fidelities and not row.optional:
                problems.append(f"{name}: {row.path}: missing, the table says {row.runs}")
    for row in rows:
        candidates = [name for name, fidelity, _ in traces if fidelity in row.fidelities]
        if not seen[row.path]:
            problems.append(f"{row.path}: in the tables, written by no run")
        elif row.optional and len(seen[row.path]) == len(candidates):
            problems.append(f"{row.path}: written by every run, the table says {row.runs}")
    for entry in attributes:
        if entry not in seen_attributes:
            problems.append(f"attribute {entry[1]} of {entry[0]}: in the tables, written by no run")
    return problems, len(rows)


def call(memprop, *arguments):
    subprocess.run([memprop, *arguments], check=True, stdout=subprocess.DEVNULL)


def resumed_trace(memprop, folder):
    """Stopped after its first checkpoint, and resumed with another probe."""
    config = folder / "resumed.toml"
    config.write_text(COMMON + "[output]\nprobes = [\"controller/phase\"]\nsamples = [0, 900]\n"
                      "checkpoint_every = 100\n[learning]\nepochs = 2000\n", encoding="utf-8")
    trace = folder / "resumed.h5"
    run = [memprop, "run", config, "-q", "-o", trace]
    process = subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    checkpoint = Path(str(trace) + ".ckpt.1")
    while process.poll() is None and not checkpoint.exists():
        time.sleep(0.005)
    process.terminate()
    if process.wait() != 130:
        raise SystemExit("the run was not interrupted")
    call(*run, "--resume", "--set", "output.probes=[\"controller/*\"]")
    return trace


def ablated_trace(memprop, folder):
    config = folder / "ablated.toml"
    config.write_text(COMMON + "[chip.noise]\nread = 0.01\n", encoding="utf-8")
    trace = folder / "ablated.h5"
    call(memprop, "run", config, "-q", "--ablate", "-o", trace)
    return trace


def make_traces(memprop, folder):
    (folder / "points.csv").write_text(
        "a,b,class\n" + "".join(f"{k % 2},{k // 2 % 2},{(k % 2) ^ (k // 2 % 2)}\n"
                                for k in range(6)), encoding="utf-8")
    traces = []
    for name, (fidelity, text) in RUNS.items():
        stem = re.sub(r"\W+", "_", name)
        config = folder / f"{stem}.toml"
        config.write_text(text, encoding="utf-8")
        trace = folder / f"{stem}.h5"
        call(memprop, "run", config, "-q", "-o", trace, "--set", f"run.fidelity={fidelity}")
        traces.append((name, fidelity, trace))
    traces.append(("cycle, resumed", "cycle", resumed_trace(memprop, folder)))
    traces.append(("cycle, ablated", "cycle", ablated_trace(memprop, folder)))
    return traces


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--memprop", required=True)
    arguments = parser.parse_args()
    os.environ["HDF5_USE_FILE_LOCKING"] = "FALSE"
    text = (arguments.source / "docs/trace-format.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="memprop-") as folder:
        problems, count = check(make_traces(arguments.memprop, Path(folder)), text)
    for problem in problems:
        print(problem)
    print(f"{count} rows, {len(RUNS) + 1} runs, {len(problems)} differences")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
