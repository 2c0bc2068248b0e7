"""Neurons on their way through the phases of one training sample."""

from __future__ import annotations

import re

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..errors import TraceError
from ..run import Run
from . import phases, style


def recorded_layers(run: Run) -> list[int]:
    found = (re.fullmatch(r"layer(\d+)/neurons/v", name) for name in run.probes())
    return sorted(int(m.group(1)) for m in found if m)


class Waveforms:
    """Membrane voltages of one layer through one sample, cut behind the beginning of the update."""

    def __init__(self, run: Run, sample: int, layer: int):
        v = run.array(f"layer{layer}/neurons/v", sample=sample)
        self.layer = layer
        self.time_ns = 1e9 * v.coords["time_in_sample"].values
        self.v_mv = 1e3 * v.values
        self.neuron = v.coords["neuron"].values
        self.reference_mv = None
        name = f"layer{layer}/neurons/v_reference"
        if name in run.probes():
            self.reference_mv = 1e3 * run.array(name, sample=sample).values
        self.stretches: list[tuple[int, int, int]] = []
        if "controller/phase" in run.probes():
            self.stretches = phases.stretches(run.array("controller/phase", sample=sample).values)
        rows = len(self.time_ns)
        update = next((a for a, _, p in self.stretches if p == phases.UPDATE), rows - 1)
        # The update moves no neuron: only its beginning is shown.
        self.end = max(0, min(rows - 1, update + max(4, update // 16)))
        self.free_end = next((a for a, _, p in self.stretches if p == 3), None)

    def picked(self, count: int) -> np.ndarray:
        """Neurons from those that move least after the free phase to those that move most."""
        from_row = self.free_end if self.free_end is not None else 0
        change = np.abs(self.v_mv[from_row:self.end + 1] - self.v_mv[from_row])
        finite = np.where(np.isfinite(change), change, -1).max(axis=0)
        order = np.argsort(finite, kind="stable")
        at = np.linspace(0, len(order) - 1, min(count, len(order))).astype(int)
        return np.unique(order[at]) if len(at) else at


def draw(axes: Axes, waves: Waveforms, neurons: np.ndarray, first: int, relative: bool,
         colour: str, dashes: str = "-", label: str | None = None) -> None:
    rows = slice(first, waves.end + 1)
    base = waves.v_mv[waves.free_end] if relative else np.zeros(waves.v_mv.shape[1])
    x = waves.time_ns[rows]
    for k, n in enumerate(neurons):
        axes.plot(x, waves.v_mv[rows, n] - base[n], color=colour, linestyle=dashes, linewidth=1.3,
                  label=label if k == 0 else None, zorder=3)
        if waves.reference_mv is not None:
            origin = waves.reference_mv[waves.free_end, n] if relative else 0.0
            axes.plot(x, waves.reference_mv[rows, n] - origin, color=style.BLACK, linestyle=":",
                      linewidth=1.1, zorder=4, label="ideal network" if k == 0 else None)
    axes.grid(False)
    if len(x) > 1:
        axes.set_xlim(x[0], x[-1])
        if not axes.patches:  # several layers may share a panel
            phases.shade(axes, waves.time_ns, waves.stretches, first, waves.end)


@style.styled
def relaxation(run: Run, sample: int | None = None, neurons: int = 6,
               layers: list[int] | None = None) -> Figure:
    """Membrane voltages of some neurons of the first and the last layer (or of `layers`) through
    one recorded sample (the last one unless given), and what the nudge changes. Phases are shaded,
    sampling is hatched; dotted: the ideal continuous-time network (probe v_reference)."""
    recorded = run.probe_samples()
    have = recorded_layers(run)
    if not recorded or not have:
        raise TraceError(f'{run.path}: no membrane voltages were recorded: set output.probes = '
                         '["layer*/neurons/v", "controller/phase"] and output.samples')
    sample = recorded[-1] if sample is None else sample
    shown = layers or ([have[0], have[-1]] if len(have) > 1 else have)
    all_waves = [Waveforms(run, sample, layer) for layer in shown]
    nudged = any(w.free_end is not None and w.free_end < w.end - 1 for w in all_waves)
    made, axes = style.figure(len(shown), 2 if nudged else 1, height=2.5 * len(shown) + 0.5)
    told = []
    for row, waves in enumerate(all_waves):
        picked = waves.picked(neurons)
        colour = style.LINES[row % 4][0]
        draw(axes[row, 0], waves, picked, 0, False, colour, label=f"chip, layer {waves.layer}")
        axes[row, 0].set_ylabel(f"layer {waves.layer}: membrane (mV)")
        if nudged and waves.free_end is not None:
            first = 3 * waves.free_end // 4
            draw(axes[row, 1], waves, picked, first, True, colour)
            axes[row, 1].set_ylabel("change since free state (mV)")
        elif nudged:
            style.say(axes[row, 1], "no phases recorded")
        told.append(_told(waves, picked))
    for a in axes[-1]:
        a.set_xlabel("time since the start of the sample (ns)")
    style.legend_below(made, axes)
    return style.describe(made, f"Membrane voltages through training sample {sample} of "
                          f"{run.name}. " + " ".join(told))


def _told(waves: Waveforms, picked: np.ndarray) -> str:
    v = waves.v_mv[:waves.end + 1]
    if not np.isfinite(v).any():
        return f"Layer {waves.layer}: no finite values."
    said = (f"Layer {waves.layer}: {len(picked)} of {v.shape[1]} neurons between "
            f"{np.nanmin(v[:, picked]):.3g} and {np.nanmax(v[:, picked]):.3g} mV")
    if waves.free_end is not None and waves.free_end < waves.end:
        change = np.abs(v[waves.free_end:] - v[waves.free_end])
        said += f"; the nudge moves a neuron by at most {np.nanmax(change):.3g} mV"
    if waves.reference_mv is not None:
        gap = np.abs(v - waves.reference_mv[:waves.end + 1])
        said += f"; the largest distance from the ideal network is {np.nanmax(gap):.3g} mV"
    return said + "."
