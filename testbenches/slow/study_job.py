#!/usr/bin/env python3
"""A study of examples/studies: its runs, the table that comes out, and what is held against it.

    study_job.py STUDY MEMPROP STUDIES_FOLDER [--set KEY=VALUE ...]

STUDY is one of those below. Every run leaves its result in the present folder; an interrupted study
goes on from there. --set goes to every run (fewer samples, another seed): then the table is printed
and nothing is held against it. Exit code 1 where a criterion is missed; docs/studies.md says which
ones are, and why.
"""

import argparse
import math
import sys
from pathlib import Path

from resumable_run import run


class Study:
    def __init__(self, arguments):
        self.memprop = arguments.memprop
        self.folder = Path(arguments.folder)
        self.settings = arguments.set
        self.failed = 0

    def percent(self, config, name, settings=()):
        """Accuracy on the test samples, in percent."""
        return 100 * self.result(config, name, settings)["accuracy"]

    def result(self, config, name, settings=()):
        return run(self.memprop, str(self.folder / config), name, [*settings, *self.settings])

    def row(self, *cells):
        print("| " + " | ".join(c if isinstance(c, str) else f"{c:.2f}" for c in cells) + " |",
              flush=True)

    def head(self, *cells):
        self.row(*cells)
        self.row(*["---"] * len(cells))

    def hold(self, good, sentence):
        if self.settings:
            print(f"(not held, settings were changed) {sentence}")
            return
        self.failed += not good
        print(f"{'ok  ' if good else 'MISS'} {sentence}", flush=True)


def threshold(points, level):
    """Where accuracies over rising sigma first fall through a level, between points on a
    logarithmic axis; None where they do not."""
    for (s0, a0), (s1, a1) in zip(points, points[1:]):
        if a0 >= level > a1:
            share = (a0 - level) / (a0 - a1)
            return math.exp(math.log(s0) + share * (math.log(s1) - math.log(s0)))
    return None


def noise_threshold(study):
    """X17. sigma in units of V_s (100 mV), the full scale of an activity."""
    config = "noise_threshold.toml"
    averages = (1, 4, 16)
    clean = study.percent(config, "clean")
    print(f"without noise: {clean:.2f} %")
    study.head("sigma", *[f"N = {n}" for n in averages])
    points = []
    for sigma in (1e-4, 3e-4, 1e-3, 3e-3):
        cells = []
        for n in averages:
            cells.append(study.percent(config, f"sigma{sigma:g}-n{n}",
                                       [f"chip.adc.noise={0.1 * sigma:.6g} V",
                                        f"chip.adc.average={n}"]))
            points.append((sigma / math.sqrt(n), cells[-1]))
        study.row(f"{sigma:g}", *cells)
    points.sort()
    onset = threshold(points, clean - 5.0)
    half = threshold(points, (clean + 10.0) / 2)  # half of what was learned over chance
    for lost, found in (("5 points", onset), ("half", half)):
        print(f"{lost} lost at sigma/sqrt(N) =", f"{found:.2g}" if found else "-")
    study.hold(onset is not None and half is not None, "a critical sigma lies within the range")
    # One curve for all N: in the order of sigma/sqrt(N) accuracies only fall, but for the noise of
    # an accuracy (1.5 points on 1,000 images).
    lowest, rise = math.inf, 0.0
    for _, accuracy in points:
        rise = max(rise, accuracy - lowest)
        lowest = min(lowest, accuracy)
    study.hold(rise < 5.0, "in the order of sigma/sqrt(N) no accuracy rises by 5 points: "
               f"{rise:.2f}")


def sign_update(study):
    """X18. Rates and thresholds were chosen on training images that take no part here."""
    config = "sign_update.toml"
    proportional = study.percent(config, "proportional")
    sign = study.percent(config, "sign", SIGN)
    study.head("update", "accuracy in %")
    study.row("stochastic, proportional (U2)", proportional)
    study.row("sign-sign (U3)", sign)
    study.hold(proportional - sign < 3.0,
               f"signs cost less than 3 points: {proportional - sign:.2f}")


SIGN = ["chip.update.circuit=sign-sign", "chip.device.step=8e-4",
        "chip.update.sign_threshold_post=0.005",
        "chip.update.sign_threshold_pre=0.3"]

FAULTS = ["chip.neuron.gain_mismatch=0.1", "chip.neuron.offset=10 mV", "chip.stuck_fraction=0.1"]


