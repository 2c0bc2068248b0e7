"""python -m memprop.device_plot DATA PICTURE: what `memprop devices --plot` and `memprop fit-device
--plot` draw.

DATA is a temporary file that is removed when it has been read: lines "panel,series,kind,x,y" with
kind line, faint or dots, and before them "#title TEXT", "#axes PANEL,X LABEL,Y LABEL" and, for panels
beside each other, "#row".
"""

from __future__ import annotations

import argparse
import math
import os
import re
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


_PREFIXES = {9: "G", 6: "M", 3: "k", 0: "", -3: "m", -6: "u", -9: "n", -12: "p", -15: "f"}


def _exponent(value: float) -> int:
    """The power of ten of the SI prefix with which a value has one to three digits."""
    if value == 0 or not math.isfinite(value):
        return 0
    return min(max(3 * math.floor(math.log10(abs(value)) / 3 + 1e-9), -15), 9)


def _scaled(label: str, values: list[list[float]]) -> tuple[str, float]:
    """A label "... [uS]" with the prefix that suits the values, and what they are multiplied by."""
    found = re.fullmatch(r"(.*\[)([GMkmunpf]?)([SA])\]", label)
    largest = max((abs(v) for column in values for v in column), default=0.0)
    if not found or largest == 0:
        return label, 1.0
    given = next(e for e, prefix in _PREFIXES.items() if prefix == found[2])
    exponent = _exponent(largest * 10.0 ** given)
    return f"{found[1]}{_PREFIXES[exponent]}{found[3]}]", 10.0 ** (given - exponent)


def _readable(name: str) -> str:
    """The name of a series with its time, as in "1.3 V, 6.17e-12 s", in a suitable unit."""
    found = re.fullmatch(r"(.* V, )([0-9.e+-]+) s", name)
    if not found:
        return name
    seconds = float(found[2])
    exponent = min(_exponent(seconds), 0)
    return f"{found[1]}{seconds * 10.0 ** -exponent:.3g} {_PREFIXES[exponent]}s"


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
    factors = {}
    for panel, (x_label, y_label) in axes.items():
        columns = [y for (of, _, _), (_, y) in series.items() if of == panel]
        y_label, factors[panel] = _scaled(y_label, columns)
        axes[panel] = (x_label, y_label)
    colours: dict[str, str] = {}
    for (panel, name, kind), (x, y) in series.items():
        base = name.removesuffix(", model")
        colour = colours.setdefault(base, _COLOURS[len(colours) % len(_COLOURS)])
        ax = place[panel]
        y = [factors[panel] * v for v in y]
        name = _readable(name)
        if kind == "dots":
            ax.plot(x, y, ".", color=colour, markersize=3, alpha=0.6, label=name)
        elif kind == "faint":
            ax.plot(x, y, "-", color=colour, linewidth=0.8, alpha=0.7, label=name)
        else:
            alone = len({n.removesuffix(", model") for of, n, _ in series if of == panel}) == 1
            dark = "black" if alone or base == name else colour
            ax.plot(x, y, "-", color=dark, linewidth=1.6, label=name)
    for panel, (x_label, y_label) in axes.items():
        place[panel].set_ylabel(y_label)
        place[panel].grid(True, alpha=0.3)
        if panel == "residuals":
            place[panel].axhline(0.0, color="black", linewidth=0.8)
        if row or panel == list(axes)[-1]:
            place[panel].set_xlabel(x_label)
        if row:
            place[panel].locator_params(axis="x", nbins=6)
            place[panel].legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncol=2)
    if row:
        figure.suptitle(title, fontsize=10)
    else:
        panels[0].set_title(title, fontsize=10, wrap=True)
        # Curves may be anywhere in the panel.
        panels[0].legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1.0))
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
