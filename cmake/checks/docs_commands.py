#!/usr/bin/env python3
"""Runs the commands of the manual.

Every ```sh block of README.md and docs/*.md runs as one bash script (stopping at the first command
that fails) in a scratch folder that looks like the project's: links to its files, so that relative
paths in the text are right and results do not land in the source tree. The blocks of one document
share the folder and run in their order.

A block is left out, and listed, if the line before it says why:
    <!-- not run: takes an hour -->
and may take longer than usual (120 s) if that line is
    <!-- at most 600 s -->
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

_FENCE = re.compile(r"^(\s*)(```+)\s*(\S*)\s*$")
_NOT_RUN = re.compile(r"^\s*<!--\s*not run:\s*(.*?)\s*-->\s*$")
_AT_MOST = re.compile(r"^\s*<!--\s*at most (\d+) s\s*-->\s*$")


class Block:
    def __init__(self, document, line, script, reason=None, timeout_s=120):
        self.document, self.line, self.script = document, line, script
        self.reason, self.timeout_s = reason, timeout_s

    def name(self):
        return f"{self.document}:{self.line}"


def blocks_of(document, text):
    """The ```sh blocks of one document. Raises ValueError for a fence without end."""
    found, before, lines = [], "", text.splitlines()
    i = 0
    while i < len(lines):
        fence = _FENCE.match(lines[i])
        if not fence:
            if lines[i].strip():
                before = lines[i]
            i += 1
            continue
        indent, ticks, language = fence.groups()
        end = i + 1
        while end < len(lines) and lines[end].strip() != ticks:
            end += 1
        if end == len(lines):
            raise ValueError(f"{document}:{i + 1}: the code block has no end")
        if language == "sh":
            body = [l[len(indent):] if l.startswith(indent) else l for l in lines[i + 1:end]]
            not_run, at_most = _NOT_RUN.match(before), _AT_MOST.match(before)
            if not_run and not not_run.group(1):
                raise ValueError(f"{document}:{i + 1}: 'not run' without a reason")
            found.append(Block(document, i + 1, "\n".join(body) + "\n",
                               not_run.group(1) if not_run else None,
                               int(at_most.group(1)) if at_most else 120))
        before, i = "", end + 1
    return found


def make_scratch(source, scratch):
    if scratch.exists():
        shutil.rmtree(scratch)
    scratch.mkdir(parents=True)
    for entry in sorted(source.iterdir()):
        if entry.name.startswith(("build", "install", ".git")) or entry.suffix == ".h5":
            continue
        (scratch / entry.name).symlink_to(entry)


def run_block(block, folder, environment):
    """None if it worked, else what went wrong."""
    try:
        run = subprocess.run(["bash", "-euo", "pipefail", "-c", block.script], cwd=folder,
                             env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, timeout=block.timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return f"not finished after {block.timeout_s} s"
    if run.returncode == 0:
        return None
    return f"exit code {run.returncode}\n" + run.stdout.decode("utf-8", "replace")[-4000:]


def documents(source):
    readme = source / "README.md"
    return ([readme] if readme.is_file() else []) + sorted((source / "docs").glob("*.md"))


def run_all(source, scratch, environment):
    """(failed, run, left out) over all documents."""
    failed = ran = left_out = 0
    for document in documents(source):
        name = str(document.relative_to(source))
        blocks = blocks_of(name, document.read_text(encoding="utf-8"))
        folder = scratch / name.replace("/", "-").removesuffix(".md")
        if any(block.reason is None for block in blocks):
            make_scratch(source, folder)
        for block in blocks:
            if block.reason is not None:
                print(f"left out  {block.name()}: {block.reason}")
                left_out += 1
                continue
            begin = time.monotonic()
            problem = run_block(block, folder, environment)
            print(f"{'FAILED' if problem else 'ok':8}  {block.name()} "
                  f"({time.monotonic() - begin:.1f} s)", flush=True)
            ran += 1
            if problem:
                failed += 1
                print(f"{block.script}--- {problem}")
    return failed, ran, left_out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, required=True, help="the project")
    parser.add_argument("--scratch", type=Path, required=True, help="folder to run in; emptied")
    parser.add_argument("--path", action="append", default=[],
                        help="folder put in front of PATH (the one that holds memprop)")
    arguments = parser.parse_args()
    environment = dict(os.environ, SC_COPYRIGHT_MESSAGE="DISABLE", MPLBACKEND="Agg")
    environment["PATH"] = os.pathsep.join(arguments.path + [os.environ["PATH"]])
    try:
        failed, ran, left_out = run_all(arguments.source.resolve(), arguments.scratch.resolve(),
                                        environment)
    except ValueError as error:
        print(error)
        return 1
    print(f"{ran} blocks run, {failed} failed, {left_out} left out")
    return 1 if failed or ran == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
