"""Conductances: how they are spread, where they sit, how they age."""

from __future__ import annotations

import numpy as np
import xarray
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..run import Run
from . import style
from .gradients import chosen_layers

_MOST_TILES = 6


def _tiles(run: Run, most: int) -> tuple[dict[int, xarray.Dataset], str]:
    tiles = run.devices()
    shown = chosen_layers(list(tiles), most)
    left = len(tiles) - len(shown)
    return {n: tiles[n] for n in shown}, f" {left} tiles in the middle left out." if left else ""


def _bounds_us(run: Run) -> list[float]:
    """g_min and g_max of the configuration in microsiemens, where they are given."""
    from ..units import siemens

    device = run.config.get("chip", {}).get("device", {})
    return [1e6 * siemens(device[k]) for k in ("g_min", "g_max") if k in device]


@style.styled
def conductance_histograms(run: Run) -> Figure:
    """Numbers of devices over conductance, before and after training, one panel per tile; G+ and,
    where the second device of a pair is programmed too, G-. Files of version 1: G+ - G-."""
    tiles, left = _tiles(run, _MOST_TILES)
    columns = min(len(tiles), 3 if len(tiles) != 4 else 2)
    rows = -(-len(tiles) // columns)
    made, axes = style.figure(rows, columns, height=2.5 * rows + 0.4)
    told = []
    for a, (number, tile) in zip(axes.flat, tiles.items()):
        kinds = [("conductance_plus", "G+"), ("conductance_minus", "G−")]
        kinds = [k for k in kinds if k[0] in tile] or [("conductance_difference", "G+ − G−")]
        every = np.concatenate([1e6 * tile[k].values.ravel() for k, _ in kinds])
        every = every[np.isfinite(every)]
        low, high = (every.min(), every.max()) if len(every) else (0.0, 1.0)
        edges = np.linspace(low, high if high > low else low + 1e-6, 61)
        for k, (what, name) in enumerate(kinds):
            both = ((0, ":", 1.2), (-1, "-", 1.5)) if tile.sizes["sample"] > 1 else ((0, ":", 1.2),)
            for when, dashes, width in both:
                values = 1e6 * tile[what].isel(sample=when).values.ravel()
                values = values[np.isfinite(values)]
                counts, _ = np.histogram(values, edges)
                a.stairs(counts, edges, color=style.LINES[k][0], linestyle=dashes, linewidth=width,
                         label=f"{name} {'before' if when == 0 else 'after'}")
                if len(values):
                    told.append(f"tile {number} {name} {'before' if when == 0 else 'after'}: mean "
                                f"{values.mean():.3g}, standard deviation {values.std():.2g} µS")
        if kinds[0][0] == "conductance_plus":
            for bound in _bounds_us(run):
                if edges[0] - 0.05 * (edges[-1] - edges[0]) <= bound <= edges[-1] * 1.05:
                    a.axvline(bound, color=style.GREY, linewidth=0.8)
        a.set_title(f"tile {number}")
        a.set_xlabel("conductance (µS)")
        a.set_ylim(bottom=0)
        a.xaxis.set_major_locator(MaxNLocator(5))
    for row in axes:
        row[0].set_ylabel("devices")
    for a in axes.flat[len(tiles):]:
        a.set_visible(False)
    style.legend_below(made, axes.flat[: len(tiles)])
    return style.describe(made, f"Histograms of conductances of {run.name} before and after "
                          "training: " + "; ".join(told) + "." + left)


@style.styled
def conductance_maps(run: Run) -> Figure:
    """G+ - G- of every pair before and after training and the change, one row per tile; one colour
    scale (of the 99.5th percentile) for the states of a tile, one for its change."""
    tiles, left = _tiles(run, 4)
    made, axes = style.figure(len(tiles), 3, height=2.3 * len(tiles) + 0.3)
    told = []
    for (number, tile), row in zip(tiles.items(), axes):
        values = 1e6 * tile["conductance_difference"].values
        before, after = values[0], values[-1]
        change = after - before
        for group in ((row[:2], (before, after)), (row[2:], (change,))):
            finite = np.abs(np.concatenate([v[np.isfinite(v)] for v in group[1]]))
            limit = float(np.percentile(finite, 99.5)) if len(finite) else 0.0
            limit = limit or 1.0
            if len(group[0]) == 1 and tile.sizes["sample"] < 2:
                style.say(group[0][0], "one snapshot so far")
                continue
            for a, picture in zip(*group):
                shown = a.imshow(picture, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto",
                                 interpolation="antialiased" if picture.size > 4e4 else "nearest")
            bar = made.colorbar(shown, ax=list(group[0]), extend="both", pad=0.02, aspect=18)
            bar.set_label("µS", rotation=0, labelpad=6)
            bar.ax.yaxis.set_major_locator(MaxNLocator(4))
            bar.outline.set_visible(False)
        for a, title in zip(row, ("before", "after", "change")):
            if not a.axison:
                continue
            a.set_title(f"tile {number}, {title}")
            a.grid(False)
            a.xaxis.set_major_locator(MaxNLocator(4, integer=True))
            a.yaxis.set_major_locator(MaxNLocator(4, integer=True))
            a.set_xlabel("row (input)")
        row[0].set_ylabel("column (neuron)")
        finite = change[np.isfinite(change)]
        if len(finite):
            told.append(f"tile {number}: {change.shape[0]} columns and {change.shape[1]} rows, "
                        f"root mean square of the change {np.sqrt(np.mean(finite**2)):.3g} µS, "
                        f"largest {np.abs(finite).max():.3g} µS")
    return style.describe(made, f"Maps of G+ − G− of {run.name} before training, after it, and the "
                          "change. " + "; ".join(told) + "." + left)


@style.styled
def wear(run: Run) -> Figure:
    """Pulses per device and share of devices at a bound over training, one curve per tile."""
    tiles, left = _tiles(run, 5)
    have = {n: t for n, t in tiles.items() if "at_bound" in t or "pulses_per_device" in t}
    made, axes = style.figure(1, 2, height=2.9)
    told = []
    for k, (number, tile) in enumerate(have.items()):
        options = dict(**style.line(k), marker=style.marker(k), label=f"tile {number}")
        x = tile["sample"].values
        if "pulses_per_device" in tile:
            axes[0, 0].plot(x, tile["pulses_per_device"].values, **options)
            told.append(f"tile {number}: {float(tile['pulses_per_device'][-1]):.4g} pulses per "
                        "device")
        if "at_bound" in tile:
            axes[0, 1].plot(x, 100 * tile["at_bound"].values, **options)
            told.append(f"tile {number}: {100 * float(tile['at_bound'][-1]):.3g} % at a bound")
    for a, label in zip(axes[0], ("mean pulses per device", "devices at a bound (%)")):
        a.set_xlabel("training samples")
        a.set_ylabel(label)
        a.set_ylim(bottom=0)
        a.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    style.legend_below(made, axes)
    return style.describe(made, f"Wear of the devices of {run.name} over training; at the end "
                          + "; ".join(told) + "." + left)
