"""memprop run --ablate: what it runs, records, keeps and says.

    ablate_test.py MEMPROP
"""

import glob
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../testbenches/test"))

import h5py
import numpy as np

from memprop_runs import NOISELESS, RunTest, contents, different, main, merged

# Three imperfections of the converters, and a device that changes by steps.
FEW = merged(
    NOISELESS,
    {
        "data": {"train_samples": 60, "test_samples": 30},
        "network": {"time_constant": {"family": "equal", "cv": 0.0}},
        "chip": {"dac": {"bits": "ideal"}, "nudge_dac": {"bits": "ideal"}},
    },
)
EXPECTED = {"adc-bits", "adc-range", "dac-range", "nudge-dac-range", "device-bounds-spread",
            "pulse-limit", "programming", "settling", "all"}


class AblateTest(RunTest):
    training_samples = 400

    def few(self, *settings):
        return self.write_config(FEW, {"chip": {"device": {"w_max_spread": 0.2}}}, *settings)

    def ablation(self, path="run.h5"):
        with h5py.File(self.path(path), "r") as f:
            g = f["ablation"]
            names = [n.decode() if isinstance(n, bytes) else n for n in g["imperfection"][()]]
            keys = [n.decode() if isinstance(n, bytes) else n for n in g["keys"][()]]
            return {n: (k, a, c) for n, k, a, c in
                    zip(names, keys, g["accuracy"][()], g["cost"][()])}, list(names)

    def start(self, *arguments):
        return subprocess.Popen(
            self.command("run", "run.toml", "-o", "run.h5", "--ablate", *arguments),
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    @staticmethod
    def children(pid):
        """The runs of the ablation; not the copies of the process itself that examine a file."""
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            children = [int(p) for p in f.read().split()]
        runs = []
        for child in children:
            try:
                with open(f"/proc/{child}/cmdline", "rb") as f:
                    if b".ablation/" in f.read():
                        runs.append(child)
            except OSError:
                pass  # it has ended
        return runs

    def wait_for(self, what, process):
        end = time.monotonic() + 200
        while time.monotonic() < end:
            found = what()
            if found:
                return found
            self.assertIsNone(process.poll(), process.returncode)
            time.sleep(0.01)
        self.fail("waited in vain")

    def test_ranks_records_and_cleans_up(self):
        self.few()
        done = self.run_config("run.toml", "-o", "run.h5", "--ablate", "--json", "-q")
        result = json.loads(done.stdout)
        recorded, order = self.ablation()
        self.assertEqual(set(recorded), EXPECTED)
        self.assertEqual([row["imperfection"] for row in result["ablation"]], order)
        self.assertEqual(order[-1], "all")
        costs = [recorded[n][2] for n in order[:-1]]
        self.assertEqual(costs, sorted(costs, reverse=True))
        for row in result["ablation"]:
            keys, accuracy, cost = recorded[row["imperfection"]]
            self.assertIsNone(row["failure"])
            self.assertEqual((row["keys"], row["accuracy"]), (keys, accuracy))
            self.assertEqual(cost, accuracy - result["accuracy"])
        # Nothing stays beside the trace, and the run itself is as without the flag.
        self.assertEqual(glob.glob(self.path("run.h5.*")), [])
        self.run_config("run.toml", "-q", "-o", "plain.h5")
        beside = different(contents(self.path("run.h5")), contents(self.path("plain.h5")))
        output = ("config/", "provenance/writer")  # the path of the output is a key
        self.assertEqual([p for p in beside if not p.startswith(("ablation",) + output)], [])

    def test_a_child_is_the_run_with_the_keys_set(self):
        self.few()
        self.run_config("run.toml", "-o", "run.h5", "--ablate", "-q")
        recorded, _ = self.ablation()
        for name in ("adc-bits", "programming", "all"):
            keys, accuracy, _ = recorded[name]
            sets = [a for key in keys.split(", ") for a in ("--set", key)]
            done = self.run_config("run.toml", "-q", "--json", *sets)
            self.assertEqual(json.loads(done.stdout)["accuracy"], accuracy, name)

    def test_a_finished_run_is_not_repeated(self):
        self.few()
        self.run_config("run.toml", "-q", "-o", "run.h5")
        before = contents(self.path("run.h5"))
        done = self.run_config("run.toml", "-o", "run.h5", "--ablate")
        self.assertIn("finished: only the ablation", done.stderr)
        self.assertNotIn("training:", done.stderr)
        self.assertIn("adc-bits", done.stdout)
        after = contents(self.path("run.h5"))
        changed = different(before, after)
        self.assertTrue(changed)
        self.assertTrue(all(p.startswith("ablation") for p in changed), changed)
        # Another configuration is another run.
        done = self.run_config("run.toml", "-o", "run.h5", "--ablate", "--seed", "5")
        self.assertNotIn("only the ablation", done.stderr)

    def test_interrupted_and_taken_up(self):
        self.few({"data": {"train_samples": 400}})
        process = self.start("--threads", "1")
        finished = self.wait_for(lambda: glob.glob(self.path("run.h5.ablation/*.json")), process)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130, said)
        self.assertIn("--ablate -o run.h5", said)
        # A finished child is taken as it stands.
        with open(finished[0]) as f:
            result = json.load(f)
        result["accuracy"] = 0.015625
        with open(finished[0], "w") as f:
            json.dump(result, f)
        self.run_config("run.toml", "-o", "run.h5", "--ablate", "-q")
        recorded, _ = self.ablation()
        name = os.path.basename(finished[0])[: -len(".json")]
        self.assertEqual(recorded[name][1], 0.015625)
        self.assertEqual(glob.glob(self.path("run.h5.*")), [])

    def test_a_killed_child_is_reported_and_run_again(self):
        self.few({"data": {"train_samples": 400}})
        process = self.start("--threads", "1")
        victim = self.wait_for(lambda: self.children(process.pid), process)
        os.kill(victim[0], signal.SIGKILL)
        out, said = process.communicate(timeout=100)
        self.assertEqual(process.returncode, 1, said)
        self.assertIn("killed by signal 9", out)
        self.assertIn("--ablate again", said)
        recorded, order = self.ablation()
        failed = [n for n in order if np.isnan(recorded[n][1])]
        self.assertEqual(len(failed), 1)
        kept = {os.path.basename(p)[:-5] for p in glob.glob(self.path("run.h5.ablation/*.json"))}
        self.assertEqual(kept, set(order) - set(failed))
        self.run_config("run.toml", "-o", "run.h5", "--ablate", "-q")
        recorded, order = self.ablation()
        self.assertFalse([n for n in order if np.isnan(recorded[n][1])])

    def test_no_child_outlives_a_killed_parent(self):
        self.few({"data": {"train_samples": 400}})
        process = self.start("--threads", "2")
        orphans = self.wait_for(
            lambda: len(self.children(process.pid)) == 2 and self.children(process.pid), process)
        process.kill()
        process.communicate(timeout=120)

        def gone(pid):
            try:
                with open(f"/proc/{pid}/stat") as f:
                    return f.read().rsplit(")", 1)[1].split()[0] == "Z"
            except OSError:
                return True

        end = time.monotonic() + 100
        while not all(gone(p) for p in orphans):
            self.assertLess(time.monotonic(), end, "children still run")
            time.sleep(0.05)

    def test_the_number_of_processes_changes_nothing(self):
        self.few()
        found = []
        for threads in ("1", "3"):
            self.run_config("run.toml", "-o", f"run{threads}.h5", "--ablate", "-q",
                            "--threads", threads)
            found.append(self.ablation(f"run{threads}.h5"))
        self.assertEqual(found[0], found[1])


if __name__ == "__main__":
    main()
