#!/usr/bin/env python3
"""Draws a picture of a memprop trace: plot_run.py RUN.h5 PICTURE.png [--sample N] [--neurons N]

Top: some neurons of the first layer and of the last one through one training sample, phases shaded,
and what the nudge changes. Bottom: the learning curve with the test accuracy of the chip, of the
ideal reference and of back-propagation, and the alignment of the updates with the exact gradient.

An example of the Python package of memprop (traces/python), which has every panel as a picture of
its own in memprop.plots. Panels for which the trace has no data say so.
"""

import argparse
import sys
from pathlib import Path

# From the tree, if it is not installed.
sys.path.append(str(Path(__file__).resolve().parents[1] / "traces" / "python"))

import memprop  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", help="trace of a run")
    parser.add_argument("picture", help="file to write: .png, .svg or .pdf")
    parser.add_argument("--sample", type=int, help="training sample shown; else the last recorded")
    parser.add_argument("--neurons", type=int, default=6, help="neurons shown of each layer")
    arguments = parser.parse_args()
    try:
        picture = memprop.plots.overview(memprop.open(arguments.run), arguments.sample,
                                         arguments.neurons)
    except memprop.TraceError as error:
        print(error, file=sys.stderr)
        return 2
    picture.savefig(arguments.picture, dpi=110)
    return 0


if __name__ == "__main__":
    sys.exit(main())
