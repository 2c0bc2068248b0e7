"""The sections of a report, in their order."""

from __future__ import annotations

import math

from .. import plots
from ..comparison import config_difference
from ..errors import TraceError
from ..run import Run, Summary
from . import figures
from .blocks import Heading, Listing, Missing, Note, Section, Table, attempt, embed, missing

MOST_RUNS_SHOWN_SINGLY = 6


def all_sections(runs: list[Run]) -> list[Section]:
    made = [summary(runs), notices(runs), learning(runs), alignment(runs), relaxation(runs),
            settling(runs), conductances(runs), pulses(runs), cost(runs), imperfections(runs),
            configuration(runs)]
    shown = [section for section in made if not section.is_empty()]
    rows = [[section.title, " ".join(section.reasons())] for section in made if section.is_empty()]
    if rows:
        table = Table("Sections without data, and why", ["section", "why"], rows, False)
        shown.insert(-1, Section("left-out", "Left out", [table]))
    return shown


def _one_by_one(runs: list[Run], make) -> list:
    """The blocks of each run, under its name if there are several."""
    blocks = []
    for run in runs[:MOST_RUNS_SHOWN_SINGLY]:
        if len(runs) > 1:
            blocks.append(Heading(run.name))
        blocks += make(run)
    left = len(runs) - MOST_RUNS_SHOWN_SINGLY
    if left > 0:
        blocks.append(Note(f"{left} more run{' is' if left == 1 else 's are'} not shown singly."))
    return blocks


def _with_data(runs: list[Run], needed) -> tuple[list[Run], list[Missing]]:
    """The runs for which `needed(run)` works, and notes for the others."""
    good, notes = [], []
    for run in runs:
        try:
            needed(run)
            good.append(run)
        except TraceError as error:
            notes.append(missing(error, run.path, run.name if len(runs) > 1 else ""))
    return good, notes


def summary(runs: list[Run]) -> Section:
    summaries = [run.summary() for run in runs]
    section = Section("summary", "Summary")
    if len(runs) == 1:
        s = summaries[0]
        section.blocks.append(Note(figures.headline(s)))
        rows = []
        for name, value in (("this run", s.accuracy), ("ideal reference", s.accuracy_ideal),
                            ("back-propagation", s.accuracy_backprop)):
            rows.append([name, figures.percent(value), figures.interval(value, s.test_samples),
                         figures.points(s.accuracy - value) if name != "this run"
                         else figures.NONE])
        section.blocks.append(Table(
            f"Right answers on the test samples after {_trained(s)}; {_tested(s.test_samples)}",
            ["", "test accuracy", "95 % interval", "this run is better by (points)"], rows))
        section.blocks.append(Table("Key figures", ["", "value"], figures.key_figures(runs[0])))
        return section
    section.blocks.append(Table(
        "Right answers on the test samples, with the ideal reference and back-propagation (BP) on "
        "the same samples; differences in percentage points",
        ["run", "test accuracy", "ideal", "BP", "minus ideal",
         "minus BP", "test samples"],
        [[s.name, figures.percent(s.accuracy), figures.percent(s.accuracy_ideal),
          figures.percent(s.accuracy_backprop), figures.points(s.accuracy - s.accuracy_ideal),
          figures.points(s.accuracy - s.accuracy_backprop),
          figures.count(s.test_samples) if s.test_samples else "all"] for s in summaries]))
    section.blocks.append(Table(
        "What a training sample costs",
        ["run", "training samples", "epochs", "clock cycles", "pulses", "energy"],
        [[s.name, figures.count(s.training_samples or None), figures.count(s.epochs),
          *_cost_of_sample(s)] for s in summaries]))
    differing = _different_keys(runs)
    if differing:
        section.blocks.append(Table(
            "Keys of the configuration that differ", ["key", *[run.name for run in runs]],
            differing, False,
            f"{len(differing)} keys of the configuration differ" if len(differing) > 15 else ""))
    return section


