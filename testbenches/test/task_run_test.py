"""Class-incremental runs and dendritic nets by the command: forgetting, rehearsal, sleep, baselines;
resumes bit by bit; what is not there is refused by key.

    task_run_test.py MEMPROP
"""

import json
import os
import signal
import subprocess
import time

import h5py
import numpy as np

from memprop_runs import RunTest, contents, different, main

TASKS = {
    "run": {"fidelity": "ideal", "threads": 1},
    "network": {"layers": [12, 16, 4], "activation": "shifted-logistic", "init": "fan-in-uniform",
                "bias": True},
    "learning": {"form": "product", "beta": 0.5, "rate": [0.5, 0.3], "batch": 10, "epochs": 3},
    "ideal": {"free_steps": 20, "nudged_steps": 8},
    "tasks": {"classes": 2},
}
SLEEP = {"sleep": {"enabled": True, "steps": 300, "threshold": [0.5, 0.5], "input_gain": 0.4}}
DENDRITES = {
    "run": {"fidelity": "ideal", "threads": 1},
    "network": {"layers": [12, 10, 4], "activation": "hard-sigmoid", "feedback": "separate",
                "train_feedback": True, "feedback_gain": 0.2, "bias": True,
                "bias_init": "fan-in-uniform", "init": "fan-in-uniform",
                "dendrites": {"basal_branches": 4, "apical_branches": 2}},
    "learning": {"form": "product", "scale": "nudge", "beta": 0.1, "optimiser": "momentum",
                 "rate": [0.4, 0.05], "batch": 20, "epochs": 15},
    "ideal": {"free_steps": 20, "nudged_steps": 12},
}

ON_CHIP = (TASKS, {
    "run": {"fidelity": "cycle"},
    "learning": {"batch": 1, "epochs": 1, "rate": [0.05, 0.03]},
    "tasks": {"samples": 60},
    "sleep": {"enabled": True, "steps": 300, "threshold": [0.5, 0.5], "input_gain": 0.4,
              "gate": "hard", "random": "shift-register", "mean_bits": 4,
              "calibration_samples": 20},
    "chip": {"pair": "differential", "device": {"step": 0.03}, "weight_range": 1.0},
})


