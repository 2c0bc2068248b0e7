"""What a report is made of: sections with pictures, tables and notes; and how pictures get into one
file."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from matplotlib.figure import Figure

from ..errors import TraceError
from ..plots.style import styled

_SVG_LIMIT = 500_000  # bytes; beyond it a picture is stored as pixels
_DOTS = 160


@dataclass
class Picture:
    source: str  # data: URL
    width: int  # CSS pixels
    height: int
    alt: str
    caption: str
    kind: str = "picture"


@dataclass
class Table:
    """rows: lists of texts, the first one heads its row. numeric: columns aligned to the right."""

    caption: str
    columns: list[str]
    rows: list[list[str]]
    numeric: bool = True
    folded: str = ""  # a long table is to be unfolded by these words
    kind: str = "table"


@dataclass
class Note:
    text: str
    kind: str = "note"


@dataclass
class Missing(Note):
    """Why something is not shown."""


@dataclass
class Heading:
    """Of a part of a section (h3): one run of several."""

    text: str
    kind: str = "heading"


@dataclass
class Listing:
    """Preformatted text to be unfolded."""

    summary: str
    text: str
    kind: str = "listing"


@dataclass
class Section:
    name: str  # anchor
    title: str
    blocks: list = field(default_factory=list)

    def is_empty(self) -> bool:
        """Whether it only says why there is nothing."""
        return all(isinstance(block, (Missing, Heading)) for block in self.blocks)

    def reasons(self) -> list[str]:
        found = [block.text for block in self.blocks if isinstance(block, Missing)]
        return list(dict.fromkeys(found))


@styled
def embed(figure: Figure, caption: str, pixels: bool = False) -> Picture:
    """The figure as a picture inside the page: SVG with its letters as paths, so that it looks the
    same everywhere, or PNG where that is smaller."""
    width, height = (round(96 * inches) for inches in figure.get_size_inches())
    content, kind = b"", "svg+xml"
    if not pixels:
        target = io.BytesIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(target, format="svg", metadata=nothing, dpi=_DOTS)
        content = _bare(target.getvalue())
    if pixels or len(content) > _SVG_LIMIT:
        target = io.BytesIO()
        figure.savefig(target, format="png", dpi=_DOTS, metadata={"Software": None})
        content, kind = target.getvalue(), "png"
    source = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    return Picture(source, width, height, figure.get_label(), caption)


def _bare(svg: bytes) -> bytes:
    """Without document type and metadata, whose addresses somebody might try to fetch."""
    svg = re.sub(rb"<!DOCTYPE.*?>\s*", b"", svg, flags=re.S)
    return re.sub(rb"\s*<metadata>.*?</metadata>", b"", svg, flags=re.S)


def missing(error: TraceError, path: str, run: str = "") -> Missing:
    """The error's sentence without the file's name, as a line of the report."""
    sentence = str(error).removeprefix(path + ": ").rstrip(".") + "."
    return Missing(f"{run}: {sentence}" if run else sentence[0].upper() + sentence[1:])


def attempt(path: str, caption: str, make: Callable[[], Figure], pixels: bool = False):
    """The picture, or a line that says why there is none."""
    try:
        return embed(make(), caption, pixels)
    except TraceError as error:
        return missing(error, path)
