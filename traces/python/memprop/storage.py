"""One trace file on disk: opened when something is read from it, and one committed state at a time,
also while a run writes it or after a kill has left it half way."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import h5py

from . import journal
from .errors import TraceError

T = TypeVar("T")

LATEST_VERSION = 2  # of the format that this package understands
_TRIES = 60


def text(value: Any) -> str:
    """Text as HDF5 keeps it (bytes, numpy bytes, str) as str."""
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


class Storage:
    """The file at `path`. TraceError unless it is a trace of a version known here."""

    def __init__(self, path: str | os.PathLike):
        self.path = os.fspath(path)
        self._file = os.path.realpath(self.path)  # a journal lies beside the file, not the link
        self.repaired = False
        self.version, self.created = self.read(self._check)

    def being_written(self) -> bool:
        try:
            return journal.is_being_written(self.path)
        except OSError as error:
            raise TraceError(f"{self.path}: cannot open: {error.strerror}") from None

    def read(self, function: Callable[[h5py.File], T]) -> T:
        """What `function` makes of the open file: one committed state, however long it takes. It
        must return values, nothing that reads later; and it may be called again where the file
        was changed under it all the same (on file systems that know neither leases nor locks)."""
        if not os.path.isfile(self.path):
            found = "a folder" if os.path.isdir(self.path) else "nothing"
            raise TraceError(f"{self.path}: expected the trace of a run, found {found}")
        for attempt in range(_TRIES):
            live = self.being_written()
            if not live:
                self._repair()
            problem: Exception | None = None
            with self._held_open() as descriptor:
                before = self._state(descriptor)
                try:
                    with self._open(descriptor) as file:
                        result = function(file)
                except (TraceError, OSError, RuntimeError, KeyError, ValueError) as error:
                    problem = error
                after = self._state(descriptor)
            # While it is held open, commits stay in the journal: a journal that has gone, or
            # another first page, mean that one has entered the file under our eyes; another file
            # under its name, that the journal read may belong to that one.
            changed = before[0] != after[0] or (before[1] and not after[1]) or not after[2]
            if not changed:
                if problem is None:
                    return result
                if isinstance(problem, (OSError, RuntimeError)):
                    raise TraceError(f"{self.path}: {self._reason(problem)}") from problem
                raise problem
            time.sleep(min(0.002 * 2**attempt, 0.25))
        raise TraceError(
            f"{self.path}: the file changed during each of {_TRIES} attempts to read it")

    @contextlib.contextmanager
    def _held_open(self) -> Iterator[int]:
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise TraceError(f"{self.path}: cannot open: {error.strerror}") from None
        try:
            begin = time.monotonic()
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    # A run in the middle of a commit, or another program that may keep it for good.
                    if time.monotonic() - begin > (30 if self.being_written() else 0.1):
                        break
                    time.sleep(0.001)
                except OSError:
                    break  # a file system without locks
            yield descriptor
        finally:
            os.close(descriptor)

    def _state(self, descriptor: int) -> tuple[bytes, bool, bool]:
        pending = os.path.exists(journal.journal_path(self._file))
        same = journal.names_open_file(self._file, descriptor)
        return os.pread(descriptor, journal.PAGE, 0), pending, same

    def _check(self, file: h5py.File) -> tuple[int, str]:
        if text(file.attrs.get("format", b"")) != "memprop-trace":
            raise TraceError(
                f"{self.path}: expected a memprop trace, found an HDF5 file without the attribute "
                "format = memprop-trace"
            )
        version = int(file.attrs.get("format_version", 0))
        if not 1 <= version <= LATEST_VERSION:
            raise TraceError(
                f"{self.path}: expected format version 1 to {LATEST_VERSION}, found {version}; "
                "a newer memprop package reads it"
            )
        return version, text(file.attrs.get("created", b""))

    def _repair(self) -> None:
        try:
            self.repaired = journal.repair(self._file) or self.repaired
        except OSError:
            pass  # not ours to repair: seen through the journal

    def _open(self, descriptor: int) -> h5py.File:
        # Never by name: HDF5 would share what this process has open already, stale as it may be.
        found = journal.read(self._file)
        size, pages = (os.fstat(descriptor).st_size, {}) if found is None else found
        return h5py.File(journal.CommittedFile(descriptor, size, pages), "r")

    def _reason(self, error: OSError | RuntimeError) -> str:
        if isinstance(error, (PermissionError, FileNotFoundError)) and error.strerror:
            return f"cannot open: {error.strerror}"
        if not h5py.is_hdf5(self.path):
            return "expected a memprop trace, found a file that is not HDF5"
        return f"damaged: {error}"