def _cost_of_sample(s: Summary) -> list[str]:
    """Clock cycles, pulses, energy."""
    pulses = None if s.set_pulses is None or s.reset_pulses is None \
        else s.set_pulses + s.reset_pulses
    energy = figures.each(s.energy_j, s.counted_samples)
    return [figures.count(figures.each(s.cycles, s.counted_samples)),
            figures.count(figures.each(pulses, s.counted_samples)),
            plots.style.si(energy, "J") if energy else figures.NONE]


def _trained(s: Summary) -> str:
    if s.training_samples:
        return f"{figures.count(s.training_samples)} training samples"
    return f"{s.epochs} epoch{'' if s.epochs == 1 else 's'}"


def _tested(samples: int | None) -> str:
    return f"{figures.count(samples)} test samples" if samples else "all test samples of the data"


def _different_keys(runs: list[Run]) -> list[list[str]]:
    keys: dict[str, None] = {}
    for other in runs[1:]:
        keys.update(dict.fromkeys(config_difference(runs[0].config, other.config)))
    rows = []
    for key in keys:
        if key == "output.path":
            continue
        values = []
        for run in runs:
            value = run.config
            for part in key.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            values.append(figures.NONE if value is None else str(value))
        rows.append([key, *values])
    return rows


def notices(runs: list[Run]) -> Section:
    section = Section("notices", "Warnings and events")

    def one(run: Run) -> list:
        blocks: list = []
        events = run.events()
        blocks += [Note("Warning: " + w) for w in events.warnings if w.strip()]
        columns, rows = figures.event_rows(run)
        if rows:
            blocks.append(Table("What clipped, saturated or did not settle", columns, rows))
        if run.repaired:
            blocks.append(Note("A kill had left the file half way through a commit; it was "
                               "repaired when it was opened."))
        if not blocks and not events.counts:
            return [Missing(f"No events are counted (fidelity {run.fidelity}).")]
        return blocks or [Note("Nothing clipped, saturated or stayed unsettled.")]

    section.blocks = _one_by_one(runs, one)
    return section


def learning(runs: list[Run]) -> Section:
    good, notes = _with_data(runs, lambda run: run.training())
    section = Section("learning", "Learning")
    if good:
        section.blocks.append(embed(
            plots.learning(*good),
            "Share of right answers: in blocks of training samples, each before learning from it, "
            "and on the test samples after each epoch."))
    section.blocks += notes
    return section


def alignment(runs: list[Run]) -> Section:
    good, notes = _with_data(runs, lambda run: run.comparison())
    section = Section("alignment", "Gradient alignment")
    if good:
        section.blocks.append(embed(
            plots.alignment(*good),
            "How far weight changes point along the exact gradient at the chip's own weights "
            "(running means): wanted is what the converters' codes ask for, applied what the "
            "pulses made of it. A wrong label shows what chance gives."))
    section.blocks += notes
    return section


def relaxation(runs: list[Run]) -> Section:
    def one(run: Run) -> list:
        try:
            recorded = run.probe_samples()
            if not recorded:
                plots.relaxation(run)
        except TraceError as error:
            return [missing(error, run.path)]
        chosen = sorted({recorded[0], recorded[-1]}) if len(runs) == 1 else recorded[-1:]
        return [attempt(run.path, f"Training sample {sample}: membrane voltages of some neurons, "
                        "and what the nudge changes. Phases are shaded, sampling and conversion "
                        "hatched, the ideal network dotted where it was recorded.",
                        lambda s=sample: plots.relaxation(run, s)) for sample in chosen]

    return Section("relaxation", "Relaxation", _one_by_one(runs, one))


