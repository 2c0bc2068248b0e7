#!/usr/bin/env python3
"""Checks the shell scripts: shell_scripts.py PROJECT_FOLDER SHELLCHECK

Each is executable and parses; shellcheck, where it is installed, finds nothing.
"""

import os
import subprocess
import sys
from pathlib import Path

from project_files import project_files


def is_shell_script(root, path):
    if path.suffix == ".sh":
        return True
    with (root / path).open("rb") as file:
        first = file.readline()
    return first.startswith(b"#!") and b"bash" in first


def check(root, shellcheck):
    root = Path(root)
    scripts = [p for p in project_files(root) if is_shell_script(root, p)]
    problems = []
    for path in scripts:
        if not os.access(root / path, os.X_OK):
            problems.append(f"{path}: not executable")
        if "set -euo pipefail" not in (root / path).read_text(encoding="utf-8"):
            problems.append(f"{path}: does not stop at errors (set -euo pipefail)")
        commands = [["bash", "-n", str(path)]]
        if shellcheck and not shellcheck.endswith("NOTFOUND"):
            commands.append([shellcheck, str(path)])
        for command in commands:
            run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
            if run.returncode != 0:
                problems.append(f"{path}:\n{run.stdout}{run.stderr}")
    return problems, len(scripts)


def main():
    shellcheck = sys.argv[2] if len(sys.argv) > 2 else ""
    problems, count = check(sys.argv[1], shellcheck)
    for problem in problems:
        print(problem)
    print(f"{count} scripts, {len(problems)} findings")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
