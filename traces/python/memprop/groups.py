"""The groups of an open trace as labelled data: what the methods of Run return.

Each function takes the open file and `where`, the file's name in messages, and raises TraceError
where the run has recorded nothing of the kind.
"""

from __future__ import annotations

import re
from typing import Any

import h5py
import numpy as np
import xarray

from . import labelled
from .errors import TraceError
from .results import Events
from .storage import text

ENERGY_PARTS = ("arrays", "neurons", "converters", "writes", "digital")


def plain(value: Any) -> Any:
    """numpy scalars and bytes as Python's own."""
    if isinstance(value, (bytes, np.bytes_)):
        return text(value)
    if isinstance(value, np.ndarray):
        return [plain(v) for v in value.tolist()] if value.ndim else plain(value.item())
    return value.item() if isinstance(value, np.generic) else value


def provenance(file: h5py.File, where: str, created: str) -> dict[str, Any]:
    found: dict[str, Any] = {"created": created}
    if "provenance" not in file:
        return found
    group = file["provenance"]
    for name, value in group.attrs.items():
        found[name] = plain(value)
    for path in labelled.dataset_paths(group):
        found[path] = plain(group[path][()])
    if "writer" in group:
        found["writer"] = {k: plain(v) for k, v in group["writer"].attrs.items()}
    return found


def figures(file: h5py.File, where: str) -> dict[str, Any]:
    def value(path: str) -> Any:
        return file[path][()].item() if path in file else None

    def last(path: str, kind: type = int) -> Any:
        rows = labelled.committed_rows(file[path]) if path in file else 0
        return kind(file[path][rows - 1]) if rows else 0

    energy = [value(f"energy/{part}") for part in ENERGY_PARTS]
    known = [e for e in energy if e is not None]
    so_far = last("training/energy", float) or None
    per_sample = "training/update/sample"
    counted = done = last("training/samples")  # at the end of a block; updates may be further
    if per_sample in file and labelled.committed_rows(file[per_sample]):
        done = max(done, last(per_sample) + 1)
    nan = float("nan")
    return {
        "finished": "compare/accuracy" in file,
        "accuracy": _or(value("compare/accuracy"), nan),
        "accuracy_ideal": _or(value("compare/accuracy_ideal"), nan),
        "accuracy_backprop": _or(value("compare/accuracy_backprop"), nan),
        "loss": _or(value("compare/loss"), nan),
        "training_samples": done,
        "counted_samples": counted or done,
        "epochs": last("training/epoch"),
        "cycles": _or(value("events/cycles"), last("training/cycles") or None),
        "set_pulses": value("events/set_pulses"),
        "reset_pulses": value("events/reset_pulses"),
        "energy_j": sum(known) if known else so_far,
        "test_samples": value("compare/test_samples"),
        "wall_s": plain(file["provenance"].attrs.get("wall_s"))
        if "provenance" in file else None,
    }


def comparison(file: h5py.File, where: str) -> xarray.Dataset:
    numbers = sorted(int(m.group(1)) for m in map(re.compile(r"layer(\d+)$").match,
                                                  file.get("compare", ())) if m)
    if not numbers:
        raise TraceError(f"{where}: no comparisons with the exact gradient were "
                         "recorded: set monitor.gradient_every")
    if "compare/sample" in file and not labelled.committed_rows(file["compare/sample"]):
        raise TraceError(f"{where}: no weight change was compared yet")
    what = list(file[f"compare/layer{numbers[0]}"])
    found = {}
    for name in what:
        parts = [labelled.read(file, f"compare/layer{n}/{name}", where)
                 for n in numbers if name in file[f"compare/layer{n}"]]
        if parts and parts[0].dims == ("sample",):
            found[name] = xarray.concat(parts, xarray.IndexVariable("layer", numbers)) \
                .transpose("sample", "layer")
    return xarray.Dataset(found)


def state_error(file: h5py.File, where: str) -> xarray.DataArray:
    if "compare/cycle/state_error" in file:
        return labelled.read(file, "compare/cycle/state_error", where)
    groups = file.get("compare/states")
    if not groups:
        raise TraceError(f"{where}: no comparisons of states were recorded: set "
                         "monitor.state_every")
    parts = []
    for number in sorted(int(name.removeprefix("sample")) for name in groups):
        path = f"compare/states/sample{number}/state_error"
        part = labelled.read(file, path, where)
        part = part.rename({part.dims[0]: "row"})
        cycle = part.coords["row"].values
        part = part.drop_vars("row").assign_coords(
            cycle=("row", cycle), sample=("row", np.full(len(cycle), number)))
        parts.append(part)
    return xarray.concat(parts, "row").rename(row="time")


def devices(file: h5py.File, where: str, fidelity: str) -> dict[int, xarray.Dataset]:
    tiles = {}
    for name in file.get("devices", ()):
        match = re.match(r"tile(\d+)$", name)
        if match:
            tiles[int(match.group(1))] = _tile(file, where, f"devices/{name}")
    if not tiles:
        raise TraceError(f"{where}: no conductances were recorded (fidelity "
                         f"{fidelity})")
    if any(0 in tile.sizes.values() for tile in tiles.values()):
        raise TraceError(f"{where}: no conductances were recorded yet")
    return dict(sorted(tiles.items()))


