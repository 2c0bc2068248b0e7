"""What a run costs: programming pulses, energy, clock cycles."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..errors import TraceError
from ..run import Run
from . import style
from .gradients import chosen_layers


@style.styled
def pulses(*runs: Run) -> Figure:
    """Programming pulses per training sample over training and, where single updates were recorded
    (output.update_every), the share of pulses that ended at a bound."""
    series = [(run.name, *pulse_series(run)) for run in runs]
    single = len(runs) == 1
    saturated = any(share is not None for _, _, share in series)
    made, axes = style.figure(1, 2 if saturated else 1, height=3.0)
    told = []
    for k, (name, curves, share) in enumerate(series):
        for j, (label, x, y) in enumerate(curves):
            if single:
                options = style.line(j)
            else:
                options = {"color": style.line(k)["color"], "linestyle": style.LINES[j][1]}
            axes[0, 0].plot(x, y, label=label if single else f"{style.short(name)}, {label}",
                            marker="." if len(x) < 3 else "", **options)
            known = y[np.isfinite(y)]
            if len(known):
                told.append(f"{name}: {label} pulses from {known[0]:.4g} to {known[-1]:.4g} per "
                            "sample")
        if share is not None:
            axes[0, 1].plot(*share, label=None if single else style.short(name),
                            **style.line(k if not single else 2))
            told.append(f"{name}: {np.nanmean(share[1]):.3g} % of the pulses ended at a bound")
    axes[0, 0].set_ylabel("pulses per training sample")
    if saturated:
        axes[0, 1].set_ylabel("pulses that ended at a bound (%)")
    for a in axes[0]:
        a.set_xlabel("training samples")
        a.set_ylim(bottom=0)
        a.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    style.legend_below(made, axes)
    return style.describe(made, "Programming pulses over training. " + "; ".join(told) + ".")


def pulse_series(run: Run) -> tuple[list[tuple[str, np.ndarray, np.ndarray]], tuple | None]:
    if run.has("training/update/sample"):
        rows = run.updates()
        x = rows["sample"].values
        width = max(1, len(x) // 50)
        curves, total = [], np.zeros(len(x))
        for what, label in (("set_pulses", "SET"), ("reset_pulses", "RESET")):
            if what in rows:
                total = total + rows[what].values
                curves.append((label, *style.thin(x, style.smooth(rows[what].values, width))))
        share = None
        if "saturated_pulses" in rows and total.any():
            mean = style.smooth(total, width)
            part = style.smooth(rows["saturated_pulses"].values, width)
            share = style.thin(x, 100 * part / np.where(mean > 0, mean, np.nan))
        if curves:
            return curves, share
    training = run.training()
    if "pulses" not in training or training.sizes.get("samples", 0) == 0:
        raise TraceError(f"{run.path}: no pulses were counted {_yet(run)}")
    done = training["samples"].values
    length = np.diff(np.r_[0, done])
    each = np.diff(np.r_[0, training["pulses"].values]) / np.maximum(length, 1)
    return [("SET and RESET", done - length / 2, each)], None


def _yet(run: Run) -> str:
    return "yet" if run.fidelity in ("cycle", "rtl") else f"(fidelity {run.fidelity})"


def cycle_split(run: Run) -> dict[str, float]:
    """Mean clock cycles of a training sample by phase. From the recorded controller/phase of whole
    samples, else from the lengths in the configuration; the rest is the update."""
    summary = run.summary()
    if summary.cycles is None or not summary.counted_samples:
        raise TraceError(f"{run.path}: no clock cycles were counted {_yet(run)}")
    total = summary.cycles / summary.counted_samples
    schedule = run.config.get("chip", {}).get("schedule", {})
    each = int(schedule.get("sample", 0)) + int(schedule.get("convert", 0))
    centred = run.config.get("learning", {}).get("nudging", "centred") == "centred"
    split = {"load": float(schedule.get("load", 0)), "free": float(schedule.get("free", 0)),
             "nudge +": float(schedule.get("nudge_positive", 0))}
    if centred:
        split["nudge −"] = float(schedule.get("nudge_negative", 0))
    split["sample, convert"] = float((3 if centred else 2) * each)
    split["update"] = total - sum(split.values())
    if split["update"] < 0 or not schedule:
        return {"all": total}
    return split


def _stacked(axes: Axes, names: list[str], parts: list[dict[str, float]], factor: float) -> None:
    keys = list(dict.fromkeys(k for part in parts for k in part))
    start = np.zeros(len(names))
    for j, key in enumerate(keys):
        values = factor * np.array([part.get(key, 0.0) for part in parts])
        colour, hatch = style.FILLS[j % len(style.FILLS)]
        axes.barh(np.arange(len(names)), values, left=start, height=0.6, color=colour, hatch=hatch,
                  edgecolor="white", linewidth=0.6,
                  label=f"{key} {values[0]:.3g}" if len(names) == 1 else key)
        start += values
    axes.set_yticks(np.arange(len(names)), [style.short(n, 18) for n in names])
    axes.invert_yaxis()
    axes.grid(False, axis="y")
    axes.set_xlim(left=0)


def _bars(names: list[str], parts: list[dict[str, float]], unit: str, label: str) -> Figure:
    largest = max(sum(part.values()) for part in parts)
    factor, shown = style.scaled(np.array([largest]), unit) if unit else (1.0, "")
    made, axes = style.figure(height=1.3 + 0.38 * len(names))
    _stacked(axes[0, 0], names, parts, factor)
    axes[0, 0].set_xlabel(f"{label} ({shown})" if shown else label)
    style.legend_below(made, axes)
    return made


def energy_split(run: Run) -> dict[str, float]:
    """Mean energy [J] of a training sample by part; parts without energy are left out."""
    e, done = run.energy(), max(1, run.summary().counted_samples)
    values = e["total"] if "total" in e else e["so_far"].isel(samples=-1)
    split = {str(p): float(values.sel(part=p)) / done for p in values.coords["part"].values}
    split = {part: value for part, value in split.items() if value > 0}
    if not split:
        raise TraceError(f"{run.path}: no energies were counted {_yet(run)}")
    return split


@style.styled
def energy(*runs: Run) -> Figure:
    """Energy of a training sample by part: arrays, neurons, converters, writes, digital."""
    parts = [energy_split(run) for run in runs]
    told = [f"{run.name}: {style.si(sum(part.values()), 'J')} a sample, "
            + ", ".join(f"{k} {style.si(v, 'J')}" for k, v in part.items())
            for run, part in zip(runs, parts)]
    made = _bars([run.name for run in runs], parts, "J", "energy of a training sample")
    return style.describe(made, "Energy of a training sample by part. " + "; ".join(told) + ".")


@style.styled
def cycles(*runs: Run) -> Figure:
    """Clock cycles of a training sample by phase."""
    parts = [cycle_split(run) for run in runs]
    made = _bars([run.name for run in runs], parts, "", "clock cycles of a training sample")
    told = [f"{run.name}: {sum(p.values()):.4g} cycles a sample, "
            + ", ".join(f"{k} {v:.4g}" for k, v in p.items()) for run, p in zip(runs, parts)]
    return style.describe(made, "Clock cycles of a training sample by phase. "
                          + "; ".join(told) + ".")


def _signed(value: float) -> str:
    if not np.isfinite(value):
        return "unknown"
    shown = f"{value:+.2f}"
    return "0.00" if float(shown) == 0 else shown.replace("-", "−")


def difference_error(run: Run) -> float:
    """Standard error of the difference of two test accuracies, from the number of test samples, as
    if the two runs had nothing to do with one another; NaN where that number is unknown."""
    s = run.summary()
    if not s.test_samples or not np.isfinite(s.accuracy):
        return float("nan")
    share = (s.accuracy * s.test_samples + 1) / (s.test_samples + 2)
    return float(np.sqrt(2 * share * (1 - share) / s.test_samples))


@style.styled
def ablation(run: Run) -> Figure:
    """What each imperfection costs in accuracy, dearest first: accuracy of the same run without it,
    minus the accuracy of the run. Grey: one standard error of a difference, where the number of
    test samples is known; less than that means nothing."""
    table = run.ablation()
    names = ["all of them" if n == "all" else str(n) for n in table["imperfection"].values]
    points = 100 * table["cost"].values.astype(float)
    made, axes = style.figure(height=1.0 + 0.27 * len(names))
    a = axes[0, 0]
    at = np.arange(len(names))
    error = 100 * difference_error(run)
    if np.isfinite(error):
        a.axvspan(-error, error, color="#E4E4E4", linewidth=0, zorder=0,
                  label="one standard error of a difference")
    for y, name, value in zip(at, names, points):
        together = name == "all of them"
        known = np.isfinite(value)
        a.barh(y, value if known else 0.0, height=0.62, edgecolor="white", linewidth=0,
               color=style.ORANGE if together else style.BLUE, hatch="//" if together else "")
        a.annotate(_signed(value),
                   (value if known else 0.0, y), xytext=(-4 if known and value < 0 else 4, 0),
                   textcoords="offset points", va="center", fontsize=8,
                   ha="right" if known and value < 0 else "left")
    extremes = np.nan_to_num(np.r_[points, error, -error, 0.0])
    low, high = extremes.min(), extremes.max()
    span = max(high - low, 1e-9)
    a.set_xlim(low - 0.1 * span, high + 0.1 * span)
    a.set_yticks(at, [style.short(n, 30) for n in names])
    a.invert_yaxis()
    a.axvline(0, color=style.GREY, linewidth=0.8)
    a.grid(False, axis="y")
    a.set_xlabel("accuracy gained without it (percentage points)")
    style.legend_below(made, axes)
    told = ", ".join(f"{n} {p:+.2f}" for n, p in zip(names, points))
    return style.describe(made, "What imperfections cost in accuracy, in percentage points: "
                          + told + ("." if np.isnan(error) else
                                    f"; standard error of a difference {error:.2f}."))


@style.styled
def state_error(run: Run) -> Figure:
    """Largest deviation from the ideal continuous-time network by clock cycle (maximum over the
    compared samples), one curve per layer, in units of the voltage scale."""
    error = run.state_error()
    made, axes = style.figure(height=3.0)
    layers = [int(n) for n in error.coords["layer"].values]
    shown, told = chosen_layers(layers, 5), []
    cycle = error.coords["cycle"].values
    samples = len(np.unique(error.coords["sample"].values))
    numbers, at = np.unique(cycle, return_inverse=True)
    for k, layer in enumerate(shown):
        values = error.sel(layer=layer).values.astype(float)
        largest = np.full(len(numbers), -np.inf)
        np.maximum.at(largest, at, np.where(np.isfinite(values), values, -np.inf))
        largest[largest == -np.inf] = np.nan
        x, y = style.thin(numbers, np.where(largest > 0, largest, np.nan))
        axes[0, 0].plot(x, y, label=f"layer {layer}", **style.line(k))
        if np.isfinite(largest).any():
            told.append(f"layer {layer} at most {np.nanmax(largest):.2g}")
    axes[0, 0].set_yscale("log")
    axes[0, 0].set_xlabel("clock cycle in the sample")
    axes[0, 0].set_ylabel("deviation (voltage scale)")
    style.legend_below(made, axes)
    return style.describe(made, f"Deviation of {run.name} from the ideal network by clock cycle, "
                          f"largest of {samples} samples: " + "; ".join(told) + ".")
