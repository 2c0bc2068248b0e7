"""The jobs of the slow suite, read from a manifest (manifest.toml says what may stand there)."""

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

UNITS = {"s": 1, "min": 60, "h": 3600}
JOB_KEYS = {"name", "about", "command", "time_limit", "builds", "needs", "environment"}
CTEST_KEYS = {"label", "about", "time_limit", "needs", "environment"}


class ManifestError(Exception):
    """A sentence for the user."""


@dataclass
class Job:
    name: str
    about: str
    command: str
    time_limit_s: float
    builds: dict = field(default_factory=dict)
    needs: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)


def duration(text, where):
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|min|h)\s*", str(text))
    if not match:
        raise ManifestError(f"{where}: expected a time such as \"30 min\", got \"{text}\"")
    return float(match[1]) * UNITS[match[2]]


def check_keys(entry, known, required, where):
    for key in entry:
        if key not in known:
            raise ManifestError(f"{where}: expected one of {', '.join(sorted(known))}, got '{key}'")
    for key in required:
        if key not in entry:
            raise ManifestError(f"{where}: '{key}' is missing")


def missing_need(need, data_dir):
    """Why a job cannot run; empty if it can."""
    kind, _, what = need.partition(":")
    if kind == "program":
        return "" if shutil.which(what) else f"no program {what}"
    if kind == "file":
        return "" if Path(what).exists() else f"no file {what}"
    if kind == "python":
        return "" if importlib.util.find_spec(what) else f"no Python module {what}"
    if kind == "data":
        if not data_dir:
            return f"MEMPROP_DATA_DIR does not name a folder with {what}/"
        return "" if (Path(data_dir) / what).is_dir() else f"no folder {Path(data_dir) / what}"
    raise ManifestError(f"expected a need program:, file:, python: or data:, got \"{need}\"")


def read(path):
    """Jobs and labels of ctest, in the order of the file."""
    try:
        manifest = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ManifestError(f"{path}: {error}") from error
    check_keys(manifest, {"job", "ctest"}, [], path)
    jobs, labels, names = [], [], set()
    for entry in manifest.get("ctest", []):
        where = f"{path}: ctest '{entry.get('label', '?')}'"
        check_keys(entry, CTEST_KEYS, ["label", "time_limit"], where)
        labels.append((entry, duration(entry["time_limit"], where)))
    for entry in manifest.get("job", []):
        where = f"{path}: job '{entry.get('name', '?')}'"
        check_keys(entry, JOB_KEYS, ["name", "command", "time_limit"], where)
        if entry["name"] in names:
            raise ManifestError(f"{where}: stands twice")
        if not re.fullmatch(r"[a-z0-9-]+", entry["name"]):
            raise ManifestError(f"{where}: expected a name of a-z, 0-9 and '-'")
        names.add(entry["name"])
        for need in entry.get("needs", []):
            missing_need(need, "")
        jobs.append(Job(entry["name"], entry.get("about", ""), entry["command"],
                        duration(entry["time_limit"], where), entry.get("builds", {}),
                        entry.get("needs", []), entry.get("environment", {})))
    return jobs, labels


def ctest_jobs(entry, time_limit_s, build):
    """One job for each test with the label; `build` is a built tree."""
    done = subprocess.run(
        ["ctest", "--test-dir", str(build), "--show-only=json-v1", "-L", f"^{entry['label']}$"],
        capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ManifestError(f"ctest cannot list the tests of {build}: {done.stderr.strip()}")
    for test in json.loads(done.stdout).get("tests", []):
        name = "test-" + re.sub(r"[^a-z0-9]+", "-", test["name"].lower()).strip("-")
        command = (f"ctest --test-dir {shlex.quote(str(build))} --output-on-failure --no-tests=error "
                   f"--timeout {time_limit_s:.0f} -R {shlex.quote('^' + re.escape(test['name']) + '$')}")
        yield Job(name, entry.get("about", test["name"]), command, time_limit_s + 60,
                  {}, entry.get("needs", []), entry.get("environment", {}))


def data_folder():
    return os.environ.get("MEMPROP_DATA_DIR", "")
