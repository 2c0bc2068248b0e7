#!/usr/bin/env python3
"""The results book on manifests of its own, with a stand-in for memprop."""

import fnmatch
import json
import shlex
import subprocess
import sys
import tempfile
import tomllib
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import book  # noqa: E402

BOOK = HERE / "results_book.py"
# Counts its calls; accuracy 0.9 + seed / 100 at the end, two points more in the best epoch. On the
# chip also what a run there reports, of 200 samples.
STAND_IN = """#!/usr/bin/env python3
import json, pathlib, sys
trail = pathlib.Path(__file__).with_suffix(".trail")
trail.write_text((trail.read_text() if trail.exists() else "") + "call\\n")
seed = [a for a in sys.argv if a.startswith("run.seed=")][0].split("=")[1]
if "learning.beta=-1" in sys.argv:
    print("key 'learning.beta': expected a value above 0", file=sys.stderr)
    sys.exit(2)
last = 0.9 + int(seed) / 100
result = {"accuracy": last, "accuracy_best_epoch": last + 0.02,
          "accuracy_per_epoch": [last + 0.02, last]}
if "run.fidelity=cycle" in sys.argv:
    result.update(fidelity="cycle", training_samples=200, cycles=60000 * int(seed),
                  accuracy_ideal=0.95, energy_arrays_j=2e-7, energy_neurons_j=4e-7,
                  phases_free=200, unsettled_free=0, phases_positive=200, unsettled_positive=5,
                  layer1_cosine_wanted=0.5, layer1_cosine_applied=0.25 * int(seed),
                  layer2_cosine_wanted=0.75, layer2_cosine_applied=None)
print(json.dumps(result))
"""


