#!/usr/bin/env python3
"""Checks that clang-format would change nothing: formatting.py PROJECT_FOLDER CLANG_FORMAT

Exit code 77 (not run) without clang-format.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from project_files import project_files

NOT_RUN = 77


def badly_formatted(root, clang_format, path):
    run = subprocess.run([clang_format, "--dry-run", "-Werror", "--style=file", str(path)],
                         cwd=root, capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return None
    first = re.search(r"^[^\n]*: error:[^\n]*", run.stderr, re.MULTILINE)
    return first.group() if first else f"{path}: {run.stderr.strip()}"


def check(root, clang_format):
    # The consumer of the installed package is part of the project's text too.
    files = [p for p in project_files(root) if p.suffix in (".hpp", ".cpp")]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda p: badly_formatted(root, clang_format, p), files)
    return [r for r in results if r], len(files)


def main():
    root, clang_format = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    if not clang_format or clang_format.endswith("NOTFOUND"):
        print("not run: clang-format is not installed (Debian package clang-format)")
        return NOT_RUN
    problems, count = check(root, clang_format)
    for problem in problems:
        print(problem)
    print(f"{count} files, {len(problems)} not formatted"
          + (" (repair: clang-format -i FILE)" if problems else ""))
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
