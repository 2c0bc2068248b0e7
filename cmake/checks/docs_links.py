#!/usr/bin/env python3
"""Checks that the links between the project's own texts lead somewhere: docs_links.py FOLDER"""

import re
import sys
from pathlib import Path

from project_files import project_files

_CODE = re.compile(r"^([ \t]*)```.*?^\1```\s*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+\s+(.*?)\s*#*$", re.MULTILINE)


def anchors(text):
    """The anchors of a text's headings, as the usual renderers name them."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            for heading in _HEADING.findall(_CODE.sub("", text))}


def check(root):
    root = Path(root)
    problems, count = [], 0
    for path in project_files(root):
        if path.suffix != ".md":
            continue
        text = _CODE.sub("", (root / path).read_text(encoding="utf-8"))
        for link in _LINK.findall(text):
            if re.match(r"[a-z]+:", link):
                continue  # elsewhere: not ours to keep
            count += 1
            name, _, anchor = link.partition("#")
            target = (root / path.parent / name) if name else root / path
            if not target.exists():
                problems.append(f"{path}: no such file: {link}")
            elif anchor and anchor not in anchors(target.read_text(encoding="utf-8")):
                problems.append(f"{path}: no such heading: {link}")
    return problems, count


def main():
    problems, count = check(sys.argv[1])
    for problem in problems:
        print(problem)
    print(f"{count} links, {len(problems)} broken")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
