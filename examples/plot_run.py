#!/usr/bin/env python3
"""Draws a picture of a memprop trace: plot_run.py RUN.h5 PICTURE.png [--sample N] [--neurons N]

Top: some neurons of the first layer and of the last one through one training sample, phases shaded,
sampling instants marked; beside it what the nudge changes. Bottom: the learning curve with the
test accuracy of the chip, of the ideal reference and of back-propagation, and the alignment of the
updates with the exact gradient.

Needs h5py, numpy, matplotlib and Python 3.11; knows nothing of memprop but docs/trace-format.md.
Panels for which the trace has no data say so.
"""

import argparse
import sys
import tomllib

import h5py
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

# Okabe and Ito's palette: told apart with every kind of colour blindness.
BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, GREY = "#CC79A7", "#56B4E9", "#666666"
LAYER_COLOURS = (BLUE, VERMILION, GREEN, PURPLE)

# digital::Phase, as controller/phase stores it: name and shade of those that are shown.
PHASES = {1: ("load", "#FFFFFF"), 2: ("free", "#E5E5E5"), 4: ("nudged +", "#FFE9BF"),
          6: ("nudged −", "#D5ECF9"), 8: ("update", "#FFFFFF")}
SAMPLING = {3, 5, 7}  # the sample-and-hold tracks, then holds while the converter works


def runs_of(values):
    """(first, end, value) of each stretch of equal values."""
    edges = np.flatnonzero(np.diff(values)) + 1
    return [(int(a), int(b), int(values[a]))
            for a, b in zip(np.r_[0, edges], np.r_[edges, len(values)])]


def latest_sample(run):
    if "probes" not in run:
        return None
    numbers = [int(name.removeprefix("sample")) for name in run["probes"]]
    return max(numbers) if numbers else None


def say(axes, text):
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, color=GREY)
    axes.set_axis_off()


def shade_phases(axes, time_ns, stretches, end, tracking):
    span = time_ns[end] - time_ns[0]
    for first, stop, value in stretches:
        if first >= end:
            continue
        begin, finish = time_ns[first], time_ns[min(stop, end)]
        if value in PHASES:
            name, shade = PHASES[value]
            axes.axvspan(begin, finish, color=shade, linewidth=0, zorder=0)
            if finish - begin > 0.08 * span:
                axes.annotate(name, ((begin + finish) / 2, 0.97), va="top", ha="center",
                              xycoords=("data", "axes fraction"), fontsize=8, color="#333333")
        elif value in SAMPLING:
            held = time_ns[min(first + tracking, end)]
            axes.axvline(held, color="#333333", linewidth=0.8, linestyle=":", zorder=1)
            axes.plot(held, 0.03, marker="^", color="#333333", markersize=5, linestyle="none",
                      transform=axes.get_xaxis_transform(), label="sampled" if value == 3 else None)


