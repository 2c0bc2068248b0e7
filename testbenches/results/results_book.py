#!/usr/bin/env python3
"""The results book: runs the rows of the manifests that are not measured yet, and writes
docs/results.md from all that are.

    results_book.py [--memprop PROGRAM] [--only PATTERN ...] [--again] [--threads N] [--work FOLDER]
    results_book.py --list | --check | --write

Without --list, --check or --write the chosen rows are run, seed by seed; each finished seed is kept
as a small file in measured/ and is not run again unless --again is given or its settings have changed.
An interrupted run goes on from its checkpoint. --write rebuilds docs/results.md; --check only says
whether it is up to date. Exit code: 0, 1 when a run failed or the text is out of date, 2 for a wrong
manifest, 130 after Ctrl-C. README.md says what may stand in a manifest.
"""

import argparse
import fnmatch
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import book
import book_text

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]


def commit_of(project):
    """The commit, with -dirty where more has changed than what is measured."""
    def git(*what):
        return subprocess.run(["git", "-C", str(project), *what], capture_output=True, text=True,
                              check=False).stdout.strip()
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".",
                  ":!testbenches/results/measured", ":!docs/results.md")
    return (git("describe", "--always") or "unknown") + ("-dirty" if changed else "")


def missing_data(row, data):
    """Why the row cannot be run; empty if it can."""
    if "{data}" in json.dumps(row.settings) or row.needs:
        if not data and ("{data}" in json.dumps(row.settings)
                         or not all(Path(need).is_absolute() for need in row.needs)):
            return "MEMPROP_DATA_DIR names no folder of data sets"
        for need in row.needs:
            if not (Path(data) / need).exists():
                return (f"no {need}" if Path(need).is_absolute()
                        else f"no {need} in MEMPROP_DATA_DIR")
    return ""


def chip_figures(result):
    """What is kept of a run on the chip beside its accuracy: the last three are lists per layer, nJ
    per training sample, and the share of the phases that ended before the network had settled, in
    percent, of the worst kind of phase."""
    if result.get("fidelity") not in ("cycle", "rtl"):
        return {}
    samples = result["training_samples"]
    layers = [l for l in range(1, 100) if f"layer{l}_cosine_applied" in result]
    unsettled = [result[f"unsettled_{p}"] / result[f"phases_{p}"]
                 for p in ("free", "positive", "negative") if result.get(f"phases_{p}")]
    energy = sum(v for k, v in result.items() if k.startswith("energy_"))
    reference = result.get("accuracy_ideal")
    return {"ideal": None if reference is None else 100 * reference,
            "cycles": result["cycles"] / samples if samples else None,
            "energy_nj": 1e9 * energy / samples if samples else None,
            "unsettled": 100 * max(unsettled) if unsettled else None,
            "cosine_wanted": [result[f"layer{l}_cosine_wanted"] for l in layers],
            "cosine_applied": [result[f"layer{l}_cosine_applied"] for l in layers]}


