"""Following a run while it goes on."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import TraceError
from .run import Run


@dataclass(frozen=True)
class Progress:
    """One committed state of a trace that grows.

    rows: committed rows of every growing data set. new: for those that grew since the state before,
    (first new row, row behind the last). finished: nobody writes the file any more.
    """

    run: Run
    rows: dict[str, int]
    new: dict[str, tuple[int, int]]
    finished: bool

    @property
    def samples(self) -> int:
        """Training samples done."""
        return self.run.summary().training_samples


def follow(run: Run | str | os.PathLike, poll_s: float = 0.5,
           timeout_s: float | None = None) -> Iterator[Progress]:
    """Yields the present state, then whenever the run has committed more rows, and at last the
    state in which it ended (finished). Waits up to `timeout_s` for a file that does not exist yet,
    and ends with TraceError if nothing is committed for that long (None: waits for ever)."""
    since = time.monotonic()

    def too_long() -> bool:
        return timeout_s is not None and time.monotonic() - since > timeout_s

    if not isinstance(run, Run):
        path = os.fspath(run)
        while not os.path.exists(path):
            if too_long():
                raise TraceError(f"{path}: expected the trace of a run, found nothing for "
                                 f"{timeout_s:g} s")
            time.sleep(min(poll_s, 0.1))
        run = Run(path)
    before: dict[str, int] | None = None
    while True:
        # In this order: what a run commits last is there once it has gone.
        finished = not run.being_written
        rows = run.rows()
        if before is None or rows != before or finished:
            old = before or {}
            new = {p: (old.get(p, 0), n) for p, n in rows.items() if n > old.get(p, 0)}
            yield Progress(run, rows, new, finished)
            before, since = rows, time.monotonic()
        if finished:
            return
        if too_long():
            raise TraceError(f"{run.path}: the run committed nothing for {timeout_s:g} s")
        time.sleep(poll_s)