def error_cancellation(study):
    """X20. The weights of the good chip, once it has learned, written into the faulty one."""
    config = "error_cancellation.toml"
    good = study.percent(config, "good")
    situ = study.percent(config, "faulty", FAULTS)
    written = ["network.init_file=" + str(Path("good.h5").resolve()), "learning.train=false"]
    transferred = study.percent(config, "transferred", FAULTS + written)
    study.head("chip", "weights", "accuracy in %", "loss in points")
    study.row("good", "trained in situ", good, "")
    study.row("faulty", "trained in situ", situ, good - situ)
    study.row("faulty", "those of the good one", transferred, good - transferred)
    study.hold(good - situ < 1.0, f"in situ less than 1 point is lost: {good - situ:.2f}")
    study.hold(transferred < situ, f"transferred weights lose more: {good - transferred:.2f}")


def pulses(result):
    return result["set_pulses"] + result["reset_pulses"]


def write_verify(study):
    """X19. Equal pulse count: the circuit that gives fewer pulses per sample trains on more."""
    config = "write_verify.toml"
    verify = ["chip.update.circuit=write-verify", "chip.update.verify_bits=12"]
    samples = 3000
    first = {"fixed step": study.result(config, "fixed", []),
             "write-verify": study.result(config, "verify", verify)}
    few = min(first, key=lambda k: pulses(first[k]))
    most = max(pulses(r) for r in first.values())
    more = round(samples * most / pulses(first[few]))
    settings = [f"data.train_samples={more}"] + (verify if few == "write-verify" else [])
    equal = dict(first)
    equal[few] = study.result(config, "equal", settings)
    study.head("update", "samples", "accuracy in %", "device pulses", "write energy in uJ",
               "converter energy in uJ")
    for label, results in (("", first), (" to equal pulses", {few: equal[few]})):
        for name, r in results.items():
            study.row(name + label, str(r["training_samples"]), 100 * r["accuracy"],
                      str(pulses(r)), 1e6 * r["energy_writes_j"], 1e6 * r["energy_converters_j"])
    lost = 100 * (equal["write-verify"]["accuracy"] - equal["fixed step"]["accuracy"])
    ratio = first["write-verify"]["energy_writes_j"] / first["fixed step"]["energy_writes_j"]
    print(f"write energy of write-verify over fixed step, equal samples: {ratio:.2f}")
    study.hold(lost < 1.0, f"without verification less than 1 point is lost after equal pulses: "
               f"{lost:.2f}")


def relative_error(result, layer):
    """|wanted - exact| / |exact|, from the mean cosine and the mean ratio of the lengths."""
    cosine = result[f"layer{layer}_cosine_wanted"]
    ratio = result[f"layer{layer}_ratio_wanted"]
    return math.sqrt(max(0.0, 1 + ratio * ratio - 2 * ratio * cosine))


def twin_mismatch(study):
    """X21. The error of the wanted update of layer 2; its bias falls as 1/beta where the copies
    differ, and shrinks with beta where one network is sampled twice."""
    config = "twin_mismatch.toml"
    betas = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
    twin = "chip.twin.mode="
    ways = {"sample-and-hold": [], "twins": [twin + "free-nudged"],
            "twins, parts swapped": [twin + "swapped"],
            "twins, zero-nudge subtracted": [twin + "zero-nudge"]}
    errors = {way: [] for way in ways}
    study.head("beta", *ways)
    for beta in betas:
        for way, settings in ways.items():
            name = way.replace(",", "").replace(" ", "-") + f"-{beta:g}"
            mismatch = ["chip.twin.gain_mismatch=0.01"] if settings else []
            result = study.result(config, name, [f"learning.beta={beta:g}", *settings, *mismatch])
            errors[way].append(relative_error(result, 2))
        study.row(f"{beta:g}", *[f"{errors[way][-1]:.3g}" for way in ways])
    slope = {way: math.log(e[-1] / e[2]) / math.log(betas[-1] / betas[2])
             for way, e in errors.items()}
    print("exponents of beta from 0.1 to 0.01:",
          ", ".join(f"{way} {s:.2f}" for way, s in slope.items()))
    study.hold(-1.1 < slope["twins"] < -0.9, "the error of unequal twins grows as 1/beta")
    study.hold(slope["sample-and-hold"] > 0.5, "that of one network sampled twice does not")


STUDIES = {
    "noise-threshold": noise_threshold,
    "sign-update": sign_update,
    "error-cancellation": error_cancellation,
    "write-verify": write_verify,
    "twin-mismatch": twin_mismatch,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", choices=sorted(STUDIES))
    parser.add_argument("memprop")
    parser.add_argument("folder")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    arguments = parser.parse_args()
    study = Study(arguments)
    STUDIES[arguments.study](study)
    return 1 if study.failed else 0


if __name__ == "__main__":
    sys.exit(main())
