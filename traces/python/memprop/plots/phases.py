"""The phases of a training sample as shades behind waveforms."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from . import style

# controller/phase as it is stored (docs/trace-format.md): name and shade of those that are named.
NAMES = {0: "idle", 1: "load", 2: "free", 3: "sample free", 4: "nudge +", 5: "sample +",
         6: "nudge −", 7: "sample −", 8: "update", 9: "read"}
_SHADES = {2: ("free", "#E8E8E8"), 4: ("nudged +", "#FFEFD0"), 6: ("nudged −", "#DDEFFA")}
SAMPLING = (3, 5, 7)
UPDATE = 8


def stretches(phase: np.ndarray) -> list[tuple[int, int, int]]:
    """(first, end, phase) of each stretch of equal values."""
    if len(phase) == 0:
        return []
    edges = np.flatnonzero(np.diff(phase.astype(int))) + 1
    return [(int(a), int(b), int(phase[a]))
            for a, b in zip(np.r_[0, edges], np.r_[edges, len(phase)])]


def shade(axes: Axes, x: np.ndarray, found: list[tuple[int, int, int]], first: int, end: int,
          names: bool = True) -> None:
    """Shades the rows first ... end; x is the horizontal position of each row."""
    span = max(x[end] - x[first], 1e-30)
    for a, b, phase in found:
        if a >= end or b <= first:
            continue
        begin, finish = x[max(a, first)], x[min(b, end)]
        if phase in _SHADES:
            name, colour = _SHADES[phase]
            axes.axvspan(begin, finish, color=colour, linewidth=0, zorder=0)
            if names and finish - begin > 0.1 * span:
                axes.annotate(name, ((begin + finish) / 2, 1.0), xytext=(0, 2), va="bottom",
                              ha="center", xycoords=("data", "axes fraction"),
                              textcoords="offset points", fontsize=8, color=style.TEXT)
        elif phase in SAMPLING:
            axes.axvspan(begin, finish, facecolor="none", edgecolor="#BBBBBB", hatch="////",
                         linewidth=0, zorder=0)
