"""Which files belong to the project. Shared by the checks in this folder."""

import os
import subprocess
from pathlib import Path

# Lowest first: a folder may include from itself and from folders before it.
FOLDERS = ["solvers", "analog", "digital", "learning", "traces", "hw_models", "testbenches", "cli"]

# Folders of headers that are not installed, besides those named "internal": walls around C APIs.
WALLS = [("traces", "hdf5")]

_GENERATED = ("build", "install", ".git", ".cache", "__pycache__")


def project_files(root):
    """Paths relative to root of all files that are, or would be, under version control."""
    root = Path(root)
    try:
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others",
             "--exclude-standard"],
            check=True, capture_output=True).stdout.decode().split("\0")
        top = subprocess.run(["git", "-C", str(root), "rev-parse", "--show-toplevel"],
                             check=True, capture_output=True, text=True).stdout.strip()
        if Path(top).resolve() == root.resolve():
            return sorted(Path(p) for p in listed if p and (root / p).is_file())
    except (OSError, subprocess.CalledProcessError):
        pass  # an unpacked archive, or no git: walk instead
    found = []
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = [s for s in subfolders if not s.startswith(_GENERATED) or s == ".ci"]
        found += [Path(folder, name).relative_to(root) for name in names]
    return sorted(found)


def sources(root, suffixes=(".hpp", ".cpp")):
    """C++ files below the project's folders."""
    return [p for p in project_files(root) if p.parts[0] in FOLDERS and p.suffix in suffixes]


def is_test(path):
    return "test" in path.parts[:-1]


def is_internal(path):
    """Not for users and not installed: tests, folders named "internal", walls."""
    return (is_test(path) or "internal" in path.parts[:-1]
            or any(path.parts[:len(wall)] == wall for wall in WALLS))


def is_public_header(path):
    return path.suffix == ".hpp" and not is_internal(path)
