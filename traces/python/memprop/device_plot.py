"""python -m memprop.device_plot DATA PICTURE: what `memprop devices --plot` and `memprop fit-device
--plot` draw.

DATA is a temporary file that is removed when it has been read: lines "panel,series,kind,x,y" with
kind line, faint or dots, and before them "#title TEXT", "#axes PANEL,X LABEL,Y LABEL" and, for panels
beside each other, "#row".
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

# Okabe and Ito.
_COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]


def _read(text: str) -> tuple[str, bool, dict, dict]:
    title, row, axes, series = "", False, {}, {}
    for line in text.splitlines():
        if line == "#row":
            row = True
        elif line.startswith("#title "):
            title = line[len("#title "):]
        elif line.startswith("#axes "):
            panel, x, y = line[len("#axes "):].split(",")
            axes[panel] = (x, y)
        else:
            panel, rest = line.split(",", 1)
            name, kind, x, y = rest.rsplit(",", 3)
            xs, ys = series.setdefault((panel, name, kind), ([], []))
            xs.append(float(x))
            ys.append(float(y))
    return title, row, axes, series


def draw(text: str):
    """The matplotlib Figure of such lines."""
    from matplotlib.figure import Figure

    title, row, axes, series = _read(text)
    if row:
        figure = Figure(figsize=(4.6 * len(axes), 4), layout="constrained")
        panels = figure.subplots(1, len(axes), squeeze=False)[0]
    else:
        heights = [3] + [1] * (len(axes) - 1)
        figure = Figure(figsize=(8, 2 + 1.2 * sum(heights)), layout="constrained")
        panels = figure.subplots(len(axes), 1, squeeze=False, sharex=True,
                                 gridspec_kw={"height_ratios": heights})[:, 0]
    place = dict(zip(axes, panels))
    colours: dict[str, str] = {}
    for (panel, name, kind), (x, y) in series.items():
        base = name.removesuffix(", model")
        colour = colours.setdefault(base, _COLOURS[len(colours) % len(_COLOURS)])
        ax = place[panel]
        if kind == "dots":
            ax.plot(x, y, ".", color=colour, markersize=3, alpha=0.6, label=name)
        elif kind == "faint":
            ax.plot(x, y, "-", color=colour, linewidth=0.8, alpha=0.7, label=name)
        else:
            dark = "black" if len(colours) == 1 or base == name else colour
            ax.plot(x, y, "-", color=dark, linewidth=1.6, label=name)
    for panel, (x_label, y_label) in axes.items():
        place[panel].set_ylabel(y_label)
        place[panel].grid(True, alpha=0.3)
        if panel == "residuals":
            place[panel].axhline(0.0, color="black", linewidth=0.8)
        if row or panel == list(axes)[-1]:
            place[panel].set_xlabel(x_label)
        if row:
            place[panel].legend(fontsize=7)
    if row:
        figure.suptitle(title, fontsize=10)
    else:
        panels[0].set_title(title, fontsize=10, wrap=True)
        panels[0].legend(fontsize=8, ncol=2)
    return figure


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="memprop.device_plot")
    parser.add_argument("data", type=Path)
    parser.add_argument("picture", type=Path)
    options = parser.parse_args(arguments)
    try:
        text = options.data.read_text()
    finally:
        os.unlink(options.data)
    try:
        figure = draw(text)
    except ModuleNotFoundError as missing:
        print(f"memprop: drawing needs the Python module {missing.name}, which {sys.executable} "
              f"does not have: install the Debian package python3-{missing.name}, or name another "
              "interpreter in MEMPROP_PYTHON", file=sys.stderr)
        return 1
    try:
        figure.savefig(options.picture, dpi=140)
    except OSError as problem:
        print(f"memprop: {options.picture}: expected a file that can be written: "
              f"{problem.strerror}", file=sys.stderr)
        return 2
    print(f"drawn: {options.picture}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
