"""One picture of a run: waveforms, learning curve, alignment."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..errors import TraceError
from ..run import Run
from . import curves, gradients, neurons as waveforms
from . import style


@style.styled
def overview(run: Run, sample: int | None = None, neurons: int = 6) -> Figure:
    """Top: neurons of the first and the last layer through one recorded sample, and what the nudge
    changes. Bottom: learning curve, and alignment of the weight changes with the exact gradient.
    Panels for which the trace has no data say so."""
    made, axes = style.figure(2, 2, width=10, height=8.2)
    told = [_waveforms(axes[0], run, sample, neurons)]
    try:
        told.append(curves.draw(axes[1, 0], [curves.Curve(run)]))
        _legend(axes[1, 0], 2)
        axes[1, 0].set_title("Learning curve")
    except TraceError:
        style.say(axes[1, 0], "nothing was learnt yet")
    told.append(_alignment(axes[1, 1], run))
    return style.describe(made, " ".join(told))


def _legend(axes: Axes, columns: int) -> None:
    """Under the panel, each label once."""
    entries = dict(zip(*reversed(axes.get_legend_handles_labels())))
    axes.legend(entries.values(), entries.keys(), ncol=columns, loc="upper center",
                bbox_to_anchor=(0.5, -0.17), columnspacing=1.4)


def _waveforms(axes, run: Run, sample: int | None, neurons: int) -> str:
    recorded, layers = run.probe_samples(), waveforms.recorded_layers(run)
    if not recorded or not layers:
        style.say(axes[0], "no waveforms: output.probes and output.samples")
        style.say(axes[1], "")
        return "No waveforms."
    sample = recorded[-1] if sample is None else sample
    shown = [layers[0], layers[-1]] if len(layers) > 1 else layers
    for k, layer in enumerate(shown):
        waves = waveforms.Waveforms(run, sample, layer)
        picked, colour = waves.picked(neurons), style.LINES[k][0]
        label, dashes = f"layer {layer}", ("-", "--")[k]
        waveforms.draw(axes[0], waves, picked, 0, False, colour, dashes, label)
        if waves.free_end is not None:
            waveforms.draw(axes[1], waves, picked, 3 * waves.free_end // 4, True, colour,
                                 dashes, label)
    for a, title, y in zip(axes, (f"Training sample {sample}", "What the nudge changes"),
                           ("membrane voltage (mV)", "change since the free state (mV)")):
        a.set_title(title, pad=16)
        a.set_xlabel("time since the start of the sample (ns)")
        a.set_ylabel(y)
        _legend(a, 3)
    return f"Waveforms of training sample {sample}."


def _alignment(axes, run: Run) -> str:
    try:
        data = [(run.name, run.comparison())]
    except TraceError:
        style.say(axes, "no comparisons of updates: monitor.gradient_every")
        return "No alignment."
    numbers = gradients.chosen_layers([int(n) for n in data[0][1]["layer"].values], 3)
    comparison = data[0][1]
    width = max(1, comparison.sizes["sample"] // 25)
    for k, layer in enumerate(numbers):
        row = comparison.sel(layer=layer)
        for what, label, dashes, _ in gradients.KINDS:
            axes.plot(row["sample"].values, style.smooth(row[what].values, width),
                      color=style.LINES[k][0], linestyle=dashes,
                      label=f"layer {layer}, {label.replace(', against a', ',')}")
    axes.axhline(0, color=style.GREY, linewidth=0.6)
    axes.set_ylim(min(-0.1, axes.get_ylim()[0]), 1.05)
    axes.set_xlabel("training samples")
    axes.set_ylabel("cosine with the exact gradient")
    axes.set_title("Weight changes against the exact gradient"
                   + (f" (means of {width})" if width > 1 else ""))
    _legend(axes, len(numbers))
    return "Alignment of weight changes with the exact gradient."
