#!/usr/bin/env python3
"""Runs the long checks of a manifest, one after another, and keeps what they found.

    slow_suite.py [--list] [--only PATTERN ...] [--again] [--manifest FILE] [--results FOLDER]
                  [--build PRESET=FOLDER ...]

A job that passed for the present state of the project (every file of it but the texts) is not run
again unless --again is given; one that was interrupted goes on in its folder. A failure does not
stop the others. Results: FOLDER/results.json, a log and a folder for each job. Exit code: 0 when
all chosen jobs have passed or could not be run for want of data or programs, 1 when one failed, 2
for wrong arguments, 130 after Ctrl-C.
"""

import argparse
import fnmatch
import hashlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import manifest as manifests

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
TEXTS = (".md", ".png", ".svg")
MEASURED = "testbenches/results/measured/"  # what jobs of the results book add


def tree_state(project):
    """A name for the content of the project: its files that git knows or would add, without texts
    and pictures."""
    listed = subprocess.run(["git", "-C", str(project), "ls-files", "-coz", "--exclude-standard"],
                            capture_output=True, check=False)
    if listed.returncode == 0:
        names = sorted({n for n in listed.stdout.decode().split("\0") if n})
    else:
        names = sorted(str(p.relative_to(project)) for p in project.rglob("*")
                       if p.is_file() and p.relative_to(project).parts[0] != "build"
                       and ".git" not in p.parts and "__pycache__" not in p.parts)
    digest = hashlib.sha256()
    for name in names:
        path = project / name
        if name.endswith(TEXTS) or name.startswith(MEASURED) or not path.is_file():
            continue
        digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


class Suite:
    def __init__(self, project, results, builds):
        self.project, self.folder, self.builds = project, results, builds
        self.file = results / "results.json"
        self.state = tree_state(project)
        self.results = json.loads(self.file.read_text()) if self.file.exists() else {}
        self.built = {}

    def build_folder(self, preset):
        return Path(self.builds.get(preset, self.project / "build" / preset))

    def passed(self, job):
        found = self.results.get(job.name, {})
        return found.get("status") == "passed" and found.get("state") == self.state

    def status(self, job):
        found = self.results.get(job.name)
        if not found:
            return "never run"
        same = found["state"] == self.state
        return found["status"] + ("" if same else " (another state of the project)")

    def record(self, job, status, reason="", seconds=0.0):
        self.results[job.name] = {
            "status": status, "reason": reason, "seconds": round(seconds, 1), "state": self.state,
            "when": time.strftime("%Y-%m-%dT%H:%M:%S")}
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.file.with_suffix(".part")
        part.write_text(json.dumps(self.results, indent=1, sort_keys=True) + "\n")
        part.rename(self.file)

    def build(self, preset, targets):
        """Why it cannot be built; empty if it is."""
        key = (preset, tuple(targets))
        if key in self.built:
            return self.built[key]
        folder = self.build_folder(preset)
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / f"build-{preset}.log"
        commands = [["cmake", "--build", str(folder), "--parallel", str(os.cpu_count()),
                     *(["--target", *targets] if targets else [])]]
        if preset not in self.builds:
            commands.insert(0, ["cmake", "--preset", preset])
        problem = ""
        with log.open("a") as out:
            for command in commands:
                done = subprocess.run(command, cwd=self.project, stdout=out,
                                      stderr=subprocess.STDOUT, check=False)
                if done.returncode != 0:
                    problem = f"preset {preset} cannot be built, see {log}"
                    break
        self.built[key] = problem
        return problem

    def expand(self, text, work):
        for preset in ("test", "fuzz", *self.builds):
            text = text.replace("{build:%s}" % preset, shlex.quote(str(self.build_folder(preset))))
        for name, value in (("source", self.project), ("work", work), ("python", sys.executable)):
            text = text.replace("{%s}" % name, shlex.quote(str(value)))
        return text

    def run(self, job):
        """Status of the job, which is recorded."""
        reasons = [manifests.missing_need(n, manifests.data_folder()) for n in job.needs]
        reasons = [r for r in reasons if r]
        if reasons:
            self.record(job, "not run", "; ".join(reasons))
            return "not run"
        for preset, targets in job.builds.items():
            problem = self.build(preset, targets)
            if problem:
                self.record(job, "failed", problem)
                return "failed"
        work = self.folder / job.name
        # A folder goes on only with the state of the project that it was begun with.
        begun = work / ".state"
        if not begun.exists() or begun.read_text() != self.state:
            subprocess.run(["rm", "-rf", str(work)], check=True)
            work.mkdir(parents=True)
            begun.write_text(self.state)
        begin = time.monotonic()
        status, reason = "failed", ""
        with (self.folder / f"{job.name}.log").open("a") as log:
            log.write(f"--- {time.strftime('%Y-%m-%dT%H:%M:%S')} {job.command}\n")
            log.flush()
            # A signal while the job is started waits until it can be ended.
            came = []
            before = {n: signal.signal(n, lambda *_: came.append(True))
                      for n in (signal.SIGINT, signal.SIGTERM)}
            process = subprocess.Popen(
                ["bash", "-c", self.expand(job.command, work)], cwd=work, stdout=log,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, **job.environment, "PYTHONDONTWRITEBYTECODE": "1"})
            try:
                for number, handler in before.items():
                    signal.signal(number, handler)
                if came:
                    raise KeyboardInterrupt
                code = process.wait(job.time_limit_s)
                status = "passed" if code == 0 else "failed"
                reason = "" if code == 0 else f"exit code {code}" if code > 0 else f"signal {-code}"
            except subprocess.TimeoutExpired:
                reason = f"not done after {job.time_limit_s:.0f} s"
            except KeyboardInterrupt:
                status, reason = "interrupted", ""
            finally:
                end_group(process)
        self.record(job, status, reason, time.monotonic() - begin)
        if status == "interrupted":
            raise KeyboardInterrupt
        return status


