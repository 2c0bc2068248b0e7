"""Data sets of an open trace as xarray.DataArray: axes by their dimension scales, units, and no row
that is not committed."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np
import xarray

from .errors import TraceError, nearest, quoted
from .storage import text

# Series beside a row axis that say which row it is.
_COMPANIONS = ("sample", "cycle", "epoch")


def scale_of(data: h5py.Dataset, axis: int) -> h5py.Dataset | None:
    if axis < len(data.dims) and len(data.dims[axis]):
        return data.dims[axis][0]
    return None


def is_scale(data: h5py.Dataset) -> bool:
    return bool(h5py.h5ds.is_scale(data.id))


def _grows(data: h5py.Dataset) -> bool:
    return bool(data.shape) and data.maxshape[0] is None


def committed_rows(data: h5py.Dataset) -> int:
    """Rows of a series that all series on its row axis have."""
    count = data.shape[0]
    if not _grows(data):
        return count
    axis = scale_of(data, 0)
    axis = data if axis is None else axis
    count = min(count, axis.shape[0])
    for reference, dimension in axis.attrs.get("REFERENCE_LIST", ()):
        if dimension == 0:
            count = min(count, axis.file[reference].shape[0])
    return count


def attributes(data: h5py.Dataset) -> dict[str, str]:
    return {k: text(data.attrs[k]) for k in ("units", "long_name") if k in data.attrs}


def _values(data: h5py.Dataset, selection: Any = ()) -> np.ndarray:
    if data.dtype.kind in "SO":
        return np.asarray(data.asstr()[selection], dtype=object)
    return np.asarray(data[selection])


def positions(labels: np.ndarray, wanted: Any, what: str, where: str) -> np.ndarray | int:
    """Index or indices of labels; slices are inclusive at both ends, as in xarray."""
    if isinstance(wanted, slice):
        low = labels[0] if wanted.start is None and len(labels) else wanted.start
        high = labels[-1] if wanted.stop is None and len(labels) else wanted.stop
        inside = (labels >= low) & (labels <= high) if len(labels) else np.empty(0, bool)
        return np.flatnonzero(inside)[:: wanted.step or 1]
    many = np.atleast_1d(wanted)
    found = []
    for value in many:
        at = np.flatnonzero(labels == value)
        if len(at) == 0:
            raise TraceError(
                f"{where}: {what} {value} is not recorded; there is {listing(labels)}")
        found.append(at[0])
    return int(found[0]) if np.ndim(wanted) == 0 else np.asarray(found)


def listing(labels: np.ndarray) -> str:
    distinct = np.unique(labels)
    if len(distinct) == 0:
        return "none"
    if len(distinct) <= 8:
        return ", ".join(str(v) for v in distinct)
    return f"{distinct[0]} ... {distinct[-1]} ({len(distinct)} values)"


def rows_with(labels: np.ndarray, wanted: Any, what: str, where: str) -> np.ndarray:
    """Rows of a companion series (many rows may have one label)."""
    if isinstance(wanted, slice):
        return np.asarray(positions(labels, wanted, what, where))
    for value in np.atleast_1d(wanted):
        if not np.any(labels == value):
            raise TraceError(
                f"{where}: {what} {value} is not recorded; there is {listing(labels)}")
    return np.flatnonzero(np.isin(labels, np.atleast_1d(wanted)))


def read(file: h5py.File, path: str, where: str, within: range | None = None,
         **select: Any) -> xarray.DataArray:
    """The data set at `path`, read into memory.

    within: of a long series only these rows are looked at. select: for each axis or companion
    (sample, cycle) a label, a list of labels or a slice of labels (both ends included). TraceError
    for an unknown path, axis or label.
    """
    if path not in file or not isinstance(file[path], h5py.Dataset):
        raise missing(file, path, where)
    data = file[path]
    rows = committed_rows(data) if data.shape else 0
    begin, end = (0, rows) if within is None else (within.start, within.stop)
    begin, end = min(begin, rows), min(end, rows)
    names, coords, picks, companions = [], {}, [], {}
    for axis in range(data.ndim):
        scale = scale_of(data, axis)
        name = scale.name.rsplit("/", 1)[-1] if scale is not None else f"axis{axis}"
        if scale is None and axis == 0 and is_scale(data):
            scale, name = data, data.name.rsplit("/", 1)[-1]
        if name in names:
            name += "_%d" % (axis + 1)
        part = slice(begin, end) if axis == 0 else slice(0, data.shape[axis])
        labels = _values(scale, part) if scale is not None else np.arange(part.start, part.stop)
        names.append(name)
        coords[name] = (name, labels, attributes(scale) if scale is not None else {})
        picks.append(positions(labels, select[name], name, where)
                     if name in select else np.arange(len(labels)))
        if axis == 0 and scale is not None and _grows(data):
            companions = _companions(scale, part, name)
    for name, (labels, info) in companions.items():
        if name in coords:
            continue
        coords[name] = (names[0], labels, info)
        if name in select:
            inside = rows_with(labels, select[name], name, where)
            kept = np.atleast_1d(picks[0])
            picks[0] = kept[np.isin(kept, inside)]
    unknown = [k for k in select if k not in coords]
    if unknown:
        raise TraceError(f"{where}: {path} has no axis {quoted(unknown)}, it has "
                         f"{quoted(coords) or 'none'}")
    values, dims = _take(data, picks, names, begin)
    result = xarray.DataArray(values, dims=dims, name=path.rsplit("/", 1)[-1],
                              attrs=attributes(data))
    at = dict(zip(names, picks))
    for name, (dim, labels, info) in coords.items():
        taken = labels[at[dim]]
        result.coords[name] = ((dim,), taken, info) if np.ndim(taken) else ((), taken, info)
    return result


def _take(data: h5py.Dataset, picks: list, names: list[str],
          begin: int) -> tuple[np.ndarray, list[str]]:
    """Reads the smallest block that holds what was picked; numpy picks from it."""
    if not picks:
        return _values(data), []
    block, inner = [], []
    for pick in picks:
        many = np.atleast_1d(pick)
        low = int(many.min()) if len(many) else 0
        high = int(many.max()) + 1 if len(many) else 0
        offset = 0 if block else begin
        block.append(slice(low + offset, high + offset))
        inner.append(pick - low)
    values = _values(data, tuple(block))
    for axis in reversed(range(len(picks))):
        values = np.take(values, inner[axis], axis=axis)
    return values, [n for n, pick in zip(names, picks) if np.ndim(pick)]


def _companions(axis: h5py.Dataset, part: slice, own: str) -> dict[str, tuple[np.ndarray, dict]]:
    found = {}
    for name in _COMPANIONS:
        beside = axis.parent.get(name)
        if name == own or not isinstance(beside, h5py.Dataset) or beside.ndim != 1:
            continue
        scale = scale_of(beside, 0)
        if scale is not None and scale.name == axis.name:
            found[name] = (_values(beside, part), attributes(beside))
    return found


def dataset_paths(file: h5py.Group) -> list[str]:
    """Paths of all data sets below a group, relative to it, in alphabetical order."""
    paths: list[str] = []
    file.visititems(lambda p, thing: paths.append(p) if isinstance(thing, h5py.Dataset) else None)
    return sorted(paths)


def missing(file: h5py.File, path: str, where: str) -> TraceError:
    near = quoted(nearest(path, dataset_paths(file)))
    return TraceError(f"{where}: no data set {quoted([path])}; "
                      + (f"the nearest are {near}" if near else "the file holds none"))
