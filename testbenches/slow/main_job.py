#!/usr/bin/env python3
"""The main job and its controls against the table of the README.

    main_job.py MEMPROP CONFIG

Every row of the table that names a command or --set is run again. Accuracies have to lie within
TOLERANCE points of the table: the last bits of a result depend on the vector units of the machine,
and a training run makes them a few tenths of a point.
"""

import re
import sys
from pathlib import Path

from resumable_run import run

TOLERANCE = 1.5  # points; the standard error of one figure is 0.4
README = Path(__file__).resolve().parents[2] / "README.md"
ROW = re.compile(r"^\| ([^|]*) \| (\d+\.\d+) % \|$", re.M)
REFERENCES = {"ideal reference": "accuracy_ideal", "back-propagation": "accuracy_backprop"}


def expected():
    """Label, settings (None: a reference of the first run), percent."""
    rows = []
    for label, percent in ROW.findall(README.read_text(encoding="utf-8")):
        settings = re.findall(r"--set ([^`\s]+)", label)
        rows.append((label, settings, float(percent)))
    return rows


def main():
    memprop, config = sys.argv[1:3]
    rows = expected()
    if len(rows) < 4 or "memprop run" not in rows[0][0]:
        print("README.md: expected the table of results with the main job in its first row")
        return 1
    chip = run(memprop, config, "chip")
    failed = 0
    for number, (label, settings, percent) in enumerate(rows):
        reference = next((k for start, k in REFERENCES.items() if label.startswith(start)), None)
        if reference:
            found = 100 * chip[reference]
        elif settings:
            # The references are those of the first run.
            quick = ["run.ideal_reference=false", "run.backprop_reference=false"]
            found = 100 * run(memprop, config, f"control{number}", settings + quick)["accuracy"]
        else:
            found = 100 * chip["accuracy"]
        good = abs(found - percent) <= TOLERANCE
        failed += not good
        print(f"{'ok  ' if good else 'MISS'} {found:6.2f} % (table {percent:.2f} %) {label}",
              flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