def settling(runs: list[Run]) -> Section:
    def one(run: Run) -> list:
        blocks: list = []
        try:
            tolerance = run.config.get("chip", {}).get("settle_tolerance")
            blocks.append(Table(
                "Phases whose residual, max |τ dv/dt| over the voltage scale, was above the "
                f"tolerance{'' if tolerance is None else f' of {tolerance:g}'} at their end",
                ["phase", "phases", "not settled", "mean residual"], figures.settling(run)))
        except TraceError as error:
            blocks.append(missing(error, run.path))
        blocks.append(attempt(
            run.path, "Largest deviation of the neurons from the ideal continuous-time network "
            "with the chip's own weights, by clock cycle.", lambda: plots.state_error(run)))
        return blocks

    return Section("settling", "Settling", _one_by_one(runs, one))


def conductances(runs: list[Run]) -> Section:
    def one(run: Run) -> list:
        try:
            tiles = run.devices()
        except TraceError as error:
            return [missing(error, run.path)]
        blocks = [
            attempt(run.path, "Numbers of devices over conductance, before and after training.",
                    lambda: plots.conductance_histograms(run)),
            attempt(run.path, "G+ − G− of every pair before and after training, and the change.",
                    lambda: plots.conductance_maps(run), pixels=True)]
        if any("at_bound" in t or "pulses_per_device" in t for t in tiles.values()):
            blocks.append(attempt(run.path, "Pulses that devices have received, and devices that "
                                  "sit at a bound.", lambda: plots.wear(run)))
        else:
            blocks.append(Missing("Pulses per device and devices at a bound over time are not in "
                                  "files of version 1."))
        return blocks

    return Section("conductances", "Conductances", _one_by_one(runs, one))


def pulses(runs: list[Run]) -> Section:
    good, notes = _with_data(runs, plots.cost.pulse_series)
    section = Section("pulses", "Pulses and saturation")
    if good:
        section.blocks.append(embed(plots.pulses(*good),
                                    "Programming pulses on all devices per training sample."))
    section.blocks += notes
    return section


def cost(runs: list[Run]) -> Section:
    section = Section("cost", "Energy and cycles")
    for needed, make, caption in (
            (plots.cost.energy_split, plots.energy, "Energy of a training sample by part; parts "
             "whose energy is not configured are missing."),
            (plots.cost.cycle_split, plots.cycles, "Clock cycles of a training sample by phase.")):
        good, notes = _with_data(runs, needed)
        if good:
            section.blocks.append(embed(make(*good), caption))
        section.blocks += notes
    return section


def imperfections(runs: list[Run]) -> Section:
    def one(run: Run) -> list:
        try:
            table = run.ablation()
        except TraceError as error:
            return [missing(error, run.path)]
        rows = [["all of them" if name == "all" else str(name), str(keys),
                 figures.percent(float(accuracy)),
                 figures.points(float(gain)) if math.isfinite(gain) else figures.NONE]
                for name, keys, accuracy, gain in zip(
                    table["imperfection"].values, table["keys"].values, table["accuracy"].values,
                    table["cost"].values)]
        return [attempt(run.path, "Accuracy gained by switching one imperfection off. Where "
                        "the test samples are counted, a grey band shows how large differences of "
                        "no meaning are.",
                        lambda: plots.ablation(run)),
                Table("One run per imperfection, everything else as it was",
                      ["without", "what was set", "test accuracy", "gained (points)"], rows, False)]

    return Section("imperfections", "What imperfections cost", _one_by_one(runs, one))


def configuration(runs: list[Run]) -> Section:
    def one(run: Run) -> list:
        provenance = [[k, str(v)] for k, v in run.provenance.items() if not isinstance(v, dict)]
        provenance += [[f"writer, {k}", str(v)]
                       for k, v in run.provenance.get("writer", {}).items()]
        provenance += [["file", run.path], ["format version", str(run.version)]]
        return [Table("Origin", ["", "value"], provenance, False),
                Listing("Configuration, every key with its value", run.resolved_text),
                Listing("Configuration as given", run.config_text)]

    return Section("configuration", "Configuration and origin", _one_by_one(runs, one))