def run_seed(row, seed, arguments):
    """One seed of a row; what is kept of it."""
    folder = arguments.work / f"{row.name}-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    data = os.environ.get("MEMPROP_DATA_DIR", "")
    trace = folder / "run.h5"
    stale = folder / "settings.json"
    settings = row.all_settings(seed, data)
    now = {"settings": settings, "config": row.key()}  # the key follows the file, too
    if stale.exists() and json.loads(stale.read_text()) != now:
        for file in folder.iterdir():
            file.unlink()
    stale.write_text(json.dumps(now))
    command = [str(arguments.memprop), "run", str(HERE / row.config), "--quiet", "--json",
               "-o", str(trace), "--threads", str(arguments.threads)]
    for setting in settings:
        command += ["--set", setting]
    if (folder / "run.h5.ckpt").exists():
        command.append("--resume")
    commit = commit_of(PROJECT)  # of the start: the text may change meanwhile
    before = time.monotonic()
    cpu = os.times()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False)
    after = os.times()
    if done.returncode == 130:
        raise KeyboardInterrupt
    if row.may_diverge and done.returncode != 0 and "non-finite" in done.stderr:
        return {"row": row.name, "seed": seed, "settings": row.key(), "diverged": True,
                "last": 0.0, "best": 0.0, "epochs": [0.0], "wall_s": None, "cpu_s": None,
                "commit": commit, "date": time.strftime("%Y-%m-%d")}
    if done.returncode != 0:
        raise book.RunFailed(f"{row.name}, seed {seed}: {done.stderr.strip()}")
    result = json.loads(done.stdout)
    resumed = "--resume" in command
    return {
        "row": row.name, "seed": seed, "settings": row.key(),
        "last": 100 * result["accuracy"], "best": 100 * result["accuracy_best_epoch"],
        "figures": {key: 100 * value for key, value in result.items()
                    if key.startswith(book.SHARES) and isinstance(value, (int, float))},
        "epochs": [round(100 * a, 4) for a in result["accuracy_per_epoch"]],
        **{name: result[key] for name, key in
           (("deviation", "epoch_deviation"), ("drop", "largest_drop"),
            ("residual", "free_residual"), ("oscillation", "free_oscillation"))
           if result.get(key) is not None},
        "wall_s": None if resumed else round(time.monotonic() - before, 1),
        "cpu_s": None if resumed else round(after.children_user + after.children_system
                                            - cpu.children_user - cpu.children_system, 1),
        **chip_figures(result), "commit": commit, "date": time.strftime("%Y-%m-%d")}


def run_rows(rows, arguments):
    failed = 0
    for row in (r for r in rows if not r.of):
        reason = missing_data(row, os.environ.get("MEMPROP_DATA_DIR", ""))
        for seed in row.seeds:
            if row.measured(seed) and not arguments.again:
                continue
            if reason:
                print(f"{row.name}: not run: {reason}", flush=True)
                break
            print(f"{row.name}, seed {seed} ...", flush=True)
            try:
                found = run_seed(row, seed, arguments)
            except book.RunFailed as error:
                print(error, file=sys.stderr, flush=True)
                failed += 1
                continue
            row.keep(found)
            print(f"{row.name}, seed {seed}: last {found['last']:.2f} %, best {found['best']:.2f} %",
                  flush=True)
    return failed


def list_rows(rows):
    for row in rows:
        done = sum(1 for seed in row.seeds if row.measured(seed))
        print(f"{row.name:32} {done}/{len(row.seeds)} seeds  {row.about}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--memprop", type=Path, default=PROJECT / "build/test/cli/memprop")
    parser.add_argument("--only", nargs="+", default=["*"], metavar="PATTERN")
    parser.add_argument("--again", action="store_true", help="also what is measured")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--work", type=Path, default=PROJECT / "build/results")
    parser.add_argument("--manifests", type=Path, default=HERE, help=argparse.SUPPRESS)
    parser.add_argument("--text", type=Path, default=PROJECT / "docs/results.md",
                        help=argparse.SUPPRESS)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    arguments.work = arguments.work.resolve()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        tables = book.read_all(arguments.manifests)
        rows = [r for t in tables for r in t.rows
                if any(fnmatch.fnmatch(r.name, p) for p in arguments.only)]
        if not rows:
            raise book.ManifestError(f"no row is named {' '.join(arguments.only)}")
        if arguments.list:
            list_rows(rows)
            return 0
        if arguments.check or arguments.write:
            text = book_text.write(tables)
            if arguments.write:
                arguments.text.write_text(text, encoding="utf-8")
                return 0
            if arguments.text.read_text(encoding="utf-8") != text:
                print("docs/results.md is out of date: results_book.py --write", file=sys.stderr)
                return 1
            return 0
        return 1 if run_rows(rows, arguments) else 0
    except book.ManifestError as error:
        print(f"results book: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("results book: interrupted; the same command goes on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
