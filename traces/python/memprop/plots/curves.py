"""Learning curves: how often the answer is right, against the references."""

from __future__ import annotations

import numpy as np
import xarray
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..run import Run
from . import style

_REFERENCES = (("ideal", "ideal reference", style.VERMILION, "--", "s"),
               ("backprop", "back-propagation", style.GREEN, "-.", "^"))


def _percent(values) -> np.ndarray:
    return 100 * np.asarray(values, float)


class Curve:
    """What one run has to show, with its axis in training samples or in epochs."""

    def __init__(self, run: Run):
        training, summary = run.training(), run.summary()
        self.name, self.summary = summary.name, summary
        self.samples = training["samples"].values if "samples" in training.coords else np.empty(0)
        has_blocks = "accuracy" in training and len(self.samples) > 0
        self.block = _percent(training["accuracy"]) if has_blocks else np.empty(0)
        self.means_of = 0
        if len(self.block) < 10 and run.has("training/update/right"):
            self._take_updates(run)
        self.epoch = training["epoch"].values
        self.test = _percent(training["test_accuracy"]) if "test_accuracy" in training else []
        self.per_epoch = len(self.samples) and self._samples_per_epoch(run, training)
        self.reference = {}
        for what, *_ in _REFERENCES:
            path = f"compare/accuracy_{what}_per_epoch"
            if run.has(path):
                self.reference[what] = _percent(run.array(path))
            else:
                last = getattr(summary, "accuracy_" + what)
                self.reference[what] = _percent([last]) if np.isfinite(last) else np.empty(0)

    def _take_updates(self, run: Run) -> None:
        """Of a short run, running means over single answers instead of blocks of 1000."""
        right = run.array("training/update/right")
        if right.size < 40:
            return
        self.means_of = max(20, right.size // 10)
        done, means = right["sample"].values + 1, style.smooth(right.values, self.means_of)
        self.samples, self.block = style.thin(done, _percent(means), most=400)

    def _samples_per_epoch(self, run: Run, training: xarray.Dataset) -> float:
        """The first epoch ended with the block up to which the mean accuracy is the epoch's."""
        asked = run.config.get("data", {}).get("train_samples") or 0
        if asked or not len(self.epoch):
            return float(asked or self.samples[-1])
        ends = training["samples"].values.astype(float)
        if "training_accuracy" in training and "accuracy" in training:
            right = np.cumsum(training["accuracy"].values * np.diff(np.r_[0, ends]))
            epoch = float(training["training_accuracy"][0])
            found = np.flatnonzero(np.abs(right / np.maximum(ends, 1) - epoch) < 1e-9)
            if len(found):
                return float(ends[found[0]])
        return float(self.samples[-1]) / float(self.epoch[-1])


def draw(axes: Axes, curves: list[Curve]) -> str:
    """Draws and returns what is to be seen."""
    in_epochs = any(len(c.epoch) > 1 or not len(c.block) for c in curves)
    told, end = [], 0.0
    results: list[tuple[str, float, str, str]] = []  # single points: label, value, marker, colour
    single = len(curves) == 1
    for k, c in enumerate(curves):
        x = c.samples - np.diff(np.r_[0, c.samples]) / 2 if len(c.samples) else np.empty(0)
        scale = 1.0 / c.per_epoch if in_epochs and c.per_epoch else 1.0
        label = "this run" if single else style.short(c.name)
        if len(x):
            width = max(1, len(x) // 60)
            if c.means_of:
                x, width = c.samples - 0.5, 1
            xs, ys = style.thin(x * scale, style.smooth(c.block, width))
            while_training = "while training" + (f" (means of {c.means_of})" if c.means_of else "")
            axes.plot(xs, ys, color=style.line(k)["color"], linestyle="-" if single else
                      style.line(k)["linestyle"], linewidth=1.1, alpha=0.9,
                      marker="." if len(xs) < 40 else "", label=f"{label}, {while_training}")
            end = max(end, float(c.samples[-1]) * scale)
        ends = c.epoch.astype(float) if in_epochs else c.epoch * (c.per_epoch or 1.0)
        end = max(end, float(ends[-1]) if len(ends) else 0.0)
        if len(c.test) == 1 and not in_epochs:
            result = [(f"{label}, tested: {c.test[0]:.1f} %", c.test[0], style.marker(k),
                       style.line(k)["color"])]
            results += result if np.isfinite(c.test[0]) else []
        elif len(c.test):
            few = len(c.test) <= 40
            axes.plot(ends, c.test, color=style.line(k)["color"], linestyle="-" if len(ends) > 1
                      else "none", linewidth=1.6, marker=style.marker(k) if few else "",
                      markersize=6 if len(ends) == 1 else 4.5, markeredgecolor="white",
                      markeredgewidth=0.5, label=f"{label}, tested", zorder=4)
        told.append(_told(c))
    _draw_references(axes, curves, in_epochs, single, results)
    # Beside the curve's end and beside each other, so that nearly equal results stay readable.
    for k, (label, value, mark, colour) in enumerate(results):
        axes.plot(end * (1.03 + 0.03 * k), value, linestyle="none", marker=mark, markersize=7,
                  color=colour, label=label, zorder=4)
    axes.set_xlabel("epochs" if in_epochs else "training samples")
    axes.set_ylabel("right answers (%)")
    if in_epochs:
        axes.xaxis.set_major_locator(MaxNLocator(9, integer=True))
    if end > 0:
        axes.set_xlim(0, end * (1.05 + 0.03 * len(results)))
    return " ".join(told)


def _draw_references(axes: Axes, curves: list[Curve], in_epochs: bool, single: bool,
                     results: list) -> None:
    for what, label, colour, dashes, mark in _REFERENCES:
        shown: list[np.ndarray] = []
        for c in curves:
            values = c.reference[what]
            if not np.isfinite(values).any() or any(np.array_equal(values, s) for s in shown):
                continue
            shown.append(values)
            colour = colour if single else style.BLACK
            if len(values) == 1 and not in_epochs:
                results.append((f"{label}, tested: {values[0]:.1f} %", values[0], mark, colour))
                continue
            x = np.arange(1, len(values) + 1, dtype=float)
            if len(values) == 1 and len(c.epoch) > 1:
                x = c.epoch[-1:].astype(float)
            few = len(values) <= 40
            axes.plot(x, values, color=colour, markerfacecolor="none", zorder=3,
                      linestyle=dashes if len(values) > 1 else "none", markersize=6, linewidth=1.2,
                      marker=mark if few or len(values) == 1 else "", label=f"{label}, tested")


def _told(c: Curve) -> str:
    def share(value: float) -> str:
        return "unknown" if not np.isfinite(value) else f"{value:.1f} %"

    parts = []
    known = np.asarray(c.block)[np.isfinite(c.block)] if len(c.block) else np.empty(0)
    if len(known):
        parts.append(f"right answers while training go from {share(known[0])} to "
                     f"{share(known[-1])}")
    if len(c.test):
        parts.append(f"the last test gives {share(c.test[-1])}")
    for what, label, *_ in _REFERENCES:
        if len(c.reference[what]):
            parts.append(f"{label} {share(c.reference[what][-1])}")
    return f"{c.name}: " + (", ".join(parts) if parts else "no results yet") + "."


@style.styled
def learning(*runs: Run) -> Figure:
    """Share of right answers over training: in blocks while training, on the test samples after
    each epoch, and the same of the ideal reference and of back-propagation."""
    made, axes = style.figure(height=3.5)
    told = draw(axes[0, 0], [Curve(run) for run in runs])
    style.legend_below(made, axes)
    return style.describe(made, "Learning curves. " + told)
