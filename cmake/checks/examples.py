#!/usr/bin/env python3
"""Runs every examples/*.toml, cut to a few samples: examples.py --source DIR --memprop PROGRAM

An example without an entry in CASES is a failure, so none is left out.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path


class Case:
    """Settings that cut the example down, the least accuracy, and what else has to be true."""

    def __init__(self, train, test, accuracy, more=None, settings=()):
        self.train, self.test, self.accuracy, self.more = train, test, accuracy, more
        self.settings = [f"{key}={value}" for key, value in
                         (("data.train_samples", train), ("data.test_samples", test)) if value]
        self.settings += settings


def ideal_and_backprop(result):
    return None if result["accuracy_backprop"] > 0.6 else "back-propagation learns nothing"


def feedback_angle(_, text):
    words = [line.split() for line in text.splitlines() if "angle of feedback array" in line]
    if len(words) != 1:
        return "no angle between the feedback array and the transposed weights"
    # 90 degrees: nothing in common. Below 1: the second array's spread is lost.
    angle = float(words[0][-2])
    return None if 1.0 < angle < 89.0 else f"angle of {angle} degrees"


def fixed_update_length(result):
    # U2: load 8, free 100, nudged 50 and 60, three times 4 + 4, and 4 passes of 31 slots.
    cycles = result["cycles"] / result["training_samples"]
    return None if cycles == 366 else f"{cycles} cycles a sample, not 366"


# Ten classes: an accuracy of 0.3 on 500 images is 15 standard deviations from guessing.
CASES = {
    "dendritic_chip": Case(1000, 300, 0.3),
    "dendritic_ep": Case(1000, 300, 0.3),
    "fashion_mnist": Case(200, 100, None),
    "fashion_mnist_rram": Case(200, 100, None),
    "fre_rnn": Case(4000, 500, 0.3, lambda r, _: ideal_and_backprop(r),
                    ("learning.batch=50", "run.backprop_reference=true")),
    "ideal": Case(4000, 500, 0.6, lambda r, _: ideal_and_backprop(r)),
    "ode": Case(500, 500, 0.3),
    "resistive_chip": Case(150, 100, None, settings=["data.name=fashion-mnist"]),
    "resistive_mnist": Case(4000, 500, 0.6,
                            settings=["data.name=fashion-mnist", "learning.epochs=1"]),
    "sleep_replay": Case(0, 500, None, settings=["tasks.samples=100"]),
    "stochastic_update": Case(500, 500, 0.3, lambda r, _: fixed_update_length(r)),
    "two_arrays": Case(500, 500, 0.3, feedback_angle),
    "xor": Case(0, 0, 1.0),
}


def run(memprop, config, settings, folder, *options):
    command = [memprop, "run", str(config), "-q", *options]
    for setting in settings:
        command += ["--set", setting]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def check(case, name, memprop, config, folder):
    """None, or what is wrong."""
    result = json.loads(run(memprop, config, case.settings, folder, "--json"))
    text = run(memprop, config, case.settings, folder, "-o", f"{name}.h5")
    if not (folder / f"{name}.h5").is_file():
        return "no trace"
    if case.train and result["training_samples"] != case.train:
        return f"{result['training_samples']} training samples, not {case.train}"
    if case.test and result["test_samples"] != case.test:
        return f"{result['test_samples']} test samples, not {case.test}"
    if case.accuracy is not None and result["accuracy"] < case.accuracy:
        return f"accuracy {result['accuracy']}, below {case.accuracy}"
    return case.more(result, text) if case.more else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--memprop", required=True)
    arguments = parser.parse_args()
    configs = sorted((arguments.source / "examples").glob("*.toml"))
    failed = 0
    with tempfile.TemporaryDirectory(prefix="memprop-") as folder:
        for config in configs:
            case = CASES.get(config.stem)
            try:
                problem = (check(case, config.stem, arguments.memprop, config, Path(folder))
                           if case else "no entry in CASES of cmake/checks/examples.py")
            except (RuntimeError, ValueError) as error:
                problem = str(error)
            print(f"{'FAILED' if problem else 'ok':8}{config.stem}: {problem or 'as expected'}",
                  flush=True)
            failed += problem is not None
    gone = sorted(set(CASES) - {config.stem for config in configs})
    if gone:
        print("in CASES, but no such example: " + ", ".join(gone))
    print(f"{len(configs)} examples, {failed} failed")
    return 1 if failed or gone or not configs else 0


if __name__ == "__main__":
    sys.exit(main())
