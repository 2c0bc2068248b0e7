"""memprop info and info --follow against h5py, on runs that finish, go on, are stopped or killed.

    info_test.py MEMPROP
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../testbenches/test"))

import h5py
import numpy as np

from memprop_runs import NOISELESS, RunTest, main, merged, wait_until_it_listens

LONG = {"learning": {"epochs": 1000}, "output": {"checkpoint_every": 1000}}


class InfoTest(RunTest):
    training_samples = 1500

    def info(self, *arguments, path="run.h5"):
        done = self.call("info", path, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def start_run(self, *settings):
        self.write_config(NOISELESS, *settings)
        run = subprocess.Popen(
            self.command("run", "run.toml", "-q", "-o", "run.h5"), cwd=self.folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (run.kill(), run.wait()))
        while not os.path.exists(self.path("run.h5")):
            self.assertIsNone(run.poll())
            time.sleep(0.01)
        return run

    def follow(self, *arguments):
        return subprocess.Popen(
            self.command("info", "run.h5", "--follow", *arguments), cwd=self.folder,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_json_equals_h5py(self):
        self.write_config(NOISELESS)
        result = json.loads(self.run_config("run.toml", "-q", "--json", "-o", "run.h5").stdout)
        found = json.loads(self.info("--json"))
        self.assertEqual(found["state"], "finished")
        self.assertEqual(found["bytes"], os.path.getsize(self.path("run.h5")))
        self.assertEqual(found["figures"]["compare/accuracy"], result["accuracy"])
        self.assertEqual(found["figures"]["provenance/wall_s"], result["wall_s"])
        self.assertEqual(found["figures"]["training/samples"], 1500)
        seen = {}

        def visit(name, thing):
            if isinstance(thing, h5py.Dataset):
                seen[name] = thing

        with h5py.File(self.path("run.h5"), "r") as f:
            f.visititems(visit)
            self.assertEqual(set(found["datasets"]), set(seen))
            for name, described in found["datasets"].items():
                self.assertEqual(tuple(described["shape"]), seen[name].shape, name)
                self.assertEqual(described["stored_bytes"], seen[name].id.get_storage_size(), name)
                if described["type"] != "text":
                    self.assertEqual(described["type"], seen[name].dtype.name, name)
                    self.assertEqual(described["bytes"], seen[name].size * seen[name].dtype.itemsize)
            for layer in (1, 2):
                wanted = np.nanmean(f[f"compare/layer{layer}/cosine_applied"][()])
                self.assertAlmostEqual(
                    found["alignment"][f"layer{layer}"]["cosine_applied"], wanted, 12)

    def test_text_has_figures_before_data_sets(self):
        self.write_config(NOISELESS)
        self.run_config("run.toml", "-q", "-o", "run.h5")
        text = self.info()
        self.assertLess(text.index("accuracy"), text.index("\ncompare\n"))
        self.assertIn("of a finished run", text.splitlines()[0])
        groups = [line for line in text.splitlines() if line and not line.startswith(" ")]
        self.assertEqual(len(groups), len(set(groups)), "a group is listed twice")

    def test_a_run_that_goes_on(self):
        run = self.start_run(LONG)
        self.assertEqual(json.loads(self.info("--json"))["state"], "writing")
        self.assertIn("being written", self.info().splitlines()[0])
        wait_until_it_listens(run)
        run.send_signal(signal.SIGTERM)
        self.assertEqual(run.wait(60), 130)
        found = json.loads(self.info("--json"))
        self.assertEqual(found["state"], "stopped")
        self.assertIn("run.h5.ckpt", found["checkpoints"])
        self.assertIn("--resume", self.info().splitlines()[0])

    def test_a_killed_run_is_repaired(self):
        run = self.start_run(LONG)
        while "training/samples" not in json.loads(self.info("--json"))["figures"]:
            time.sleep(0.1)
        run.kill()
        run.wait()
        self.assertEqual(json.loads(self.info("--json"))["state"], "stopped")
        self.assertFalse(os.path.exists(self.path("run.h5.journal")))
        with h5py.File(self.path("run.h5"), "r") as f:
            self.assertIn("training/samples", f)

    def test_follow_to_the_end(self):
        run = self.start_run({"learning": {"epochs": 4}})
        follower = self.follow()
        out, said = follower.communicate(timeout=90)
        self.assertEqual((follower.returncode, run.wait(60)), (0, 0), said)
        lines = out.splitlines()
        with h5py.File(self.path("run.h5"), "r") as f:
            samples = f["training/samples"][()].tolist()
        self.assertEqual([int(x.split()[0]) for x in lines if " samples" in x.split("of the")[0]],
                         samples)
        self.assertEqual(sum("epoch" in x for x in lines), 4)
        self.assertTrue(lines[-1].startswith("finished"), lines[-1])

    def test_follow_as_json_of_a_finished_run(self):
        self.write_config(NOISELESS, {"learning": {"epochs": 2}})
        self.run_config("run.toml", "-q", "-o", "run.h5")
        rows = [json.loads(line) for line in self.info("--follow", "--json").splitlines()]
        self.assertEqual(rows[-1]["state"], "finished")
        with h5py.File(self.path("run.h5"), "r") as f:
            self.assertEqual(rows[-1]["accuracy"], f["compare/accuracy"][()])
            blocks = [r for r in rows if "samples" in r]
            self.assertEqual([r["samples"] for r in blocks], f["training/samples"][()].tolist())
            self.assertEqual([r["accuracy"] for r in blocks], f["training/accuracy"][()].tolist())
            # Every comparison is in the line of one block.
            compared = f["compare/sample"][()]
            first = compared < blocks[0]["samples"]
            self.assertAlmostEqual(blocks[0]["alignment"][0],
                                   f["compare/layer1/cosine_applied"][first].mean(), 12)

    def test_follow_finds_the_run_dead(self):
        run = self.start_run(LONG)
        follower = self.follow()
        self.assertIn(" samples", follower.stdout.readline())
        run.kill()
        run.wait()
        out, said = follower.communicate(timeout=100)
        self.assertEqual(follower.returncode, 1, said)
        self.assertIn("stopped before its end", out.splitlines()[-1])

    def test_follow_sees_the_run_begun_anew(self):
        run = self.start_run(LONG)
        follower = self.follow()
        for _ in range(5):
            self.assertIn(" samples", follower.stdout.readline())
        # So that it does not see the time between the two runs, nor the second get as far.
        follower.send_signal(signal.SIGSTOP)
        run.kill()
        run.wait()
        old = os.stat(self.path("run.h5")).st_ino
        run = self.start_run(LONG)
        while os.stat(self.path("run.h5")).st_ino == old:
            self.assertIsNone(run.poll())
            time.sleep(0.001)
        run.send_signal(signal.SIGSTOP)
        follower.send_signal(signal.SIGCONT)
        # Stopped in the middle of a commit, it would keep the follower waiting for its end.
        go_on = threading.Timer(5, run.send_signal, (signal.SIGCONT,))
        go_on.start()
        lines = iter(follower.stdout.readline, "")
        self.assertTrue(any(line == "the trace was begun anew\n" for line in lines))
        go_on.cancel()
        run.send_signal(signal.SIGCONT)
        self.assertTrue(follower.stdout.readline().split()[0].isdigit())
        run.kill()
        run.wait()
        out, said = follower.communicate(timeout=100)
        self.assertEqual(follower.returncode, 1, said)
        self.assertIn("stopped before its end", out.splitlines()[-1])

    def test_ctrl_c_ends_the_follower_only(self):
        run = self.start_run(LONG)
        follower = self.follow("--json")
        self.assertIn("samples", json.loads(follower.stdout.readline()))
        follower.send_signal(signal.SIGINT)
        _, said = follower.communicate(timeout=100)
        self.assertEqual((follower.returncode, said), (0, ""))
        self.assertIsNone(run.poll())


if __name__ == "__main__":
    main()