def draw_relaxation(left, right, run, sample, neurons):
    """Left: membrane voltages; right: the same neurons relative to where the free phase ended."""
    group = run[f"probes/sample{sample}"]
    layers = sorted(name for name in group
                    if name.startswith("layer") and f"{name}/neurons/v" in group)
    if not layers or "controller/phase" not in group:
        say(left, 'no membrane voltages and phases:\noutput.probes = ["*"]')
        say(right, "")
        return
    time_ns = 1e9 * group["time"][()]
    stretches = runs_of(group["controller/phase"][()])
    config = tomllib.loads(run["config/resolved"].asstr()[()])
    tracking = config["chip"]["schedule"]["sample"]  # cycles from the state's beginning to the hold
    # The update moves no neuron: only its beginning is shown.
    update = next((first for first, _, value in stretches if value == 8), len(time_ns) - 1)
    end = min(len(time_ns) - 1, update + max(4, update // 16))
    free_end = next((first for first, _, value in stretches if value == 3), update)

    largest = 0.0
    chosen = [layers[0], layers[-1]] if len(layers) > 1 else layers
    for colour, style, name in zip(LAYER_COLOURS, ("-", "--"), chosen):
        v = 1e3 * group[f"{name}/neurons/v"][:end + 1]
        # From those that the nudge moves least to those that it moves most.
        change = v - v[free_end]
        order = np.argsort(np.abs(change[free_end:]).max(axis=0))
        picked = order[np.linspace(0, len(order) - 1, min(neurons, len(order))).astype(int)]
        largest = max(largest, np.abs(change[free_end:, picked]).max())
        for k, neuron in enumerate(picked):
            label = name.replace("layer", "layer ") if k == 0 else None
            left.plot(time_ns[:end + 1], v[:, neuron], color=colour, linestyle=style,
                      linewidth=1.1, label=label)
            right.plot(time_ns[:end + 1], change[:, neuron], color=colour, linestyle=style,
                       linewidth=1.1, label=label)

    low, high = left.get_ylim()
    left.set_ylim(low - 0.1 * (high - low), high + 0.15 * (high - low))
    right.set_ylim(-1.2 * largest, 1.35 * largest)
    for axes, first in ((left, 0), (right, (3 * free_end) // 4)):
        shade_phases(axes, time_ns, [(max(a, first), b, value) for a, b, value in stretches
                                     if b > first], end, tracking)
        axes.set_xlim(time_ns[first], time_ns[end])
        axes.set_xlabel("time since the start of the sample (ns)")
    left.set_ylabel("membrane voltage (mV)")
    right.set_ylabel("change since the free state (mV)")
    left.set_title(f"Training sample {sample}", loc="left", fontsize=10)
    right.set_title("What the nudge changes", loc="left", fontsize=10)
    for axes in (left, right):
        axes.legend(loc="lower right", bbox_to_anchor=(1.02, 0.985), fontsize=8, ncol=3,
                    frameon=False, borderaxespad=0, handlelength=1.6, columnspacing=1.0)


def smooth(values, width):
    """Means of `width` neighbours, fewer at the ends."""
    weights = np.ones(width)
    return np.convolve(values, weights, "same") / np.convolve(np.ones(len(values)), weights, "same")


def draw_learning(axes, run):
    samples = run["training/samples"][()] if "training/samples" in run else np.empty(0)
    if len(samples) > 0:
        block = np.diff(np.r_[0, samples])
        # Each block's answers were given between its first and its last sample.
        width = max(1, len(samples) // 50)
        axes.plot(samples - block / 2, 100 * smooth(run["training/accuracy"][()], width),
                  color=BLUE, marker="o" if width == 1 else "", markersize=3, linewidth=1.2,
                  label="this run, while training")
    # Separate positions beside the curve's end, so that nearly equal results stay readable.
    last = float(samples[-1]) if len(samples) else 1.0
    results = (("compare/accuracy", "tested: this run", "D", BLUE),
               ("compare/accuracy_ideal", "tested: ideal reference", "s", VERMILION),
               ("compare/accuracy_backprop", "tested: back-propagation", "^", GREEN))
    for k, (path, label, marker, colour) in enumerate(results):
        if path not in run or not np.isfinite(run[path][()]):
            continue
        value = 100 * float(run[path][()])
        axes.plot(last * (1.04 + 0.05 * k), value, marker=marker, color=colour, linestyle="none",
                  markersize=6, label=f"{label} {value:.1f} %")
    axes.set_xlim(0, last * 1.2)
    axes.set_xlabel("training samples")
    axes.set_ylabel("right answers (%)")
    axes.set_title("Learning curve", loc="left", fontsize=10)
    axes.grid(color="#DDDDDD", linewidth=0.6)
    axes.legend(loc="lower right", fontsize=8)


def draw_alignment(axes, run):
    if "compare/sample" not in run or run["compare/sample"].shape[0] < 2:
        say(axes, "no comparisons of updates: monitor.gradient_every")
        return
    sample = run["compare/sample"][()]
    width = max(1, len(sample) // 25)
    layers = sorted(name for name in run["compare"] if name.startswith("layer"))
    for colour, name in zip(LAYER_COLOURS, layers):
        group = run[f"compare/{name}"]
        number = name.removeprefix("layer")
        for what, style, label in (("cosine_wanted", "-", "wanted"),
                                   ("cosine_applied", "--", "applied"),
                                   ("cosine_shuffled", ":", "applied, wrong label")):
            axes.plot(sample, smooth(group[what][()], width), color=colour, linestyle=style,
                      linewidth=1.3, label=f"layer {number}, {label}")
    axes.axhline(0, color=GREY, linewidth=0.6)
    axes.set_ylim(min(-0.1, axes.get_ylim()[0]), 1.05)
    axes.set_xlabel("training samples")
    axes.set_ylabel("cosine with the exact gradient")
    axes.set_title(f"Weight changes against the exact gradient (means of {width})"
                   if width > 1 else "Weight changes against the exact gradient",
                   loc="left", fontsize=10)
    axes.grid(color="#DDDDDD", linewidth=0.6)
    axes.legend(fontsize=8, ncol=len(layers), loc="upper center", bbox_to_anchor=(0.5, -0.17),
                frameon=False)


def draw(run, picture, sample=None, neurons=6):
    figure, axes = plt.subplots(2, 2, figsize=(10, 7.2), constrained_layout=True)
    sample = latest_sample(run) if sample is None else sample
    if sample is None:
        say(axes[0, 0], "no waveforms: output.probes and output.samples")
        say(axes[0, 1], "")
    else:
        draw_relaxation(axes[0, 0], axes[0, 1], run, sample, neurons)
    draw_learning(axes[1, 0], run)
    draw_alignment(axes[1, 1], run)
    figure.savefig(picture, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", help="trace of a run")
    parser.add_argument("picture", help="file to write: .png, .svg or .pdf")
    parser.add_argument("--sample", type=int, help="training sample shown; else the last recorded")
    parser.add_argument("--neurons", type=int, default=6, help="neurons shown of each layer")
    arguments = parser.parse_args()
    with h5py.File(arguments.run, "r") as run:
        if arguments.sample is not None and f"probes/sample{arguments.sample}" not in run:
            print(f"{arguments.run}: no waveforms of sample {arguments.sample}", file=sys.stderr)
            return 2
        draw(run, arguments.picture, arguments.sample, arguments.neurons)
    return 0


if __name__ == "__main__":
    sys.exit(main())
