"""Do the weight changes point along the exact gradient?"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..run import Run
from . import style

KINDS = (("cosine_wanted", "wanted", "-", style.BLUE),
          ("cosine_applied", "applied", "--", style.VERMILION),
          ("cosine_shuffled", "applied, against a wrong label", ":", style.GREY))
_MOST_LAYERS = 12


def chosen_layers(numbers: list[int], most: int = _MOST_LAYERS) -> list[int]:
    """All, or the first and the last of many."""
    if len(numbers) <= most:
        return numbers
    return numbers[: most // 2] + numbers[-(most - most // 2):]


def mean_of(values: np.ndarray) -> float:
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else float("nan")


def draw_layer(axes: Axes, data: list[tuple[str, object]], layer: int, single: bool) -> None:
    for k, (name, comparison) in enumerate(data):
        if layer not in comparison.coords["layer"].values:
            continue
        row = comparison.sel(layer=layer)
        width = max(1, row.sizes["sample"] // 25)
        for what, label, dashes, colour in KINDS:
            if what not in row or (not single and what == "cosine_shuffled"):
                continue
            x, y = style.thin(row["sample"].values, style.smooth(row[what].values, width))
            few = np.count_nonzero(np.isfinite(y)) < 3
            axes.plot(x, y, linestyle=dashes, marker="o" if few else "",
                      color=colour if single else style.line(k)["color"],
                      label=label if single else f"{style.short(name)}, {label}")
    if not any(np.isfinite(line.get_ydata()).any() for line in axes.lines):
        axes.annotate("no finite values", (0.5, 0.5), xycoords="axes fraction", ha="center",
                      color=style.GREY)
    axes.axhline(0, color=style.GREY, linewidth=0.6)
    low = axes.get_ylim()[0]
    axes.set_ylim(min(-0.1, low), 1.05)


@style.styled
def alignment(*runs: Run) -> Figure:
    """Cosine of the wanted and of the applied weight change with the exact gradient, per layer over
    training (running means); dotted what chance gives: the descent for a wrong label."""
    data = [(run.name, run.comparison()) for run in runs]
    numbers = sorted({int(n) for _, c in data for n in c.coords["layer"].values})
    shown = chosen_layers(numbers)
    columns = 1 if len(shown) == 1 else 2 if len(shown) <= 4 else 3
    rows = -(-len(shown) // columns)
    made, axes = style.figure(rows, columns, height=(2.6 if rows == 1 else 2.0 * rows) + 0.4,
                              sharex=True, sharey=True)
    single = len(data) == 1
    for k, layer in enumerate(shown):
        draw_layer(axes.flat[k], data, layer, single)
        axes.flat[k].set_title(f"layer {layer}")
    for a in axes.flat[len(shown):]:
        a.set_visible(False)
    for k in range(columns):
        # The lowest visible panel of each column carries the axis' name.
        below = axes[rows - 1, k] if axes[rows - 1, k].get_visible() else axes[rows - 2, k]
        below.set_xlabel("training samples")
        below.tick_params(labelbottom=True)
    made.supylabel("cosine with the exact gradient", fontsize=9)
    style.legend_below(made, axes)
    told = []
    for name, c in data:
        tail = c.isel(sample=slice(-max(1, c.sizes["sample"] // 5), None))
        for layer in [n for n in shown if n in c.coords["layer"].values]:
            row = tail.sel(layer=layer)
            told.append(f"{name} layer {layer}: wanted {_cosine(row, 'cosine_wanted')}, applied "
                        f"{_cosine(row, 'cosine_applied')}")
    left = ""
    if len(shown) < len(numbers):
        half = _MOST_LAYERS // 2
        left = f" Layers {shown[half - 1] + 1} to {shown[half] - 1} left out."
    return style.describe(made, "Cosine of weight changes with the exact gradient over training, "
                          "one panel per layer; means of the last fifth: "
                          + "; ".join(told) + "." + left)


def _cosine(row, what: str) -> str:
    value = mean_of(row[what].values) if what in row else float("nan")
    return "unknown" if np.isnan(value) else f"{value:.2f}"
