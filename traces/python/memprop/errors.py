"""The one exception of this package."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class TraceError(Exception):
    """A trace cannot be used as asked: the message is one sentence that says what was expected and
    what was found."""


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The known names most like `name`, best first; without a likeness the first ones."""
    known = list(known)
    ends = [k for k in known if k.endswith("/" + name)]
    found = ends + difflib.get_close_matches(name, known, count, cutoff=0.4)
    return list(dict.fromkeys(found or known))[:count]


def quoted(names: Iterable[str]) -> str:
    """Names as a list in a sentence."""
    return ", ".join('"%s"' % name for name in names)
