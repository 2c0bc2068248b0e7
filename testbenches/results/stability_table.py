#!/usr/bin/env python3
"""The tables of a stability study: stability_table.py LINES.jsonl [--all | --grid] > stability.md

--grid: one line for each asymmetry, mean step and bounds of the nets with one hidden layer and nudges
of 0.5, a column for each family and spread. --all: a line for each cell; without either, for each
that is not in the grid:

Per cell, over its seeds: share of failed runs (states not finite, or the mean accuracy of the last
three epochs below twice chance) with Wilson's 95 % interval; standard deviation over seeds of that
accuracy, and mean of the largest drop below the best epoch, with 95 % intervals by bootstrap; and the
difference of both to the cell of equal steps.
"""

import json
import math
import random
import statistics
import sys
from collections import defaultdict
from pathlib import Path

RESAMPLES = 2000
GROUP = ("hidden", "asymmetry", "beta", "mean_dt", "clip")


def read(path):
    """Runs by group and by (family, cv), each by seed; a last line that was cut off is none."""
    groups = defaultdict(lambda: defaultdict(dict))
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        try:
            run = json.loads(line)
        except json.JSONDecodeError:
            continue
        group = tuple(run[k] for k in GROUP)
        groups[group][(run["family"], run["cv"])][run["seed"]] = run
    return groups


def failed(run):
    return not run["finite"] or run["late"] is None or run["late"] < 0.2


def wilson(bad, count, z=1.959964):
    share = bad / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count
                                               + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def interval(statistic, *samples):
    """95 % of the statistic of resampled runs, always the same draws."""
    draws = random.Random(1)
    found = sorted(statistic(*[[draws.choice(s) for _ in s] for s in samples])
                   for _ in range(RESAMPLES))
    return found[int(0.025 * RESAMPLES)], found[int(0.975 * RESAMPLES) - 1]


def deviation(runs):
    return statistics.stdev(r["late"] or 0.0 for r in runs)


def drop(runs):
    return statistics.fmean(r["drop"] or 0.0 for r in runs)


def text(value, bounds):
    return f"{100 * value:.1f} [{100 * bounds[0]:.1f}, {100 * bounds[1]:.1f}]"


def verdict(runs, scalar):
    """What the intervals of the differences to equal steps say."""
    def spread_more(a, b):
        return deviation(a) - deviation(b)

    def drop_more(a, b):
        return drop(a) - drop(b)
    words = []
    for name, statistic in (("spread", spread_more), ("drop", drop_more)):
        low, high = interval(statistic, runs, scalar)
        if low > 0:
            words.append(f"more {name}")
        elif high < 0:
            words.append(f"less {name}")
    return ", ".join(words) or "no difference"


def cells_table(groups):
    print("| hidden layers | asymmetry | nudge | mean step | bounds | steps | runs | failed | accuracy "
          "| spread over seeds | largest drop | against equal steps |")
    print("| --- " * 12 + "|")
    for group, cells in sorted(groups.items()):
        hidden, asymmetry, beta, mean_dt, clip = group
        scalar = equal_steps(cells)
        order = sorted(cells.items(), key=lambda c: (c[0][0] != "scalar", c[0]))
        for (family, cv), by_seed in order:
            runs = list(by_seed.values())
            if len(runs) < 2:
                continue
            bad = sum(failed(r) for r in runs)
            good = [r["late"] for r in runs if not failed(r)]
            accuracy = f"{100 * statistics.fmean(good):.1f}" if good else "-"
            same = "" if family == "scalar" or len(scalar) < 2 else verdict(runs, scalar)
            print(f"| {hidden} | {100 * asymmetry:g} % | {beta:g} | {mean_dt:g} | "
                  f"{'yes' if clip else 'no'} | {name(family, cv)} | {len(runs)} | "
                  f"{text(bad / len(runs), wilson(bad, len(runs)))} | {accuracy} | "
                  f"{text(deviation(runs), interval(deviation, runs))} | "
                  f"{text(drop(runs), interval(drop, runs))} | {same} |")


def grid_entry(runs, scalar):
    """Failed runs in percent, or, where none failed, accuracy and largest drop, with arrows where the
    interval of the difference to equal steps excludes 0 (drop)."""
    if len(runs) < 2:
        return ""
    bad = sum(failed(r) for r in runs)
    if bad > 0:
        return f"**{100 * bad / len(runs):.0f} %**"
    mark = ""
    if runs is not scalar and len(scalar) > 1:
        said = verdict(runs, scalar)
        mark = " ↓" if "less drop" in said else (" ↑" if "more drop" in said else "")
    return f"{100 * statistics.fmean(r['late'] for r in runs):.1f} / {100 * drop(runs):.1f}{mark}"


def grid_table(groups):
    chosen = {g: cells for g, cells in groups.items() if in_grid(g)}
    columns = sorted({c for cells in chosen.values() for c in cells},
                     key=lambda c: (c[0] != "scalar", c))
    print("| asymmetry | mean step | bounds | " + " | ".join(name(*c) for c in columns) + " |")
    print("| --- " * (3 + len(columns)) + "|")
    for (_, asymmetry, _, mean_dt, clip), cells in sorted(chosen.items()):
        scalar = equal_steps(cells)
        entries = [grid_entry(scalar if c[0] == "scalar" else list(cells.get(c, {}).values()), scalar)
                   for c in columns]
        print(f"| {100 * asymmetry:g} % | {mean_dt:g} | {'yes' if clip else 'no'} | "
              + " | ".join(entries) + " |")


def in_grid(group):
    hidden, _, beta, _, _ = group
    return hidden == 1 and beta == 0.5


def name(family, cv):
    return "equal" if family == "scalar" else f"{family}, cv {cv:g}"


def equal_steps(cells):
    return list(cells.get(("scalar", 0), cells.get(("scalar", 0.0), {})).values())


def main():
    options = [a for a in sys.argv[1:] if a in ("--all", "--grid")]
    files = [a for a in sys.argv[1:] if a not in options]
    if len(files) != 1 or len(options) > 1:
        print(__doc__.splitlines()[0], file=sys.stderr)
        return 2
    groups = read(files[0])
    if options == ["--grid"]:
        grid_table(groups)
    else:
        cells_table({g: c for g, c in groups.items() if options or not in_grid(g)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