class Book(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="memprop results ")
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        self.program = self.folder / "stand_in.py"
        self.program.write_text(STAND_IN)
        self.program.chmod(0o755)
        self.text = self.folder / "results.md"

    def manifest(self, text):
        (self.folder / "one.toml").write_text(text)

    def table(self, rows, more=""):
        config = HERE / "configs/fre.toml"
        self.manifest(f'[[table]]\nname = "t"\ntitle = "T"\nconfig = "{config}"\ngrade = "code"\n'
                      f"rows = [{rows}]\n{more}\n")

    def run_book(self, *options):
        return subprocess.run(
            [sys.executable, str(BOOK), "--memprop", str(self.program), "--manifests",
             str(self.folder), "--work", str(self.folder / "work"), "--text", str(self.text),
             *options], capture_output=True, text=True, check=False)

    def calls(self):
        trail = self.program.with_suffix(".trail")
        return trail.read_text().count("call") if trail.exists() else 0

    def test_runs_what_is_missing_and_keeps_it(self):
        self.table('{name = "a", about = "A", seeds = [1, 2, 3], published = 93.0, tolerance = 2.0}')
        self.assertEqual(self.run_book().returncode, 0)
        self.assertEqual(self.calls(), 3)
        self.assertEqual(self.run_book().returncode, 0)
        self.assertEqual(self.calls(), 3)
        kept = json.loads((self.folder / "measured/a-2.json").read_text())
        self.assertAlmostEqual(kept["last"], 92.0)
        self.assertAlmostEqual(kept["best"], 94.0)
        # Other settings are another experiment.
        self.table('{name = "a", about = "A", seeds = [1, 2, 3], settings = ["learning.beta=1"]}')
        self.assertIn("0/3", self.run_book("--list").stdout)
        self.assertEqual(self.run_book("--only", "b*").returncode, 2)

    def test_text_has_means_bands_and_misses(self):
        self.table('{name = "a", about = "A", seeds = [1, 2, 3], published = 93.0, tolerance = 2.0},'
                   '{name = "b", about = "B", figure = "last", published = 93.0, tolerance = 0.5},'
                   '{name = "c", about = "C", settings = ["learning.beta=-1"]}',
                   'claims = [{about = "A over B", value = "{a} - {b:last}", at_least = 2},'
                   ' {about = "needs C", value = "{a} - {c}"}]')
        done = self.run_book()
        self.assertEqual(done.returncode, 1)
        self.assertIn("c, seed 1: key 'learning.beta'", done.stderr)
        self.assertEqual(self.run_book("--write").returncode, 0)
        text = self.text.read_text()
        self.assertIn("| A | 1, 2, 3 | 94.00 ± 1.00 | 92.00 ± 1.00 | 93.00 (code) | ± 2 | in band |",
                      text)
        self.assertIn("| B | 1 | 93.00 | 91.00 | 93.00 (code) | ± 0.5 | MISS |", text)
        self.assertIn("| C |  |  |  |  |  | not run |", text)
        self.assertIn("| A over B | 3.00 | ≥ 2 | holds |", text)
        self.assertIn("| needs C |  |  | not run |", text)
        self.assertEqual(self.run_book("--check").returncode, 0)
        self.text.write_text(text.replace("94.00", "95.00"))
        self.assertEqual(self.run_book("--check").returncode, 1)

    def test_epochs_of_another_row_are_not_run(self):
        self.table('{name = "a", about = "A", seeds = [1, 2]},'
                   '{name = "b", about = "B", of = "a", epoch = 1, published = 94.0, tolerance = 1},'
                   '{name = "c", about = "C", of = "a", epoch = 2}',
                   'claims = [{about = "later", value = "{c:last} - {b:last}"}]')
        self.assertEqual(self.run_book("--only", "b", "c").returncode, 0)
        self.assertEqual(self.calls(), 0)
        self.assertEqual(self.run_book().returncode, 0)
        self.assertEqual(self.calls(), 2)
        self.assertEqual(self.run_book("--write").returncode, 0)
        text = self.text.read_text()
        self.assertIn("| B | 1, 2 | 93.50 ± 0.71 | 93.50 ± 0.71 | 94.00 (code) | ± 1 | in band |", text)
        self.assertIn("| C | 1, 2 | 93.50 ± 0.71 | 91.50 ± 0.71 |", text)
        self.assertIn("| later | -2.00 |", text)
        self.table('{name = "a", about = "A"}, {name = "b", about = "B", of = "a", epoch = 3}')
        done = self.run_book("--write")
        self.assertEqual(done.returncode, 2)
        self.assertIn("'a' has run for 2 epochs, not 3", done.stderr)

    def test_rows_on_the_chip_have_their_figures(self):
        chip = 'settings = ["run.fidelity=cycle"]'
        self.table('{name = "a", about = "A", seeds = [1, 2], at_least = 91, ' + chip + '},'
                   '{name = "b", about = "B", seeds = [1], ' + chip + '},'
                   '{name = "c", about = "C", seeds = [1]}, {name = "d", about = "D"}',
                   'columns = "chip"\nclaims = [{about = "gap", value = "{b:last} - {b:ideal}",'
                   ' at_least = -5}, {about = "cycles", value = "{a:cycles} / {b:cycles}"},'
                   ' {about = "no chip", value = "{c:cycles}"}]')
        self.assertEqual(self.run_book("--only", "a", "b", "c").returncode, 0)
        self.assertEqual(self.run_book("--write").returncode, 0)
        text = self.text.read_text()
        self.assertIn("| A | 91.50 ± 0.71 (≥ 91: in band) | 95.00 ± 0.00 | 0.50 / 0.75 | 0.38 / - "
                      "| 2.5 | 450 | 3.00 |", text)
        self.assertIn("| B | 91.00 | 95.00 | 0.50 / 0.75 | 0.25 / - | 2.5 | 300 | 3.00 |", text)
        self.assertIn("| C | 91.00 |  |  |  |  |  |  |", text)
        self.assertIn("| D | not run |  |  |  |  |  |  |", text)
        self.assertIn("| gap | -4.00 | ≥ -5 | holds |", text)
        self.assertIn("| cycles | 1.50 |  | no band |", text)
        self.assertIn("| no chip |  |  | not run |", text)

    def test_mistakes_are_explained(self):
        wrong = [('{name = "A!", about = "A"}', "", "expected a name of"),
                 ('{name = "a"}', "", "'about' is missing"),
                 ('{name = "a", about = "A", color = 1}', "", "got 'color'"),
                 ('{name = "a", about = "A"}, {name = "a", about = "A"}', "", "stands twice"),
                 ('{name = "a", about = "A", tolerance = 1}', "", "needs a published value"),
                 ('{name = "a", about = "A", published = 1, grade = "x"}', "", "expected a grade"),
                 ('{name = "a", about = "A", of = "b"}', "", "go together"),
                 ('{name = "a", about = "A", of = "b", epoch = 2}', "", "is named 'b'"),
                 ('{name = "a", about = "A", of = "b", epoch = 0}', "", "expected an epoch"),
                 ('{name = "a", about = "A", of = "b", epoch = 1, seeds = [2]}', "", "has no 'seeds'"),
                 ('{name = "a", about = "A"}', 'claims = [{about = "x", value = "{b}"}]',
                  "no row is named 'b'"),
                 ('{name = "a", about = "A"}', 'claims = [{about = "x", value = "open(1)"}]',
                  "expected sums and differences"),
                 ('{name = "a", about = "A"}', 'columns = "all"', "expected columns accuracy, chip")]
        for rows, more, part in wrong:
            self.table(rows, more)
            done = self.run_book("--list")
            self.assertEqual(done.returncode, 2, part)
            self.assertIn(part, done.stderr)

    def test_own_manifests_are_sound(self):
        tables = book.read_all(HERE)
        self.assertGreater(sum(len(t.rows) for t in tables), 50)

    def test_every_row_is_in_a_job_of_the_slow_suite(self):
        manifest = HERE.parent / "slow" / "manifest.toml"
        patterns = []
        for job in tomllib.loads(manifest.read_text())["job"]:
            words = shlex.split(job["command"])
            if "--only" in words:
                patterns += words[words.index("--only") + 1:]
        for table in book.read_all(HERE):
            for row in table.rows:
                name = row.of.name if row.of else row.name
                self.assertTrue(any(fnmatch.fnmatch(name, p) for p in patterns), name)


if __name__ == "__main__":
    unittest.main()
