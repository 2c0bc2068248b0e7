"""How pictures look: colours, line styles, sizes; and small helpers of the plots."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's palette, told apart with every kind of colour blindness; of it, for lines, those
# with a contrast of at least 3:1 on white. Line styles and markers differ as well.
BLACK, BLUE, VERMILION, GREEN, PURPLE = "#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, YELLOW = "#E69F00", "#56B4E9", "#F0E442"
TEXT, GREY, GRID = "#222222", "#595959", "#DDDDDD"
LINES = ((BLUE, "-", "o"), (VERMILION, "--", "s"), (GREEN, "-.", "^"), (PURPLE, ":", "D"),
         (BLACK, (0, (5, 1, 1, 1, 1, 1)), "v"))
FILLS = ((BLUE, ""), (ORANGE, "//"), (GREEN, ".."), (PURPLE, "xx"), (YELLOW, "\\\\"), (SKY, "--"),
         (VERMILION, "++"), ("#999999", "oo"))

SETTINGS = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.edgecolor": GREY,
    "axes.labelcolor": TEXT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
    "text.color": TEXT,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "lines.markersize": 4.5,
    "hatch.linewidth": 0.5,
    "svg.fonttype": "path",
    "svg.hashsalt": "memprop",
    "figure.constrained_layout.use": False,
}


def styled(function):
    """Runs a plot with the settings above, whatever the user's own are."""
    import functools

    @functools.wraps(function)
    def run(*arguments, **options):
        with matplotlib.rc_context(SETTINGS):
            return function(*arguments, **options)

    return run


def figure(rows: int = 1, columns: int = 1, width: float = 9.0, height: float | None = None,
           **options) -> tuple[Figure, np.ndarray]:
    """A figure of its own (no pyplot, nothing global) and its axes as a 2-D array."""
    made = Figure(figsize=(width, 2.9 * rows if height is None else height), layout="constrained")
    made.get_layout_engine().set(w_pad=0.06, h_pad=0.06, wspace=0.03, hspace=0.03)
    return made, made.subplots(rows, columns, squeeze=False, **options)


def describe(made: Figure, text: str) -> Figure:
    """Attaches what the picture shows, in words: figure.get_label(), the alternative text of the
    report."""
    made.set_label(" ".join(text.split()))
    return made


def line(index: int) -> dict:
    """Colour and line style of the index-th curve."""
    colour, style, _ = LINES[index % len(LINES)]
    return {"color": colour, "linestyle": style}


def marker(index: int) -> str:
    return LINES[index % len(LINES)][2]


def smooth(values: np.ndarray, width: int) -> np.ndarray:
    """Means of `width` neighbours, fewer at the ends; NaN does not count, where there is nothing
    else the mean is NaN."""
    values = np.asarray(values, float)
    if width <= 1 or len(values) == 0:
        return values
    width = min(width, len(values))
    known = np.isfinite(values)
    weights = np.ones(width)
    count = np.convolve(known, weights, "same")
    total = np.convolve(np.where(known, values, 0.0), weights, "same")
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def thin(*arrays: np.ndarray, most: int = 1500) -> tuple[np.ndarray, ...]:
    """Every n-th value, so that at most `most` are drawn (of curves smoothed before)."""
    step = max(1, -(-len(arrays[0]) // most))
    return tuple(a[::step] for a in arrays)


def say(axes: Axes, sentence: str) -> None:
    """A panel without data says why."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, sentence, ha="center", va="center", transform=axes.transAxes, color=GREY,
              wrap=True)


def legend_below(made: Figure, axes: Axes | Sequence[Axes], columns: int | None = None) -> None:
    """One legend for the whole figure in a strip added under its panels, each label once."""
    entries: dict[str, object] = {}
    for a in np.ravel(axes):
        for handle, label in zip(*a.get_legend_handles_labels()):
            entries.setdefault(label, handle)
    if not entries:
        return
    width, height = made.get_size_inches()
    room = int(14.5 * width)  # letters; a line sample is as long as seven
    if columns is None and sum(len(label) + 7 for label in entries) <= room:
        columns = len(entries)
    elif columns is None:
        longest = max(len(label) for label in entries)
        rows = -(-len(entries) // max(1, room // (longest + 7)))
        columns = -(-len(entries) // rows)
    strip = 0.19 * -(-len(entries) // columns) + 0.08
    made.set_size_inches(width, height + strip)
    share = strip / (height + strip)
    made.get_layout_engine().set(rect=(0, share, 1, 1 - share))
    made.legend(list(entries.values()), list(entries), loc="lower center", ncol=columns,
                handlelength=2.6, columnspacing=1.4, borderaxespad=0.2)


def scaled(values: np.ndarray, unit: str) -> tuple[float, str]:
    """(factor, unit with prefix) that brings the largest value between 1 and 1000."""
    values = np.abs(np.asarray(values, float))
    largest = float(np.max(values[np.isfinite(values)], initial=0.0))
    for factor, prefix in ((1e15, "f"), (1e12, "p"), (1e9, "n"), (1e6, "µ"), (1e3, "m"), (1.0, ""),
                           (1e-3, "k"), (1e-6, "M"), (1e-9, "G")):
        if largest * factor < 1000:
            return (factor, prefix + unit) if largest > 0 else (1.0, unit)
    return 1.0, unit


def si(value: float, unit: str, digits: int = 3) -> str:
    """A value with its unit: 4.19 nJ."""
    factor, shown = scaled(np.array([value]), unit)
    return f"{value * factor:.{digits}g} {shown}".strip()


def short(name: str, most: int = 36) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
