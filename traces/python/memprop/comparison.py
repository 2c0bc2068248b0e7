"""What differs between two runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from . import labelled
from .run import Run

# What two equal runs do not share: when and how fast they ran.
_WALL_CLOCK = {"created", "wall_s", "queue_bytes_peak", "stalls", "stall_s"}


@dataclass(frozen=True)
class Difference:
    """A data set with different values, or of different shape or type.

    count: how many values differ in the part that both have. first: index of the first of them.
    sample, cycle: of its row, where rows belong to samples or clock cycles. a, b: the two values.
    """

    path: str
    reason: str
    count: int = 0
    first: tuple[int, ...] | None = None
    sample: int | None = None
    cycle: int | None = None
    a: Any = None
    b: Any = None

    def __str__(self) -> str:
        place = "".join(f", {n} {v}" for n, v in (("sample", self.sample), ("cycle", self.cycle))
                        if v is not None)
        values = "" if self.first is None else f" at {list(self.first)}{place}: {self.a} | {self.b}"
        return f"{self.path}: {self.reason}{values}"


@dataclass(frozen=True)
class Comparison:
    """config: keys with both values (None: not there). only_a, only_b: paths. different: data sets
    that both have. first: the earliest difference that belongs to a sample, or None."""

    config: dict[str, tuple[Any, Any]]
    only_a: list[str]
    only_b: list[str]
    different: list[Difference]

    @property
    def equal(self) -> bool:
        """Whether the runs left the same numbers (configurations may still differ)."""
        return not (self.only_a or self.only_b or self.different)

    @property
    def first(self) -> Difference | None:
        placed = [d for d in self.different if d.sample is not None]
        # A row of a whole sample comes after all cycles of it.
        return min(placed, default=None, key=lambda d: (
            d.sample, float("inf") if d.cycle is None else d.cycle))

    def __str__(self) -> str:
        if self.equal and not self.config:
            return "equal"
        lines = [f"{key}: {a!r} | {b!r}" for key, (a, b) in self.config.items()]
        lines += [f"only in the first: {p}" for p in self.only_a]
        lines += [f"only in the second: {p}" for p in self.only_b]
        lines += [str(d) for d in self.different]
        if self.first is not None:
            lines.append(f"first difference: {self.first}")
        return "\n".join(lines)


def _flat(settings: dict, prefix: str = "") -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            out.update(_flat(value, f"{prefix}{key}."))
        else:
            out[prefix + key] = value
    return out


def config_difference(a: dict, b: dict) -> dict[str, tuple[Any, Any]]:
    """Keys (dotted) whose values differ."""
    flat_a, flat_b = _flat(a), _flat(b)
    return {key: (flat_a.get(key), flat_b.get(key)) for key in {**flat_a, **flat_b}
            if flat_a.get(key) != flat_b.get(key)}


def compare(a: Run, b: Run) -> Comparison:
    """Compares every data set of two runs bit by bit; wall-clock times and the texts of the
    configurations are left out (their keys are compared). NaN equals NaN."""
    def both(file_a: h5py.File) -> tuple[list[str], list[str], list[Difference]]:
        return b._storage.read(lambda file_b: _compare_files(file_a, file_b))

    only_a, only_b, different = a._storage.read(both)
    return Comparison(config_difference(a.config, b.config), only_a, only_b, different)


def _compared(file: h5py.File) -> list[str]:
    return [p for p in labelled.dataset_paths(file)
            if not p.startswith("config/") and p.rsplit("/", 1)[-1] not in _WALL_CLOCK]


def _compare_files(a: h5py.File, b: h5py.File) -> tuple[list[str], list[str], list[Difference]]:
    paths_a, paths_b = _compared(a), _compared(b)
    shared = set(paths_a) & set(paths_b)
    different = []
    for path in sorted(shared):
        found = _compare_data(a[path], b[path])
        if found is not None:
            different.append(found)
    return ([p for p in paths_a if p not in shared], [p for p in paths_b if p not in shared],
            different)


def _rows_at_once(data: h5py.Dataset) -> int:
    row = max(1, int(np.prod(data.shape[1:])) * data.dtype.itemsize)
    return max(1, (16 << 20) // row)


def _compare_data(a: h5py.Dataset, b: h5py.Dataset) -> Difference | None:
    path = a.name[1:]
    if a.dtype.kind != b.dtype.kind or a.ndim != b.ndim or a.shape[1:] != b.shape[1:]:
        return Difference(path, f"{a.dtype} {a.shape} | {b.dtype} {b.shape}")
    if a.ndim == 0:
        if _same(np.atleast_1d(a[()]), np.atleast_1d(b[()])).all():
            return None
        return Difference(path, "differs", 1, (), None, None, _shown(a[()]), _shown(b[()]))
    rows_a, rows_b = labelled.committed_rows(a), labelled.committed_rows(b)
    rows, count, first = min(rows_a, rows_b), 0, None
    step = _rows_at_once(a)
    for begin in range(0, rows, step):
        part = slice(begin, min(begin + step, rows))
        unequal = ~_same(a[part], b[part])
        if unequal.any():
            count += int(unequal.sum())
            if first is None:
                index = np.argwhere(unequal)[0]
                first = (int(index[0]) + begin, *(int(i) for i in index[1:]))
    if first is not None:
        reason = f"{count} of {rows * int(np.prod(a.shape[1:], dtype=int))} values differ, first"
        sample, cycle = _place(a, first[0])
        return Difference(path, reason, count, first, sample, cycle, _shown(a[first]),
                          _shown(b[first]))
    if rows_a != rows_b:
        return Difference(path, f"{rows_a} | {rows_b} rows, equal as far as both go")
    return None


def _same(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    if a.dtype.kind == "f":
        return (a == b) | (np.isnan(a) & np.isnan(b))
    return np.asarray(a == b)


def _shown(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return np.asarray(value).item()


def _place(data: h5py.Dataset, row: int) -> tuple[int | None, int | None]:
    """Training sample and clock cycle of a row, where the file tells them."""
    axis = labelled.scale_of(data, 0)
    axis = data if axis is None else axis
    own = axis.name.rsplit("/", 1)[-1]
    found: dict[str, int] = {}
    if own in ("sample", "samples"):
        found["sample"] = int(axis[row])
    for name in ("sample", "cycle"):
        beside = axis.parent.get(name)
        if isinstance(beside, h5py.Dataset) and beside.shape and row < beside.shape[0] \
                and own not in ("sample", "samples") and beside.shape == axis.shape:
            found[name] = int(beside[row])
    return found.get("sample"), found.get("cycle")
