#!/usr/bin/env python3
"""Finds paths and hosts of somebody's machine in the project: no_machine_paths.py PROJECT_FOLDER"""

import re
import sys
from pathlib import Path

from project_files import project_files

# Spelt so that this file does not match itself.
PATTERNS = {
    "absolute path of a work folder or home": re.compile(
        r"(?<![\w.$}/-])/(?:work|root|home|Users|mnt|workspace|scratch)[/](?!\s|$)"),
    "temporary path of one machine": re.compile(r"/tmp[/](?:bash|build-|h[/])"),
    "folder beside the project": re.compile(r"\.\.[/]shared\b"),
    "host of a package registry or mirror": re.compile(
        r"\b(?:(?:deb|ftp|security|snapshot|httpredir)[.]debian[.]|(?:archive|ports)[.]ubuntu[.]"
        r"|pypi[.]|pythonhosted[.]|registry[.]npmjs|npmjs[.]|crates[.]io|proxy[.]golang|docker[.]io"
        r"|ghcr[.]io|quay[.]io|artifactor[y]|pkg[.]dev\b|rubygems[.]|conda[.]anaconda)", re.I),
    "address of a private network": re.compile(
        r"\b(?:10[.]\d{1,3}|192[.]168|172[.](?:1[6-9]|2\d|3[01]))[.]\d{1,3}[.]\d{1,3}\b"),
}
# pattern name -> files in which it is meant
ALLOWED = {"folder beside the project": {".ci/run"}}


def check(root):
    root = Path(root)
    problems, count = [], 0
    for path in project_files(root):
        data = (root / path).read_bytes()
        if b"\0" in data[:4096]:
            continue
        count += 1
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            for name, pattern in PATTERNS.items():
                found = pattern.search(line)
                if found and str(path) not in ALLOWED.get(name, ()):
                    problems.append(f"{path}:{number}: {name}: {found.group()!r}")
    return problems, count


def main():
    problems, count = check(sys.argv[1])
    for problem in problems:
        print(problem)
    print(f"{count} files, {len(problems)} findings")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