def energy(file: h5py.File, where: str, fidelity: str) -> xarray.Dataset:
    parts = [p for p in ENERGY_PARTS if f"energy/{p}" in file]
    series = [p for p in ENERGY_PARTS if f"training/energy_{p}" in file]
    if not parts and not series:
        raise TraceError(f"{where}: no energies were recorded yet (fidelity "
                         f"{fidelity})")
    found = xarray.Dataset()
    if parts:
        values = [float(file[f"energy/{p}"][()]) for p in parts]
        found["total"] = xarray.DataArray(values, {"part": parts}, ("part",),
                                          attrs={"units": "J"})
    if series and not parts and not labelled.committed_rows(file["training/samples"]):
        raise TraceError(f"{where}: no energies were recorded yet")
    if series:
        blocks = [labelled.read(file, f"training/energy_{p}", where) for p in series]
        found["so_far"] = xarray.concat(blocks, xarray.IndexVariable("part", series)) \
            .transpose("samples", "part").rename("so_far")
    return found


def events(file: h5py.File, where: str) -> Events:
    group = file.get("events")
    if group is None:
        return Events({})
    counts = {name: int(data[()]) for name, data in group.items()
              if isinstance(data, h5py.Dataset) and data.shape == ()
              and data.dtype.kind in "iu"}
    warnings: list[str] = []
    if "warnings" in group:
        data = group["warnings"]
        warnings = [text(t) for t in np.atleast_1d(data.asstr()[()])] if data.size else []
    log = None
    if "log" in group and "kind" in group["log"]:
        log = _log(group["log"])
    return Events(counts, log, warnings)


def ablation(file: h5py.File, where: str) -> xarray.Dataset:
    if "ablation/imperfection" not in file:
        raise TraceError(f"{where}: no ablation was run: memprop run --ablate")
    group = file["ablation"]
    names = [str(n) for n in group["imperfection"].asstr()[()]]
    found = xarray.Dataset(coords={"imperfection": names})
    for name, data in group.items():
        if isinstance(data, h5py.Dataset) and name != "imperfection" \
                and data.shape == (len(names),) and not labelled.is_scale(data):
            found[name] = ("imperfection", labelled.read(
                file, f"ablation/{name}", where).values, labelled.attributes(data))
    if "cost" in found:
        cost = np.asarray(found["cost"].values, float)
        # Dearest first; unknown ones behind, all imperfections together last.
        rank = [(name == "all", not np.isfinite(c), -c if np.isfinite(c) else 0.0, k)
                for k, (name, c) in enumerate(zip(names, cost))]
        found = found.isel(imperfection=[r[-1] for r in sorted(rank)])
    return found


def group(file: h5py.File, where: str, name: str, hint: str) -> xarray.Dataset:
    if name not in file:
        raise TraceError(f"{where}: no {hint}")
    axis = file[name].get("sample")
    if axis is not None and not labelled.committed_rows(axis):
        raise TraceError(f"{where}: no row of {name} was committed yet")
    found = {}
    for member, data in file[name].items():
        if isinstance(data, h5py.Dataset) and not labelled.is_scale(data):
            found[member] = labelled.read(file, f"{name}/{member}", where)
    return xarray.Dataset(found)


def _tile(file: h5py.File, where: str, path: str) -> xarray.Dataset:
    group = file[path]
    found = xarray.Dataset(attrs={k: plain(v) for k, v in group.attrs.items()})
    for name, data in group.items():
        if not isinstance(data, h5py.Dataset) or labelled.is_scale(data):
            continue
        match = re.match(r"conductance_difference_(initial|final)$", name)
        part = labelled.read(file, f"{path}/{name}", where)
        if not match:
            found[name] = part
            continue
        rows = labelled.committed_rows(file["training/samples"]) \
            if "training/samples" in file else 0
        done = int(file["training/samples"][rows - 1]) if rows else 1
        snapshot = part.expand_dims(sample=[0 if match.group(1) == "initial" else done])
        old = found.get("conductance_difference")
        both = [snapshot] if old is None else [old, snapshot]
        found = found.drop_vars(["conductance_difference", "sample"], errors="ignore")
        found["conductance_difference"] = xarray.concat(both, "sample").sortby("sample")
    if "conductance_plus" in found and "conductance_difference" not in found:
        minus = found["conductance_minus"] if "conductance_minus" in found \
            else found.attrs.get("reference_s", 0.0)
        found["conductance_difference"] = found["conductance_plus"] - minus
        found["conductance_difference"].attrs = {"units": "S", "long_name": "G+ - G-"}
    return found


def _log(group: h5py.Group) -> xarray.Dataset:
    rows = min(labelled.committed_rows(group[name]) for name in group)
    kinds = group["kind"].attrs.get("kinds", group.attrs.get("kinds"))
    number = group["kind"][:rows]
    if kinds is None:
        kind = [str(n) for n in number]
    else:
        if isinstance(kinds, (bytes, str)) or np.ndim(kinds) == 0:
            kinds = re.split(r"[,;\s]+", text(kinds).strip())
        names = [text(k) for k in kinds]
        kind = [names[n] if n < len(names) else str(n) for n in number]
    return xarray.Dataset({
        "sample": ("row", group["sample"][:rows]),
        "kind": ("row", np.asarray(kind, dtype=object)),
        "layer": ("row", group["layer"][:rows]),
        "count": ("row", group["count"][:rows]),
    })


def _or(value: Any, other: Any) -> Any:
    return other if value is None else value