class TaskRunTest(RunTest):
    training_samples = 600
    test_samples = 100

    def result(self, *settings):
        self.write_config(*settings)
        return json.loads(self.run_config("run.toml", "-q", "--json").stdout)

    def test_a_task_is_forgotten_by_the_next_one(self):
        plain = self.result(TASKS)
        self.assertEqual(len(plain["tasks"]), 2)
        first, second = plain["tasks"]
        self.assertGreater(first["awake"][0], 0.9)
        self.assertLess(first["awake"][1], 0.1)
        self.assertGreater(second["awake"][1], 0.9)
        self.assertLess(second["awake"][0], 0.5)
        self.assertEqual(second["slept"], [])
        # Half of the test samples belong to each task.
        self.assertAlmostEqual(plain["accuracy"], sum(second["awake"]) / 2)
        self.assertEqual(plain["accuracy_newest_task"], second["awake"][1])
        self.assertEqual(plain["training_samples"], 3 * 600)

        rehearsed = self.result(TASKS, {"tasks": {"rehearsal": 0.5}})
        self.assertEqual(rehearsed["training_samples"], 3 * (600 + 150))
        joint = self.result(TASKS, {"tasks": {"joint": True}})
        self.assertEqual(len(joint["tasks"]), 1)
        self.assertGreater(rehearsed["accuracy"], plain["accuracy"] + 0.2)
        self.assertGreater(joint["accuracy"], plain["accuracy"] + 0.2)

    def test_the_order_of_the_classes(self):
        turned = self.result(TASKS, {"tasks": {"order": [3, 2, 1, 0]}})
        self.assertGreater(turned["tasks"][0]["awake"][0], 0.9)
        few = self.result(TASKS, {"tasks": {"samples": 50}})
        self.assertEqual(few["training_samples"], 3 * 100)

    def test_sleep_changes_the_network_and_the_trace_tells(self):
        self.write_config(TASKS, SLEEP)
        result = json.loads(self.run_config("run.toml", "-q", "--json", "-o", "run.h5").stdout)
        self.assertEqual(len(result["tasks"][0]["spikes"]), 3)
        self.assertGreater(result["tasks"][0]["spikes"][0], 0)
        with h5py.File(self.path("run.h5")) as trace:
            for when in ("awake", "slept"):
                table = trace["tasks/accuracy_" + when][()]
                self.assertEqual(table.shape, (2, 2))
                self.assertTrue(np.array_equal(table, [t[when] for t in result["tasks"]]))
            self.assertEqual(trace["tasks/spikes"].shape, (2, 3))
            self.assertEqual(len(trace["training/test_accuracy"]), 2)
            self.assertAlmostEqual(trace["compare/accuracy"][()], result["accuracy"])
        awake = self.result(TASKS)
        self.assertEqual(awake["tasks"][0]["awake"], result["tasks"][0]["awake"])
        self.write_config(TASKS, SLEEP)
        text = self.run_config("run.toml", "-q").stdout
        self.assertIn("slept", text)

    def test_baselines_run(self):
        net = {"network": {"readout": "softmax", "activation": "tanh"},
               "learning": {"rule": "backprop", "rate": 0.1}}
        sequential = self.result(TASKS, net)
        for kind, strength in (("ewc", 100.0), ("si", 1.0), ("lwf", 1.0)):
            result = self.result(TASKS, net,
                                 {"tasks": {"consolidation": kind, "strength": strength}})
            self.assertEqual(result["tasks"][0]["awake"][0] > 0.9, True)
            self.assertNotEqual(result["loss"], sequential["loss"])
        through_time = self.result(TASKS, {"learning": {"rule": "truncated-bptt"}}, SLEEP)
        self.assertGreater(through_time["tasks"][0]["awake"][0], 0.9)

    def test_dendritic_nets_learn(self):
        for more in ({}, {"network": {"train_feedback": False}},
                     {"network": {"train_feedback": False, "feedback": "tied"},
                      "learning": {"scale": "exact"}},
                     {"learning": {"rule": "truncated-bptt"}},
                     {"network": {"dendrites": {"basal_branches": 0}}}):
            result = self.result(DENDRITES, more)
            # Fixed feedback has to be followed by the weights first. Four classes.
            fixed = more == {"network": {"train_feedback": False}}
            self.assertGreater(result["accuracy"], 0.6 if fixed else 0.8, more)
            self.assertIsNone(result["accuracy_backprop"] if not more else None)
        result = self.result(DENDRITES)
        self.assertGreater(result["activity_share_layer1"], 0)
        self.assertLessEqual(result["activity_mean_layer1"], 1)

    def test_dendrites_learn_tasks_and_sleep(self):
        result = self.result(DENDRITES, {"tasks": {"classes": 2}}, SLEEP)
        self.assertEqual(len(result["tasks"][1]["slept"]), 2)
        self.assertGreaterEqual(result["tasks"][1]["stuck_share"], 0)

    def test_the_chip_learns_tasks_and_sleeps(self):
        # A change by sleep that a pulse on one of 64 levels makes now and then.
        self.write_config(*ON_CHIP)
        result = json.loads(self.run_config("run.toml", "-q", "--json", "-o", "run.h5").stdout)
        self.assertEqual(result["fidelity"], "cycle")
        self.assertEqual(result["training_samples"], 120)
        self.assertEqual([len(t["slept"]) for t in result["tasks"]], [2, 2])
        self.assertGreater(result["tasks"][0]["spikes"][1], 0)
        self.assertGreater(result["sleep_set_pulses"], 0)
        self.assertGreater(result["sleep_energy_writes_j"], 0)
        self.assertGreater(result["sleep_calibration_cycles"], 0)
        with h5py.File(self.path("run.h5")) as trace:
            pulses = trace["tasks/sleep_pulses"][()]
            self.assertEqual(pulses.shape, (2, 3))
            self.assertEqual(pulses[:, 0].sum(), result["sleep_set_pulses"])
            self.assertEqual(trace["tasks/sleep_cycles"][()][:, 0].sum(), result["sleep_cycles"])
            self.assertAlmostEqual(trace["tasks/sleep_energy"][()].sum(), result["sleep_energy_j"])
            self.assertEqual(len(trace["training/update/sample"]), 120)
            # Sleeps are no part of what training has cost.
            updates = trace["training/update/set_pulses"][()].sum()
            updates += trace["training/update/reset_pulses"][()].sum()
            self.assertEqual(updates, result["set_pulses"] + result["reset_pulses"])
            self.assertEqual(trace["training/pulses"][()][-1], updates)
        awake = self.result(*ON_CHIP, {"sleep": {"enabled": False}})
        self.assertEqual(awake["tasks"][0]["awake"], result["tasks"][0]["awake"])
        self.assertNotIn("sleep_cycles", awake)
        estimate = self.call("validate", "run.toml")
        self.assertEqual(estimate.returncode, 0, estimate.stderr)

    def test_a_resume_on_the_chip_changes_no_bit(self):
        self.write_config(*ON_CHIP, {"output": {"checkpoint_every": 10}})
        self.run_config("run.toml", "-q", "-o", "run.h5")
        whole = contents(self.path("run.h5"))
        resumed = 0
        for after in (0.0, 0.05, 0.2):
            for name in os.listdir(self.folder):
                if name.startswith("run.h5"):
                    os.remove(self.path(name))
            if self.interrupted_and_resumed(after):
                resumed += 1
                self.assertEqual(different(whole, contents(self.path("run.h5"))), [])
        self.assertGreater(resumed, 0, "every run ended before its signal")

    def test_weights_of_another_seed_are_refused(self):
        self.write_config(DENDRITES, {"learning": {"epochs": 1}})
        self.run_config("run.toml", "-q", "-o", "run.h5")
        with h5py.File(self.path("run.h5")) as trace:
            self.assertEqual(trace["network/layer1/weight_final"].shape, (40, 12))
            self.assertEqual(trace["network/layer1/feedback_final"].shape, (20, 4))
            kept = trace["network/layer1/weight_final"][()] != 0
            self.assertTrue((kept.sum(axis=1) == 6).all())
        again = {"network": {"init_file": "run.h5"}, "learning": {"train": False}}
        self.write_config(DENDRITES, again)
        self.run_config("run.toml", "-q")
        self.write_config(DENDRITES, again, {"run": {"seed": 2}})
        done = self.call("run", "run.toml", "-q")
        self.assertEqual(done.returncode, 2)
        self.assertIn("run.h5: w1: expected 0 at branch", done.stderr)

    def interrupted_and_resumed(self, after=0.0):
        process = subprocess.Popen(self.command("run", "run.toml", "-q", "-o", "run.h5"),
                                   cwd=self.folder, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        while process.poll() is None and not os.path.exists(self.path("run.h5.ckpt.1")):
            time.sleep(0.001)
        time.sleep(after)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        if process.returncode == 0:
            return False
        self.assertEqual(process.returncode, 130)
        self.run_config("run.toml", "-q", "-o", "run.h5", "--resume")
        return True

    def test_a_resume_changes_no_bit(self):
        quick = {"learning": {"epochs": 40}, "output": {"checkpoint_every": 1000}}
        ewc = {"network": {"readout": "softmax", "activation": "tanh"},
               "learning": {"rule": "backprop", "optimiser": "momentum", "rate": 0.05},
               "tasks": {"consolidation": "ewc", "strength": 100.0}}
        resumed = 0
        for settings in ((TASKS, SLEEP), (TASKS, ewc), (DENDRITES,)):
            self.write_config(*settings, quick)
            self.run_config("run.toml", "-q", "-o", "run.h5")
            whole = contents(self.path("run.h5"))
            for name in os.listdir(self.folder):
                if name.startswith("run.h5"):
                    os.remove(self.path(name))
            if self.interrupted_and_resumed():
                resumed += 1
                self.assertEqual(different(whole, contents(self.path("run.h5"))), [])
        self.assertGreater(resumed, 0, "every run ended before its signal")

    def test_what_is_not_there_is_refused_by_key(self):
        for settings, key in (
            ((TASKS, SLEEP, {"run": {"fidelity": "cycle"}, "learning": {"batch": 1},
                             "chip": {"pair": "differential"}}), "sleep.gate"),
            ((DENDRITES, {"run": {"fidelity": "cycle"}, "learning": {"batch": 1, "optimiser": "sgd"},
               "network": {"train_feedback": False, "feedback": "tied"}}),
             "network.feedback"),
            ((TASKS, {"sleep": {"enabled": True}}), "sleep.threshold"),
            ((TASKS, {"tasks": {"classes": 3}}), "tasks.classes"),
        ):
            self.write_config(*settings)
            done = self.call("run", "run.toml", "-q", "-o", "refused.h5")
            self.assertEqual(done.returncode, 2, (key, done.stderr))
            self.assertIn("key '%s'" % key, done.stderr)
            self.assertFalse([n for n in os.listdir(self.folder) if n.startswith("refused")])


if __name__ == "__main__":
    main()
