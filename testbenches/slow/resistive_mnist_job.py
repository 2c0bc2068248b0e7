#!/usr/bin/env python3
"""X11 of ep-circuits section 5: the deep resistive network 784-100-10 on MNIST.

    resistive_mnist_job.py MEMPROP CONFIG

Ten epochs with the settings of Scellier (arXiv:2402.11674): the published test error is 3.46 %.
Also: four iterations are as good as ten, which the trained weights are tested with.
"""

import sys
from pathlib import Path

from resumable_run import run

PUBLISHED, TOLERANCE = 3.5, 0.4  # percent test error


def main():
    memprop, config = sys.argv[1:3]
    trained = run(memprop, config, "x11")
    error = 100 * (1 - trained["accuracy"])
    good = abs(error - PUBLISHED) <= TOLERANCE
    print(f"{'ok  ' if good else 'MISS'} test error {error:.2f} % "
          f"(expected {PUBLISHED} +- {TOLERANCE})")
    settled = run(memprop, config, "settled", [
        f"network.init_file={Path('x11.h5').resolve()}", "learning.train=false", "ideal.free_steps=10"])
    same = abs(settled["accuracy"] - trained["accuracy"]) <= 1e-3
    print(f"{'ok  ' if same else 'MISS'} with ten iterations {100 * (1 - settled['accuracy']):.2f} %")
    return 0 if good and same else 1


if __name__ == "__main__":
    sys.exit(main())
