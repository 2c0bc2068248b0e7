"""A trace on disk changes from one committed state to the next. What a commit changes in place
stands first in RUN.h5.journal; it enters the file at a moment when nobody has the file open. A kill
before that leaves the journal. Here its commit is finished, or the file is seen through it.

The format is the one of traces/hdf5/journal.hpp: 8 bytes "MPJRNL01", the size of the file after
the commit (uint64), the number of pages (uint64), then for each page its number (uint64) and its
4096 bytes, and a CRC-32 of all before it. Integers are in the machine's order: a journal never
leaves its machine. A journal that is not whole belongs to a commit that had not touched the file.
"""

from __future__ import annotations

import errno
import fcntl
import io
import os
import signal
import stat
import struct
import tempfile
import time
import zlib
from collections.abc import Callable

PAGE = 4096
_MAGIC = b"MPJRNL01"
_HEADER = struct.Struct("=8sQQ")
_ENTRY = 8 + PAGE
# struct flock: type, whence, start, length, owner (0 for locks of open file descriptions), padded.
_FLOCK = struct.Struct("@hhqqi0q")


def journal_path(path: str) -> str:
    return path + ".journal"


def names_open_file(path: str, descriptor: int) -> bool:
    """Whether `path` still names the open file: a writer may have put another in its place."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _lock(kind: int) -> bytes:
    return _FLOCK.pack(kind, os.SEEK_SET, 0, 0, 0)


def is_being_written(path: str) -> bool:
    """Whether a memprop run has the file open for writing. Asks for its lock, takes none."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _lock(fcntl.F_RDLCK))
    except OSError:
        return False  # a file system without locks
    finally:
        os.close(descriptor)
    return _FLOCK.unpack(answer)[0] != fcntl.F_UNLCK


def parse(journal: bytes) -> tuple[int, dict[int, bytes]] | None:
    """(size of the file after the commit, pages by number), or None for one that is not whole."""
    if len(journal) < _HEADER.size + 4:
        return None
    magic, size, count = _HEADER.unpack_from(journal)
    end = _HEADER.size + count * _ENTRY
    if magic != _MAGIC or end + 4 != len(journal):
        return None
    if struct.unpack_from("=I", journal, end)[0] != zlib.crc32(journal[:end]):
        return None
    pages = {}
    for entry in range(_HEADER.size, end, _ENTRY):
        number = struct.unpack_from("=Q", journal, entry)[0]
        pages[number] = journal[entry + 8 : entry + _ENTRY]
    return size, pages


def read(path: str) -> tuple[int, dict[int, bytes]] | None:
    """The journal beside `path` parsed; None where there is none or it is not whole."""
    try:
        with open(journal_path(path), "rb") as file:
            return parse(file.read())
    except FileNotFoundError:
        return None


def _write_fully(descriptor: int, content: bytes, at: int) -> None:
    view = memoryview(content)
    while view:
        done = os.pwrite(descriptor, view, at)
        view, at = view[done:], at + done


def _grants_leases(folder: str) -> bool:
    """Asked of a file that nobody else has open."""
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part") as probe:
        try:
            fcntl.fcntl(probe.fileno(), fcntl.F_SETLEASE, fcntl.F_WRLCK)
        except OSError:
            return False
    return True


def _exclusive(descriptor: int, leases: bool, wait_s: float = 2.0) -> Callable[[], object]:
    """Waits for a moment in which no other program has the file open; the result ends it. As the
    writer itself does (traces/hdf5/exclusive_use.hpp): by a lease, else by the lock of HDF5's
    readers. TimeoutError if there is no such moment."""
    end = time.monotonic() + wait_s
    while True:
        try:
            if leases:
                # Who opens the file meanwhile makes the kernel send a signal: an ignored one.
                fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
                fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
                return lambda: fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lambda: fcntl.flock(descriptor, fcntl.LOCK_UN)
        except OSError:
            pass  # somebody has it open
        if time.monotonic() > end:
            raise TimeoutError(errno.ETIMEDOUT, "another program has the file open")
        time.sleep(0.001)


def repair(path: str) -> bool:
    """Finishes the commit that a kill interrupted, as a resume would: afterwards there is no
    journal and a plain h5py.File(path) opens the file. True if something was done.

    Nothing is done while another process holds the writer's lock. OSError where that is not
    allowed here (a file or folder that cannot be written) or another program keeps the file open.
    """
    if not os.path.exists(journal_path(path)):
        return False
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        try:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _lock(fcntl.F_WRLCK))
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES):
                return False  # a living writer finishes it itself
        if not names_open_file(path, descriptor):
            return False  # a writer has replaced the file
        found = read(path)  # under the lock: what was there before may be finished by now
        if found is not None:
            done = _exclusive(descriptor, _grants_leases(os.path.dirname(path) or "."))
            try:
                _apply(descriptor, *found)
            finally:
                done()
        try:
            os.unlink(journal_path(path))
        except FileNotFoundError:
            return False
        return True
    finally:
        os.close(descriptor)


def _apply(descriptor: int, size: int, pages: dict[int, bytes]) -> None:
    for number, content in sorted(pages.items()):
        if number * PAGE < size:
            _write_fully(descriptor, content, number * PAGE)
    os.ftruncate(descriptor, size)
    os.fsync(descriptor)


class CommittedFile(io.RawIOBase):
    """The committed state of an open file, for h5py.File(object): what it holds, and over it the
    pages of a journal that is in force."""

    def __init__(self, descriptor: int, size: int, pages: dict[int, bytes]):
        super().__init__()
        self._descriptor, self._size, self._pages, self._at = descriptor, size, pages, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer) -> int:
        view = memoryview(buffer).cast("B")
        count = max(0, min(len(view), self._size - self._at))
        view = view[:count]
        done = 0
        while done < count:
            part = os.preadv(self._descriptor, [view[done:]], self._at + done)
            if part == 0:
                view[done:] = bytes(count - done)  # not written yet: zero, as for memprop
                break
            done += part
        if self._pages and count:
            self._lay_over(view)
        self._at += count
        return count

    def _lay_over(self, view: memoryview) -> None:
        end = self._at + len(view)
        for number in range(self._at // PAGE, (end - 1) // PAGE + 1):
            page = self._pages.get(number)
            if page is not None:
                low, high = max(number * PAGE, self._at), min((number + 1) * PAGE, end)
                view[low - self._at : high - self._at] = page[
                    low - number * PAGE : high - number * PAGE
                ]
