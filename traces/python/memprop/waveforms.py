"""The recorded waveforms of a trace, by probe name, whatever the version of the file.

Version 2 keeps one long series per probe below /probes, whose rows carry sample and cycle; version
1 kept a group /probes/sample<n> for each recorded sample. Probe names are the paths below /probes
(version 2) or below the sample's group (version 1): "layer1/neurons/v", "controller/phase".
"""

from __future__ import annotations

import re
from typing import Any

import h5py
import numpy as np
import xarray

from . import labelled
from .errors import TraceError, nearest, quoted

_SAMPLE_GROUP = re.compile(r"sample(\d+)$")
# Names of version 1 that moved.
_OLD_NAMES = {"codes": "controller/codes", "held": "sample_hold"}
# Row axes and indices, not probes.
_BOOKKEEPING = {"time", "sample", "cycle", "samples/sample", "samples/first_row", "samples/rows"}
_COUNTING = {"neuron", "line", "row", "column", "output", "layer"}


def _old_groups(file: h5py.File) -> dict[int, h5py.Group]:
    found = {}
    for name in file.get("probes", ()):
        match = _SAMPLE_GROUP.match(name)
        if match:
            found[int(match.group(1))] = file["probes"][name]
    return dict(sorted(found.items()))


def _new_name(old: str) -> str:
    for new, before in _OLD_NAMES.items():
        if old.startswith(before + "/"):
            return "samples/" + new + old[len(before) :]
    return old


def _old_name(new: str) -> str:
    for name, before in _OLD_NAMES.items():
        if new.startswith(f"samples/{name}/"):
            return before + new[len("samples/" + name) :]
    return new


def names(file: h5py.File) -> list[str]:
    """Names of the probes, in alphabetical order."""
    if "probes" not in file:
        return []
    old = _old_groups(file)
    if old:
        found = {_new_name(p) for group in old.values() for p in labelled.dataset_paths(group)}
    else:
        found = set(labelled.dataset_paths(file["probes"]))
    return sorted(p for p in found - _BOOKKEEPING if p.rsplit("/", 1)[-1] not in _COUNTING)


def samples(file: h5py.File) -> list[int]:
    """Numbers of the training samples of which something was recorded."""
    if "probes" not in file:
        return []
    old = _old_groups(file)
    if old:
        return list(old)
    if "probes/samples/sample" in file:
        axis = file["probes/samples/sample"]
        numbers = axis[: labelled.committed_rows(axis)]
    elif "probes/sample" in file:
        rows = file["probes/sample"]
        numbers = rows[: labelled.committed_rows(rows)]
    else:
        return []
    return [int(n) for n in np.unique(numbers)]


def group_attributes(file: h5py.File) -> dict[str, float]:
    """adc_lsb_v, voltage_scale_v, clock_s, stride, where recorded."""
    old = list(_old_groups(file).values())
    group = old[0] if old else file.get("probes")
    return {k: float(v) for k, v in group.attrs.items()} if group is not None else {}


def read(file: h5py.File, name: str, where: str, **select: Any) -> xarray.DataArray:
    """One probe. `sample` selects recorded samples; of a single one only its rows are read."""
    known = names(file)
    if name not in known:
        if not known:
            raise TraceError(f"{where}: no probes were recorded: set output.probes and "
                             "output.samples")
        raise TraceError(f'{where}: no probe "{name}"; the nearest are '
                         f"{quoted(nearest(name, known))}")
    old = _old_groups(file)
    if old:
        return _read_old(file, old, name, where, **select)
    within, rest = _row_range(file, name, select, where)
    result = labelled.read(file, "probes/" + name, where, within, **rest)
    clock_s = group_attributes(file).get("clock_s")
    if clock_s is not None and "cycle" in result.coords:
        _add_own_time(result, clock_s)
    return result


def _row_range(file: h5py.File, name: str, select: dict,
               where: str) -> tuple[range | None, dict]:
    """The rows of a single sample, which are neighbours: of a long trace little is read. And what
    remains to be selected."""
    sample = select.get("sample")
    if name.startswith("samples/") or not isinstance(sample, (int, np.integer)):
        return None, select
    numbers = samples(file)
    if sample not in numbers:
        raise TraceError(f"{where}: sample {sample} was not recorded; there is "
                         f"{labelled.listing(np.asarray(numbers))}")
    if "probes/samples/first_row" not in file:
        return None, select
    index = file["probes/samples/sample"]
    at = int(np.flatnonzero(index[: labelled.committed_rows(index)] == sample)[0])
    first = int(file["probes/samples/first_row"][at])
    count = int(file["probes/samples/rows"][at])
    return range(first, first + count), select


def _add_own_time(result: xarray.DataArray, clock_s: float) -> None:
    """The coordinate time_in_sample: each sample's rows from the edge that entered LOAD."""
    if "time" not in result.dims:
        return
    time, cycle, sample = (result.coords[k].values for k in ("time", "cycle", "sample"))
    starts = np.flatnonzero(np.r_[True, np.diff(sample) != 0]) if len(sample) else np.empty(0, int)
    row = np.searchsorted(starts, np.arange(len(sample)), side="right") - 1
    own = time - time[starts][row] + (cycle[starts] * clock_s)[row]
    result.coords["time_in_sample"] = (
        "time",
        own,
        {"units": "s", "long_name": "time since the clock edge that entered LOAD"},
    )


def _read_old(file: h5py.File, groups: dict[int, h5py.Group], name: str, where: str,
              **select: Any) -> xarray.DataArray:
    wanted = select.pop("sample", None)
    if wanted is None:
        chosen = list(groups)
    elif isinstance(wanted, slice):
        at = labelled.positions(np.asarray(list(groups)), wanted, "sample", where)
        chosen = [list(groups)[k] for k in at]
    else:
        chosen = [int(n) for n in np.atleast_1d(wanted)]
    cycles = select.pop("cycle", None)
    parts = []
    for number in chosen:
        if number not in groups:
            raise TraceError(f"{where}: sample {number} was not recorded; there is "
                             f"{labelled.listing(np.asarray(list(groups)))}")
        path = f"{groups[number].name[1:]}/{_old_name(name)}"
        if path not in file:
            continue
        part = labelled.read(file, path, where, **select)
        if "time" in part.dims:
            count = part.sizes["time"]
            clock_s = float(groups[number].attrs["clock_s"])
            part.coords["cycle"] = ("time", np.arange(count), {"units": "1"})
            part.coords["sample"] = ("time", np.full(count, number), {"units": "1"})
            _add_own_time(part, clock_s)
            if cycles is not None:
                inside = labelled.rows_with(np.arange(count), cycles, "cycle", where)
                part = part.isel(time=inside)
        else:
            part = part.expand_dims({"sample": [number]})
            if np.ndim(wanted) == 0 and wanted is not None:
                part = part.isel(sample=0)
        parts.append(part)
    if not parts:
        raise TraceError(f'{where}: probe "{name}" was not recorded for these samples')
    if len(parts) == 1:
        return parts[0]
    return xarray.concat(parts, dim="time" if "time" in parts[0].dims else "sample")
