#!/usr/bin/env python3
"""Checks that listings in the manual are parts of the files that they name, and that cited tests
exist.

A ```cpp, ```cmake or ```toml block of README.md or docs/*.md whose line before it is
    <!-- from examples/first_testbench/main.cpp -->
must stand in that file word for word (blank lines at its ends and a common indentation aside).
A test is cited as `Suite.Case`, in these texts or in a README.md of a folder:
docs_listings.py PROJECT_FOLDER
"""

import re
import sys
import textwrap
from pathlib import Path

from docs_commands import documents
from project_files import is_test, project_files

_FROM = re.compile(r"^\s*<!--\s*from\s+(\S+)\s*-->\s*$")
_CITED = re.compile(r"`([A-Z][A-Za-z0-9]+\.[A-Z][A-Za-z0-9]+)`")
_TEST = re.compile(r"^TEST(?:_[FP])?\((\w+),\s*(\w+)\)", re.MULTILINE)


def listings(text):
    """(line number, file, listing) of each block that names a file; listing None without end."""
    lines, found = text.splitlines(), []
    for number, line in enumerate(lines):
        named = _FROM.match(line)
        if not named:
            continue
        begin = number + 1
        while begin < len(lines) and not lines[begin].strip():
            begin += 1
        if begin == len(lines) or not lines[begin].lstrip().startswith("```"):
            found.append((number + 1, named.group(1), None))
            continue
        end = begin + 1
        while end < len(lines) and lines[end].strip() != "```":
            end += 1
        found.append((number + 1, named.group(1), "\n".join(lines[begin + 1:end])))
    return found


def stands_in(listing, text):
    wanted = textwrap.dedent(listing).strip("\n").splitlines()
    lines = text.splitlines()
    for first in range(len(lines) - len(wanted) + 1):
        part = textwrap.dedent("\n".join(lines[first:first + len(wanted)])).splitlines()
        if [l.rstrip() for l in part] == [l.rstrip() for l in wanted]:
            return True
    return False


def cited_tests(root):
    """(problems, number of citations)"""
    files = project_files(root)
    tests = {f"{suite}.{case}" for path in files if path.suffix == ".cpp" and is_test(path)
             for suite, case in _TEST.findall((root / path).read_text(encoding="utf-8"))}
    problems, count = [], 0
    for path in files:
        if path.suffix == ".md" and (path.name == "README.md" or path.parts[0] == "docs"):
            for cited in _CITED.findall((root / path).read_text(encoding="utf-8")):
                count += 1
                if cited not in tests:
                    problems.append(f"{path}: no such test: {cited}")
    return problems, count


def check(root):
    root = Path(root)
    problems, count = cited_tests(root)
    for document in documents(root):
        name = document.relative_to(root)
        for line, source, listing in listings(document.read_text(encoding="utf-8")):
            count += 1
            if not listing:
                problems.append(f"{name}:{line}: no listing follows")
            elif not (root / source).is_file():
                problems.append(f"{name}:{line}: no such file: {source}")
            elif not stands_in(listing, (root / source).read_text(encoding="utf-8")):
                problems.append(f"{name}:{line}: the listing is not a part of {source}")
    return problems, count


def main():
    problems, count = check(sys.argv[1])
    for problem in problems:
        print(problem)
    print(f"{count} listings and cited tests, {len(problems)} wrong")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
