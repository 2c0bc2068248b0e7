"""A run that is stopped or killed at random moments and resumed in new processes equals, bit by bit,
the run that nobody disturbed.

    resume_test.py MEMPROP
"""

import os
import random
import signal
import subprocess
import time

import h5py
import numpy as np

from memprop_runs import NOISY, RunTest, contents, different, main, wait_until_it_listens


class ResumeTest(RunTest):
    training_samples = 2500
    test_samples = 300

    def undisturbed(self):
        begin = time.monotonic()
        self.run_config("run.toml", "-q", "-o", "run.h5")
        self.duration = time.monotonic() - begin
        whole = contents(self.path("run.h5"))
        os.remove(self.path("run.h5"))
        return whole

    def disturb(self, number, delay, *arguments):
        """True if the signal came before the end."""
        process = subprocess.Popen(
            self.command("run", "run.toml", "-q", "-o", "run.h5", *arguments),
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        before = self.checkpoint_time()
        if number == signal.SIGKILL:
            # Nothing can be resumed before the first checkpoint.
            while process.poll() is None and self.checkpoint_time() == before:
                time.sleep(0.002)
        else:
            wait_until_it_listens(process)
        time.sleep(delay)
        process.send_signal(number)
        _, message = process.communicate(timeout=120)
        if process.returncode == 0:
            return False
        expected = -signal.SIGKILL if number == signal.SIGKILL else 130
        self.assertEqual(process.returncode, expected, message)
        if number != signal.SIGKILL:
            self.assertIn("--resume", message)
        return True

    def checkpoint_time(self):
        path = self.path("run.h5.ckpt")
        return os.stat(path).st_mtime_ns if os.path.exists(path) else 0

    def check(self, fidelity, signals, *settings):
        self.write_config(NOISY, {"run": {"fidelity": fidelity}}, *settings)
        whole = self.undisturbed()
        self.assertGreater(len(whole), 20)
        pick = random.Random()
        arguments = []
        for number in signals:
            delay = pick.uniform(0.05, 0.6) * self.duration / len(signals)
            with self.subTest(fidelity=fidelity, signal=number, delay=delay):
                came = self.disturb(number, delay, *arguments)
                # On a machine that has become idle since, the first signal may come too late.
                while not came and not arguments and delay > 0.01:
                    for name in os.listdir(self.folder):
                        if name.startswith("run.h5"):
                            os.remove(self.path(name))
                    delay /= 4
                    came = self.disturb(number, delay)
            if not came:
                break
            arguments = ["--resume"]
        self.assertTrue(arguments, "the run ended before the first signal")
        self.run_config("run.toml", "-q", "-o", "run.h5", *arguments)
        self.assertEqual(different(whole, contents(self.path("run.h5"))), [])

    def test_cycle(self):
        recorded = {
            "learning": {"epochs": 2},
            "output": {
                "checkpoint_every": 300,
                "probes": ["*"],
                "samples": [0, 1500, 2499, 4000],
            },
            "monitor": {"state_every": 1000},
        }
        signals = [signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGINT]
        self.check("cycle", signals, recorded)

    def test_ode(self):
        self.check(
            "ode",
            [signal.SIGTERM, signal.SIGKILL],
            {"learning": {"epochs": 3}, "output": {"checkpoint_every": 1000}},
        )

    def test_ideal(self):
        self.check(
            "ideal",
            [signal.SIGTERM, signal.SIGKILL],
            {"learning": {"epochs": 30}, "output": {"checkpoint_every": 1000}},
        )

    def test_only_the_references_are_left(self):
        """A signal that comes when the chip is done ends the run; a resume repeats the references."""
        self.write_config(
            NOISY,
            {
                "run": {"ideal_reference": True, "backprop_reference": True},
                "data": {"train_samples": 20, "test_samples": 10},
                "ideal": {"free_steps": 20000, "nudged_steps": 20000},
                "output": {"checkpoint_every": 7, "probes": ["*"], "samples": [0, 19]},
            },
        )
        self.run_config("run.toml", "-q", "-o", "run.h5")
        whole = contents(self.path("run.h5"))
        os.remove(self.path("run.h5"))
        process = subprocess.Popen(
            self.command("run", "run.toml", "-o", "run.h5"),
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for line in process.stderr:
            if line.startswith("references"):
                break
        process.send_signal(signal.SIGTERM)
        begin = time.monotonic()
        _, message = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130, message)
        self.assertIn("--resume", message)
        self.assertLess(time.monotonic() - begin, 20)
        again = self.call("run", "run.toml", "-o", "run.h5", "--resume")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertNotIn("training:", again.stderr)
        self.assertEqual(different(whole, contents(self.path("run.h5"))), [])

    def interrupted(self, *settings):
        self.write_config(
            NOISY,
            {"learning": {"epochs": 2}},
            {"output": {"checkpoint_every": 300, "probes": ["layer1/*"], "sample_every": 100}},
            *settings,
        )
        self.kill_after_two_checkpoints()

    def kill_after_two_checkpoints(self):
        """So that there are rows, and an older checkpoint."""
        for name in os.listdir(self.folder):
            if name.startswith("run.h5"):
                os.remove(self.path(name))
        process = subprocess.Popen(
            self.command("run", "run.toml", "-q", "-o", "run.h5"),
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while process.poll() is None and not os.path.exists(self.path("run.h5.ckpt.1")):
            time.sleep(0.002)
        process.kill()
        self.assertEqual(process.wait(timeout=60), -signal.SIGKILL)

    def test_other_output_after_a_resume(self):
        """New probes begin at the resume, dropped ones end there; nothing else changes."""
        self.interrupted()
        with h5py.File(self.path("run.h5"), "r") as f:
            samples = f["probes/samples/sample"][()]
        self.run_config(
            *("run.toml", "-q", "-o", "run.h5", "--resume", "--threads", "2"),
            *("--set", 'output.probes=["layer1/neurons/v", "layer2/neurons/v"]'),
            *("--set", "monitor.state_every=500", "--set", "output.devices_every=1000"),
        )
        mixed = h5py.File(self.path("run.h5"), "r")
        self.addCleanup(mixed.close)
        changes = mixed["config/changes"].asstr()[()].splitlines()
        self.assertEqual(
            [line.split(":")[0] for line in changes],
            ["monitor.state_every", "output.devices_every", "output.probes"],
        )
        self.assertIn("layer2/neurons/v", mixed["config/resolved"].asstr()[()])
        self.run_config(
            *("run.toml", "-q", "-o", "all.h5", "--set", 'output.probes=["layer*"]'),
        )
        with h5py.File(self.path("all.h5"), "r") as whole:
            for name in ("layer1/weight_final", "layer2/bias_final"):
                np.testing.assert_array_equal(mixed["network/" + name], whole["network/" + name])
            probes, wanted = mixed["probes"], whole["probes"]
            self.assertEqual(probes["time"][()].tolist(), wanted["time"][()].tolist())
            v = "layer1/neurons/v"
            np.testing.assert_array_equal(probes[v][()], wanted[v][()])
            self.assertNotIn("first_row", probes[v].attrs)
            # Added.
            v = "layer2/neurons/v"
            first = probes[v].attrs["first_row"]
            self.assertLessEqual(probes["sample"][first - 1], samples[-1])
            self.assertTrue(0 < first < len(probes["time"]))
            self.assertTrue(np.isnan(probes[v][:first]).all())
            np.testing.assert_array_equal(probes[v][first:], wanted[v][first:])
            # Dropped.
            r = "layer1/neurons/r"
            self.assertEqual(len(probes[r]), len(probes["time"]))
            np.testing.assert_array_equal(probes[r][:first], wanted[r][:first])
            self.assertTrue(np.isnan(probes[r][first:]).all())
        self.assertEqual(mixed["devices/sample"][-1], 5000)

    def test_from_the_older_checkpoint(self):
        self.interrupted()
        self.run_config("run.toml", "-q", "-o", "run.h5", "--resume")
        whole = contents(self.path("run.h5"))
        self.kill_after_two_checkpoints()
        os.remove(self.path("run.h5.ckpt"))
        self.run_config("run.toml", "-q", "-o", "run.h5", "--resume")
        self.assertEqual(different(whole, contents(self.path("run.h5"))), [])

    def test_what_a_resume_refuses(self):
        self.interrupted()
        before = contents(self.path("run.h5"))
        for setting in ("learning.beta=0.4", "chip.adc.bits=9", "output.precision=float32"):
            done = self.call("run", "run.toml", "-o", "run.h5", "--resume", "--set", setting)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("changed: " + setting.split("=")[0], done.stderr)
            self.assertIn(setting.split("=")[1], done.stderr)
            self.assertEqual(different(before, contents(self.path("run.h5"))), [])

    def test_references_can_be_asked_for_later(self):
        self.interrupted()
        references = ("--set", "run.ideal_reference=true", "--set", "run.backprop_reference=true")
        self.run_config("run.toml", "-q", "-o", "run.h5", "--resume", *references)
        self.run_config("run.toml", "-q", "-o", "whole.h5", *references)
        unequal = different(contents(self.path("run.h5")), contents(self.path("whole.h5")))
        beside = ("config/", "provenance/writer@estimated_bytes")  # as told when the run began
        self.assertEqual([p for p in unequal if not p.startswith(beside)], [])
        with h5py.File(self.path("run.h5"), "r") as f:
            self.assertGreater(f["compare/accuracy_ideal"][()], 0.2)
            self.assertIn("run.ideal_reference", f["config/changes"].asstr()[()])

    def test_another_stride_after_a_resume(self):
        """Every recorded sample says how densely it was recorded."""
        self.interrupted()
        self.run_config("run.toml", "-q", "-o", "run.h5", "--resume", "--set", "output.stride=3")
        with h5py.File(self.path("run.h5"), "r") as f:
            strides = f["probes/samples/stride"][()]
            self.assertEqual(sorted(set(strides.tolist())), [1, 3])
            first, rows = (f["probes/samples/" + n][()] for n in ("first_row", "rows"))
            cycle = f["probes/cycle"][()]
            for k, stride in enumerate(strides):
                steps = np.diff(cycle[first[k] : first[k] + rows[k]])
                self.assertEqual(set(steps.tolist()), {stride})
            self.assertEqual(set(f["probes/samples/points_per_cycle"][()].tolist()), {1})

    def test_references_beside_the_chip(self):
        """They start over on a resume, with the same result."""
        self.check(
            "cycle",
            [signal.SIGTERM],
            {"run": {"ideal_reference": True, "backprop_reference": True, "threads": 2}},
        )


if __name__ == "__main__":
    main()
