#!/usr/bin/env python3
"""The runner of the slow suite, on a project and a manifest of its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
RUNNER = HERE / "slow_suite.py"


class SlowSuite(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="memprop slow ")
        self.addCleanup(scratch.cleanup)
        self.project = Path(scratch.name) / "project"
        self.results = Path(scratch.name) / "results"
        self.project.mkdir()
        self.write("code.cpp", "int x;\n")
        self.trail = Path(scratch.name) / "trail"
        os.environ["TRAIL"] = str(self.trail)

    def write(self, name, text):
        (self.project / name).write_text(text, encoding="utf-8")

    def jobs(self, *entries):
        """name, command, further lines of the manifest"""
        text = ""
        for name, command, *more in entries:
            text += f'[[job]]\nname = "{name}"\nabout = "about {name}"\n'
            text += f"command = '''{command}'''\n"
            text += "\n".join(more) + "\n"
            if not any("time_limit" in m for m in more):
                text += 'time_limit = "1 min"\n'
        (self.project.parent / "manifest.toml").write_text(text, encoding="utf-8")

    def command(self, *arguments):
        return [sys.executable, "-B", str(RUNNER), "--project", str(self.project), "--results",
                str(self.results), "--manifest", str(self.project.parent / "manifest.toml"),
                *arguments]

    def run_suite(self, *arguments, code=0):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def ran(self):
        """Names that jobs wrote when they ran."""
        return self.trail.read_text().split() if self.trail.exists() else []

    def status(self, name):
        return json.loads((self.results / "results.json").read_text())[name]["status"]

    def test_what_passed_is_skipped_for_this_state_only(self):
        self.jobs(("one", "echo one >>\"$TRAIL\""))
        self.run_suite()
        self.assertIn("passed before", self.run_suite())
        self.assertEqual(self.ran(), ["one"])
        self.write("text.md", "a text is no code\n")
        self.run_suite()
        self.assertEqual(self.ran(), ["one"])
        self.run_suite("--again")
        self.assertEqual(self.ran(), ["one"] * 2)
        self.write("code.cpp", "int y;\n")
        self.assertIn("another state", self.run_suite("--list"))
        self.run_suite()
        self.assertEqual(self.ran(), ["one"] * 3)

    def test_goes_on_after_a_failure_and_runs_it_again(self):
        self.jobs(("bad", "echo bad >>\"$TRAIL\"; echo words of the job; exit 3"),
                  ("good", "echo good >>\"$TRAIL\""))
        out = self.run_suite(code=1)
        self.assertIn("exit code 3", out)
        self.assertEqual(self.ran(), ["bad", "good"])
        self.assertIn("words of the job", (self.results / "bad.log").read_text())
        self.run_suite(code=1)
        self.assertEqual(self.ran(), ["bad", "good", "bad"])

    def test_missing_data_and_programs_are_not_run(self):
        os.environ.pop("MEMPROP_DATA_DIR", None)
        self.jobs(("data", "echo no >>\"$TRAIL\"", 'needs = ["data:mnist"]'),
                  ("program", "echo no >>\"$TRAIL\"", 'needs = ["program:no-such-program"]'),
                  ("module", "echo no >>\"$TRAIL\"", 'needs = ["python:no_such_module"]'),
                  ("file", "echo no >>\"$TRAIL\"", 'needs = ["file:/no/such/file"]'),
                  ("here", "echo here >>\"$TRAIL\"", 'needs = ["program:bash", "file:/"]'))
        out = self.run_suite()
        for said in ("not run: MEMPROP_DATA_DIR", "not run: no program no-such-program",
                     "not run: no Python module", "not run: no file /no/such/file"):
            self.assertIn(said, out)
        self.assertEqual(self.ran(), ["here"])
        self.assertEqual(self.status("data"), "not run")

    def test_time_limit_ends_the_job_and_what_it_started(self):
        self.jobs(("slow", "sleep 61.5 & echo $! >pid; wait", 'time_limit = "0.5 s"'))
        out = self.run_suite(code=1)
        self.assertIn("not done after", out)
        child = (self.results / "slow" / "pid").read_text().strip()
        self.assertFalse(Path(f"/proc/{child}").exists())

    def test_only_and_list(self):
        self.jobs(("one", "echo one >>\"$TRAIL\""), ("two", "echo two >>\"$TRAIL\""),
                  ("three", "echo three >>\"$TRAIL\""))
        self.run_suite("--only", "t*o", "three")
        self.assertEqual(self.ran(), ["two", "three"])
        listed = self.run_suite("--list")
        self.assertIn("about one", listed)
        self.assertEqual(len(self.ran()), 2)
        self.assertIn("expected one of", self.run_suite("--only", "four", code=2))

    def test_an_interrupted_job_goes_on_in_its_folder(self):
        self.jobs(("long", "echo x >>steps; [ $(wc -l <steps) -ge 2 ] || sleep 30"))
        process = subprocess.Popen(self.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        steps = self.results / "long" / "steps"
        while not steps.exists():
            self.assertIsNone(process.poll())
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=100)
        self.assertEqual(process.returncode, 130, out)
        self.assertEqual(self.status("long"), "interrupted", out)
        self.run_suite()
        self.assertEqual(steps.read_text(), "x\nx\n")
        # With another state of the project it begins anew.
        self.write("code.cpp", "int z;\n")
        process = subprocess.Popen(self.command(), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        end = time.monotonic() + 100
        while steps.exists() and steps.read_text() != "x\n" and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        process.wait(100)
        self.assertEqual(process.returncode, 130)

    def test_manifest_mistakes_are_named(self):
        for lines, said in ((('time_limit = "long"',), "30 min"), (("tme = 1",), "tme"),
                            (('needs = ["disk:1"]',), "disk:1")):
            self.jobs(("one", "true", *lines))
            self.assertIn(said, self.run_suite(code=2))
        self.jobs(("one", "true"), ("one", "true"))
        self.assertIn("twice", self.run_suite(code=2))
        self.jobs(("One", "true"))
        self.assertIn("a-z", self.run_suite(code=2))

    def test_a_tree_that_cannot_be_built_fails_its_jobs_only(self):
        self.jobs(("built", "echo no >>\"$TRAIL\"", 'builds = {test = ["memprop"]}'),
                  ("other", "echo other >>\"$TRAIL\""))
        out = self.run_suite("--build", f"test={self.project}/none", code=1)
        self.assertIn("cannot be built", out)
        self.assertEqual(self.ran(), ["other"])

    def test_the_manifest_of_the_project_is_read(self):
        sys.path.insert(0, str(HERE))
        import manifest

        jobs, labels = manifest.read(HERE / "manifest.toml")
        self.assertEqual([e["label"] for e, _ in labels], ["slow"])
        targets = {p.name for p in HERE.parents[1].glob("*/test/corpus/fuzz_*")}
        commands = " ".join(j.command for j in jobs)
        for target in targets:
            self.assertIn(f"/{target} ", commands, f"{target} has no job")
        for job in jobs:
            for word in job.command.split():
                if word.startswith("{source}/"):
                    path = HERE.parents[1] / word.replace("{source}/", "")
                    self.assertTrue(path.exists(), word)


class FuzzJob(unittest.TestCase):
    """The rounds around a fuzzer, on a stand-in for it."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="memprop fuzz ")
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        (self.folder / "corpus").mkdir()
        (self.folder / "corpus" / "seed").write_text("x")

    def fuzz(self, script, minutes):
        fuzzer = self.folder / "fuzzer"
        fuzzer.write_text("#!/bin/bash\n" + script)
        fuzzer.chmod(0o755)
        return subprocess.run(
            [sys.executable, "-B", str(HERE / "fuzz_job.py"), str(fuzzer),
             str(self.folder / "corpus"), "--cpu-minutes", str(minutes), "--round", "1"],
            cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)

    def test_counts_cpu_time_over_rounds_and_starts(self):
        burn = "end=$((SECONDS + 1)); while [ $SECONDS -lt $end ]; do :; done\n"
        done = self.fuzz(burn, 0.03)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        spent = float((self.folder / "cpu_s").read_text())
        self.assertGreaterEqual(spent, 1.8)
        # Nothing is left to do.
        self.assertEqual(self.fuzz("exit 1\n", 0.03).returncode, 0)

    def test_a_finding_fails_the_job(self):
        done = self.fuzz("echo boom; touch findings/crash-1; exit 77\n", 1)
        self.assertEqual(done.returncode, 1)
        self.assertIn("crash-1", done.stdout)
        self.assertIn("boom", done.stdout)


if __name__ == "__main__":
    unittest.main()
