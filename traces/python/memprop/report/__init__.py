"""Reports: one HTML file that shows a run, or several side by side, without network.

    memprop.report.write_report([memprop.open("run.h5")], "report.html")
"""

from .build import render, write_report

__all__ = ["render", "write_report"]
