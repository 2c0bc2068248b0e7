"""Figures of runs as texts for tables."""

from __future__ import annotations

import math

from ..errors import TraceError
from ..plots.style import si
from ..run import Run, Summary

MINUS, NONE = "\u2212", "\u2013"


def percent(share: float | None, digits: int = 2) -> str:
    if share is None or not math.isfinite(share):
        return NONE
    return f"{100 * share:.{digits}f}\u00a0%"


def points(difference: float) -> str:
    """A difference of shares in percentage points, signed."""
    if not math.isfinite(difference):
        return NONE
    shown = f"{100 * difference:+.2f}"
    return "0.00" if float(shown) == 0 else shown.replace("-", MINUS)


def count(number: float | int | None, digits: int = 4) -> str:
    if number is None or not math.isfinite(number):
        return NONE
    if float(number).is_integer() or abs(number) >= 1000:
        number = round(number)
        return f"{int(number):,}".replace(",", "\u202f")
    return f"{number:.{digits}g}"


def interval(share: float, samples: int | None) -> str:
    """Wilson's 95 % interval of a share found on that many samples."""
    if not samples or not math.isfinite(share):
        return NONE
    z = 1.959964
    middle = (share + z * z / (2 * samples)) / (1 + z * z / samples)
    half = z / (1 + z * z / samples) * math.sqrt(
        share * (1 - share) / samples + z * z / (4 * samples * samples))
    return f"{100 * (middle - half):.2f} to {100 * (middle + half):.2f}\u00a0%"


def headline(summary: Summary) -> str:
    """The result of a run in a sentence."""
    what = "The chip" if summary.fidelity in ("cycle", "rtl") else f"The {summary.fidelity} model"
    if not summary.finished:
        return (f"The run is not finished: {count(summary.training_samples)} training samples so "
                "far.")
    if not math.isfinite(summary.accuracy):
        return f"{what} has no test accuracy."
    gaps = []
    for other, name in ((summary.accuracy_ideal, "its ideal reference"),
                        (summary.accuracy_backprop, "back-propagation")):
        if math.isfinite(other):
            gap = 100 * (summary.accuracy - other)
            gaps.append(f"as many as {name}" if abs(gap) < 0.005 else
                        f"{abs(gap):.2f} points {'more' if gap > 0 else 'fewer'} than {name}")
    said = f"{what} answers {percent(summary.accuracy)} of the test samples correctly"
    return said + (": " + ", ".join(gaps) if gaps else "") + "."


def each(total: float | int | None, samples: int) -> float | None:
    return None if total is None or not samples else total / samples


def key_figures(run: Run) -> list[list[str]]:
    """Rows (name, value) that describe a run and what it cost."""
    s, provenance, events = run.summary(), run.provenance, run.events()
    rows = [
        ["fidelity", s.fidelity],
        ["network", " \u2013 ".join(map(str, s.layers)) or NONE],
        ["seed", str(s.seed)],
        ["epochs", count(s.epochs)],
    ]
    if s.cycles is not None:
        rows.append(["clock cycles per training sample", count(each(s.cycles, s.counted_samples))])
    if s.energy_j is not None:
        energy = each(s.energy_j, s.counted_samples)
        rows.append(["energy per training sample", si(energy, "J") if energy else NONE])
    if s.set_pulses is not None and s.reset_pulses is not None:
        pulses = s.set_pulses + s.reset_pulses
        rows.append(["programming pulses per training sample",
                     count(each(pulses, s.counted_samples))])
        if pulses and "saturated_pulses" in events.counts:
            rows.append(["pulses that ended at a bound",
                         percent(events.counts["saturated_pulses"] / pulses, 3)])
    if s.wall_s is not None:
        rows.append(["wall time", f"{s.wall_s:.4g}\u00a0s"])
    rows.append(["memprop", str(provenance.get("version", NONE))])
    rows.append(["started", str(provenance.get("created", NONE))])
    return rows


def settling(run: Run) -> list[list[str]]:
    """Rows (phase, phases run, share not settled, mean residual); TraceError without any."""
    counts, rows = run.events().counts, []
    for phase, name in (("free", "free"), ("positive", "nudged +"), ("negative", "nudged \u2212")):
        done = counts.get(f"phases_{phase}", 0)
        if not done:
            continue
        residual = f"compare/settling_residual_{phase}"
        mean = float(run.array(residual)) if run.has(residual) else float("nan")
        rows.append([name, count(done), percent(counts.get(f"unsettled_{phase}", 0) / done),
                     f"{mean:.3g}" if math.isfinite(mean) else NONE])
    if not rows:
        raise TraceError(f"{run.path}: no phases were counted (fidelity {run.fidelity}"
                         f"{'' if run.has('compare/accuracy') else ', not finished'})")
    return rows


EVENTS = {
    "saturated_pulses": "pulses that ended at a bound of the device",
    "clipped_conversions": "ADC results outside the range",
    "saturated_differences": "differences that their amplifiers cut",
    "clipped_counts": "pulse counts cut to the most allowed",
    "clipped_inputs": "inputs outside the range of the DAC",
    "clipped_targets": "targets outside the range of the nudging DAC",
    "clipped_weights": "written weights outside what a device can hold",
    "stuck_cells": "cells that no pulse moves",
    "worn_devices": "devices that pulses have worn out",
    "unsettled_free": "free phases that had not settled",
    "unsettled_positive": "positively nudged phases that had not settled",
    "unsettled_negative": "negatively nudged phases that had not settled",
}


def event_rows(run: Run) -> tuple[list[str], list[list[str]]]:
    """(columns, rows) of what happened at least once, most often first: what, count, and, where
    the file tells when, the first and the last block and the layers."""
    events, rows = run.events(), []
    columns = ["", "count"]
    if events.log is not None:
        columns += ["in the blocks that end at samples", "layers"]
    for name, number in sorted(events.counts.items(), key=lambda item: -item[1]):
        if not number or name not in EVENTS:
            continue
        row = [EVENTS[name], count(number)]
        if events.log is not None:
            mine = events.log.isel(row=events.log["kind"].values == name)
            when, layers = NONE, NONE
            if mine.sizes["row"]:
                ends = mine["sample"].values
                first, last = int(ends.min()), int(ends.max())
                when = count(first) if first == last else f"{count(first)} to {count(last)}"
                found = sorted({int(n) for n in mine["layer"].values if n > 0})
                layers = ", ".join(map(str, found)) or NONE
            row += [when, layers]
        rows.append(row)
    return columns, rows
