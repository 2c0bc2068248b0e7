#!/usr/bin/env python3
"""Checks who includes whom: python3 include_direction.py PROJECT_FOLDER

- a folder includes only from itself and from the folders it may know (MAY_KNOW);
- project headers are named from the root of the project, with quotes;
- a public header includes only public headers;
- SystemC, HDF5 and toml++ stay in the folders that own them, and heavy libraries stay out of
  public headers;
- no circle of includes.
"""

import re
import sys
from pathlib import Path, PurePosixPath

from project_files import FOLDERS, is_internal, is_public_header, is_test, sources

# What each folder may include besides itself; always a part of the folders below it in FOLDERS.
MAY_KNOW = {
    "solvers": [],
    "analog": ["solvers"],
    "digital": ["solvers"],
    "learning": ["solvers"],
    "traces": ["solvers"],
    "hw_models": ["solvers", "analog", "digital", "learning"],
    "testbenches": ["solvers", "analog", "digital", "learning", "traces", "hw_models"],
    "cli": ["solvers", "analog", "digital", "learning", "traces", "hw_models", "testbenches"],
}
for _folder, _known in MAY_KNOW.items():
    assert all(FOLDERS.index(k) < FOLDERS.index(_folder) for k in _known)

# library -> (pattern of the include, is this file allowed to include it, said as)
LIBRARIES = {
    "SystemC": (
        re.compile(r"(systemc(\.h)?|tlm(\.h)?|sysc/.*|tlm_.*|tlm_utils/.*)$"),
        # The program has to define sc_main.
        lambda p: p.parts[0] in ("hw_models", "testbenches") or p == PurePosixPath("cli/main.cpp")
        or is_test(p),
        "only hw_models/, testbenches/, cli/main.cpp and tests"),
    "HDF5": (
        re.compile(r"(hdf5(_hl)?\.h|H5.*\.h)$"),
        lambda p: p.parts[0] == "traces" and not is_public_header(p),
        "only traces/, and there no public header"),
    "toml++": (
        re.compile(r"toml\+\+/"),
        lambda p: p.parts[:2] == ("cli", "config") and not is_public_header(p),
        "only cli/config/, and there no public header"),
    "Eigen": (
        re.compile(r"(unsupported/)?Eigen/"),
        lambda p: not is_public_header(p),
        "no public header"),
    "Boost": (
        re.compile(r"boost/"),
        lambda p: not is_public_header(p),
        "no public header"),
}

_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
_BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def includes(text):
    """(line number, quoted?, name) of each include that is not in a comment."""
    text = _BLOCK_COMMENT.sub(lambda m: "\n" * m.group().count("\n"), text)
    for number, line in enumerate(text.splitlines(), 1):
        match = _INCLUDE.match(line)
        if match:
            yield number, match.group(1) == '"', match.group(2)


def find_circle(graph):
    """A list of files that include each other in a circle, or None."""
    finished, path, on_path = set(), [], set()

    def visit(node):
        path.append(node)
        on_path.add(node)
        for following in graph.get(node, ()):
            if following in on_path:
                return path[path.index(following):] + [following]
            if following not in finished:
                circle = visit(following)
                if circle:
                    return circle
        on_path.discard(path.pop())
        finished.add(node)
        return None

    for node in sorted(graph):
        if node not in finished:
            circle = visit(node)
            if circle:
                return circle
    return None


def check(root):
    """All violations, as sentences."""
    root = Path(root)
    problems, graph = [], {}
    for path in sources(root):
        folder = path.parts[0]
        graph[str(path)] = set()
        for line, quoted, name in includes((root / path).read_text(encoding="utf-8")):
            where = f"{path}:{line}: "
            target = PurePosixPath(name)
            if target.parts[0] in FOLDERS and len(target.parts) > 1:
                to = target.parts[0]
                if not quoted:
                    problems.append(where + f'<{name}> is a project header: use "{name}"')
                if ".." in target.parts:
                    problems.append(where + f'"{name}" steps out of its folder with ..')
                if to != folder and to not in MAY_KNOW[folder]:
                    known = ", ".join(MAY_KNOW[folder]) or "no other folder"
                    problems.append(where + f'{folder}/ must not know {to}/ ("{name}"); '
                                    f"it may know {known}")
                if is_public_header(path) and is_internal(target):
                    problems.append(where + f'a public header includes "{name}", '
                                    "which is not installed")
                if (root / target).is_file():
                    graph[str(path)].add(str(target))
                continue
            if quoted and (root / path.parent / name).exists():
                problems.append(where + f'"{name}" is not named from the root of the project')
            for library, (pattern, allowed, rule) in LIBRARIES.items():
                if pattern.match(name) and not allowed(path):
                    problems.append(where + f"{library} ({name}) may be included by {rule}")
    circle = find_circle(graph)
    if circle:
        problems.append("circle of includes: " + " -> ".join(circle))
    return problems, len(graph)


def main():
    problems, count = check(sys.argv[1])
    for problem in problems:
        print(problem)
    print(f"{count} files, {len(problems)} violations")
    if count == 0:
        print("no source file found: wrong folder?")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
