"""Puts a report together: one HTML file without anything outside itself."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from importlib import resources

import jinja2

from .. import __version__
from ..errors import TraceError
from ..run import Run
from . import sections


def render(runs: Sequence[Run]) -> str:
    """The report of one or several runs as HTML."""
    runs = _named_apart(list(runs))
    if not runs:
        raise TraceError("a report needs at least one run")
    folder = resources.files(__package__)
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True,
                                     undefined=jinja2.StrictUndefined)
    template = environment.from_string((folder / "template.html").read_text(encoding="utf-8"))
    style = (folder / "style.css").read_text(encoding="utf-8")
    title = runs[0].name if len(runs) == 1 else f"{len(runs)} runs"
    return template.render(title=title, style=style, sections=sections.all_sections(runs),
                           names=[run.name for run in runs], version=__version__)


def write_report(runs: Sequence[Run], output: str | os.PathLike) -> None:
    """Writes the report to `output`, replacing what was there only when it is complete. TraceError
    where that is not possible."""
    output = os.fspath(output)
    folder = os.path.dirname(os.path.abspath(output))
    if os.path.isdir(output):
        raise TraceError(f"{output}: expected a file to write, found a folder")
    for run in runs:
        if os.path.exists(output) and os.path.samefile(output, run.path):
            raise TraceError(f"{output}: the report would replace the trace it is made from")
    if not os.path.isdir(folder):
        raise TraceError(f"{output}: cannot create: there is no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise TraceError(f"{output}: cannot create: no permission to write in {folder}")
    page = render(runs)
    temporary = None
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, prefix=".report-",
                                         suffix=".html", delete=False) as file:
            temporary = file.name
            file.write(page)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, output)
    except OSError as error:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        raise TraceError(f"{output}: cannot write: {error.strerror}") from None


class _Named(Run):
    """A run under a name of its own."""

    def __init__(self, run: Run, name: str):
        super().__init__(run.path)
        self._name = name

    @property
    def name(self) -> str:
        return self._name


def _named_apart(runs: list[Run]) -> list[Run]:
    """Runs of one name are told apart by their files, else by a number."""
    if len({run.name for run in runs}) == len(runs):
        return runs
    files = [os.path.splitext(os.path.basename(run.path))[0] for run in runs]
    if len(set(files)) != len(files):
        files = [f"{name} ({k})" for k, name in enumerate(files, 1)]
    return [_Named(run, name) for run, name in zip(runs, files)]
