"""The studies: their configurations run, and the job finds what it should in given results.

    study_job_test.py MEMPROP
"""

import math
import os
import re
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
STUDIES = HERE.parents[1] / "examples" / "studies"
MEMPROP = sys.argv.pop(1)

# Stands for memprop: the accuracy that a chip would have whose noise averages as it should.
FAKE = '''#!%s
import json, math, re, sys
text = " ".join(sys.argv)
def value(key, otherwise):
    found = re.search(re.escape(key) + "=([-0-9.e]+)", text)
    return float(found.group(1)) if found else otherwise
sigma = value("chip.adc.noise", 0.0) / 0.1 / value("chip.adc.average", 1) ** %s
accuracy = 0.8 / (1 + (sigma / 1e-3) ** 2)
if "sign-sign" in text: accuracy -= %s
if "stuck" in text: accuracy -= 0.2 if "init_file" in text else 0.005
open(sys.argv[sys.argv.index("-o") + 1], "w").close()
print(json.dumps({"accuracy": accuracy}))
'''


class StudyJobTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.folder = self.scratch.name

    def job(self, study, power=0.5, sign=0.02, *options):
        fake = Path(self.folder) / "memprop"
        fake.write_text(FAKE % (sys.executable, power, sign))
        fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
        work = Path(self.folder) / f"{study}-{power}-{sign}-{len(options)}"
        work.mkdir(exist_ok=True)
        return subprocess.run([sys.executable, "-B", HERE / "study_job.py", study, fake, STUDIES,
                               *options], cwd=work, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)

    def test_noise_threshold_is_found_and_collapses(self):
        done = self.job("noise-threshold")
        self.assertEqual(done.returncode, 0, done.stdout)
        half = re.search(r"half lost at sigma/sqrt\(N\) = ([0-9.e-]+)", done.stdout)
        expected = 1e-3 * math.sqrt(0.8 / 0.45 - 1)
        self.assertAlmostEqual(float(half.group(1)) / expected, 1, delta=0.2)

    def test_noise_that_does_not_average_is_a_miss(self):
        done = self.job("noise-threshold", 0.1)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("MISS", done.stdout)

    def test_limits_of_the_others(self):
        self.assertEqual(self.job("sign-update").returncode, 0)
        self.assertEqual(self.job("sign-update", 0.5, 0.05).returncode, 1)
        self.assertEqual(self.job("error-cancellation").returncode, 0)

    def test_changed_settings_are_held_against_nothing(self):
        done = self.job("sign-update", 0.5, 0.05, "--set", "run.seed=2")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("not held", done.stdout)

    def test_a_finished_run_is_not_made_again(self):
        first = self.job("sign-update")
        again = self.job("sign-update")
        self.assertIn("$ ", first.stdout)
        self.assertNotIn("$ ", again.stdout)

    def test_configurations_run(self):
        files = sorted(STUDIES.glob("*.toml"))
        self.assertGreater(len(files), 2)
        for file in files:
            with self.subTest(file=file.name):
                done = subprocess.run(
                    [MEMPROP, "run", file, "-q", "--set", "data.name=fashion-mnist",
                     "--set", "data.train_samples=5", "--set", "data.test_samples=5"],
                    text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                    env={**os.environ, "SC_COPYRIGHT_MESSAGE": "DISABLE"})
                self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