def end_group(process):
    """Ends a job with everything that it has started."""
    for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        end = time.monotonic() + patience
        while time.monotonic() < end:
            process.poll()
            try:
                os.killpg(process.pid, 0)
            except ProcessLookupError:
                break
            time.sleep(0.05)
    process.wait()


def table(suite, jobs):
    for job in jobs:
        found = suite.results.get(job.name, {})
        took = f"{found['seconds']:.0f} s" if found.get("seconds") else ""
        print(f"  {job.name:<44} {suite.status(job):<12} {took:>9}  "
              f"{found.get('reason') or job.about}")


def collect(suite, path, only, listing):
    jobs, labels = manifests.read(path)
    chosen = lambda name: not only or any(fnmatch.fnmatch(name, p) for p in only)
    found = []
    for entry, limit in labels:
        # Which tests there are is known to a built tree only.
        if listing or not only or any(p.startswith(("test", "*")) for p in only):
            problem = "" if listing else suite.build("test", [])
            folder = suite.build_folder("test")
            if problem:
                raise manifests.ManifestError(problem)
            if (folder / "CTestTestfile.cmake").exists():
                found += manifests.ctest_jobs(entry, limit, folder)
    found += jobs
    for pattern in only:
        if not any(fnmatch.fnmatch(j.name, pattern) for j in found):
            raise manifests.ManifestError(
                f"--only {pattern}: expected one of {', '.join(j.name for j in found)}")
    return [j for j in found if chosen(j.name)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="say what there is and what was found")
    parser.add_argument("--only", nargs="+", default=[], metavar="PATTERN", help="these jobs")
    parser.add_argument("--again", action="store_true", help="also what has passed already")
    parser.add_argument("--manifest", type=Path, default=HERE / "manifest.toml")
    parser.add_argument("--project", type=Path, default=PROJECT, help=argparse.SUPPRESS)
    parser.add_argument("--results", type=Path, help="default: build/slow in the project")
    parser.add_argument("--build", nargs="+", default=[], metavar="PRESET=FOLDER",
                        help="trees that are configured already")
    arguments = parser.parse_args()
    for item in arguments.build:
        if "=" not in item:
            parser.error(f"--build: expected PRESET=FOLDER, got {item}")
    builds = dict(item.split("=", 1) for item in arguments.build)
    results = arguments.results or arguments.project / "build" / "slow"
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    suite = Suite(arguments.project.resolve(), results.resolve(), builds)
    failed = 0
    try:
        jobs = collect(suite, arguments.manifest, arguments.only, arguments.list)
        if arguments.list:
            table(suite, jobs)
            return 0
        for job in jobs:
            if suite.passed(job) and not arguments.again:
                print(f"{job.name}: passed before", flush=True)
                continue
            if arguments.again:
                subprocess.run(["rm", "-rf", str(suite.folder / job.name)], check=True)
            print(f"{job.name} ...", flush=True)
            status = suite.run(job)
            found = suite.results[job.name]
            reason = f": {found['reason']}" if found["reason"] else ""
            print(f"{job.name}: {status}{reason} ({found['seconds']:.0f} s)", flush=True)
            failed += status == "failed"
    except manifests.ManifestError as error:
        print(f"slow suite: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("slow suite: interrupted; the same command goes on", file=sys.stderr)
        return 130
    print()
    table(suite, jobs)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
