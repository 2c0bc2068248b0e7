"""Reads, compares and draws the traces of memprop runs.

    import memprop
    run = memprop.open("run.h5")
    print(run.summary())
    v = run.array("layer1/neurons/v", sample=499)      # xarray.DataArray (time, neuron), in V
    memprop.plots.learning(run).savefig("learning.svg")

Pure Python on h5py, numpy and xarray; pictures with matplotlib (memprop.plots), reports with jinja2
(memprop.report). Errors that are about the file or the request are memprop.TraceError.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import plots, report
    from .comparison import Comparison, Difference, compare
    from .errors import TraceError
    from .live import Progress, follow
    from .run import Events, Run, Summary

__version__ = "0.1.0"

# Imported when first used: `python -m memprop` can then say in a sentence which module is missing.
_HOME = {
    "Comparison": "comparison",
    "Difference": "comparison",
    "Events": "run",
    "Progress": "live",
    "Run": "run",
    "Summary": "run",
    "TraceError": "errors",
    "compare": "comparison",
    "follow": "live",
}
_MODULES = ("plots", "report")
__all__ = [*_HOME, *_MODULES, "open"]


def open(path: str | os.PathLike) -> Run:  # like xarray and h5netcdf
    """The run recorded in the trace at `path`; TraceError if there is none. A file that a kill
    left half way through a commit is repaired."""
    from .run import Run

    return Run(path)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module("." + name, __name__)
    if name in _HOME:
        value = getattr(importlib.import_module("." + _HOME[name], __name__), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
