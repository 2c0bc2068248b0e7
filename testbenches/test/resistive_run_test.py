"""Runs of resistive networks by the command: they learn, resume bit by bit, and refuse by key what
they do not have.

    resistive_run_test.py MEMPROP
"""

import json
import os
import signal
import subprocess
import time

import h5py

from memprop_runs import RunTest, contents, different, main, merged

IDEAL = {
    "run": {"fidelity": "ideal", "threads": 1},
    "network": {
        "style": "resistive",
        "layers": [12, 10, 4],
        "init": "fan-in-uniform",
        "resistive": {"input_gain": 10, "bias_input": 1.0, "output_pairs": True},
    },
    "learning": {"beta": 0.05, "rate": 0.003, "epochs": 2},
    "ideal": {"free_steps": 20, "nudged_steps": 20},
}
CHIP = merged(
    IDEAL,
    {
        "run": {"fidelity": "cycle"},
        "network": {"resistive": {"amplifier_gain": 2.0, "conductance_min": 0.01}},
        "chip": {
            "voltage_scale": "100 mV",
            "weight_range": 1.0,
            "device": {
                "g_min": "1 uS",
                "g_max": "100 uS",
                "step": 0.0005,
                "cycle_noise": 0.2,
                "step_spread": 0.2,
            },
            "resistive": {"forward_mismatch": 0.02, "backward_mismatch": 0.02},
            "adc": {"bits": 16, "range": 4.0},
        },
        "output": {"checkpoint_every": 50},
    },
)


class ResistiveRunTest(RunTest):
    training_samples = 600
    test_samples = 100

    def result(self, *settings):
        self.write_config(*settings)
        return json.loads(self.run_config("run.toml", "-q", "--json").stdout)

    def test_the_exact_network_learns(self):
        result = self.result(IDEAL, {"learning": {"epochs": 5}})
        self.assertGreater(result["accuracy"], 0.9)
        self.assertIsNone(result["accuracy_backprop"])

    def test_the_chip_learns_beside_the_exact_network(self):
        result = self.result(CHIP)
        self.assertGreater(result["accuracy"], 0.8)
        self.assertGreater(result["accuracy_ideal"], 0.6)
        self.assertGreater(result["cycles"], 0)

    def test_validate_estimates_a_run_of_the_chip(self):
        self.write_config(CHIP)
        checked = self.call("validate", "run.toml")
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertIn("cycles", checked.stdout)

    def test_signs_and_ideal_writes_learn_too(self):
        # One step per sample and cell, whatever it matters: slow, with steps so small. Four classes.
        signs = {"chip": {"update": {"circuit": "sign-sign"}, "device": {"step": 0.0001}}}
        ideal = {"chip": {"update": {"circuit": "ideal-write"}, "device": {"model": "ideal"}}}
        for more, least in ((signs, 0.38), (ideal, 0.6)):
            self.assertGreater(self.result(CHIP, more)["accuracy"], least, more)

    def test_the_trace_has_a_column_per_source(self):
        self.write_config(CHIP)
        self.run_config("run.toml", "-q", "-o", "run.h5")
        with h5py.File(self.path("run.h5")) as trace:
            self.assertEqual(trace["network/layer1/weight_final"].shape, (10, 26))
            self.assertEqual(trace["network/layer2/weight_final"].shape, (8, 10))
            self.assertEqual(len(trace["training/test_accuracy"]), 2)
        self.assertEqual(self.call("info", "run.h5").returncode, 0)

    def interrupted_and_resumed(self):
        process = subprocess.Popen(
            self.command("run", "run.toml", "-q", "-o", "run.h5"),
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        while process.poll() is None and not os.path.exists(self.path("run.h5.ckpt")):
            time.sleep(0.001)
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        if process.returncode == 0:
            return False
        self.assertEqual(process.returncode, 130)
        self.run_config("run.toml", "-q", "-o", "run.h5", "--resume")
        return True

    def test_a_resume_changes_no_bit(self):
        for settings in (IDEAL, CHIP):
            self.write_config(settings, {"run": {"ideal_reference": False}})
            self.run_config("run.toml", "-q", "-o", "run.h5")
            whole = contents(self.path("run.h5"))
            os.remove(self.path("run.h5"))
            os.remove(self.path("run.h5.ckpt"))
            if self.interrupted_and_resumed():
                self.assertEqual(different(whole, contents(self.path("run.h5"))), [])
            elif settings is CHIP:
                self.fail("the run ended before the signal: it was not resumed")

    def test_what_is_not_there_is_refused_by_key(self):
        for settings, key in (
            ((IDEAL, {"run": {"fidelity": "ode"}}), "run.fidelity"),
            ((CHIP, {"run": {"fidelity": "rtl"}}), "run.fidelity"),
            ((IDEAL, {"network": {"readout": "softmax"}}), "network.readout"),
            ((IDEAL, {"network": {"resistive": {"amplifier_gain": [1.0, 2.0]}}}),
             "network.resistive.amplifier_gain"),
            ((CHIP, {"network": {"bias": True}}), "network.bias"),
            ((CHIP, {"chip": {"noise": {"read": 0.1}}}), "chip.noise.read"),
            ((CHIP, {"chip": {"noise": {"shot": True}}}), "chip.noise.shot"),
            ((CHIP, {"chip": {"neuron": {"amplifier_gain": 100.0}}}),
             "chip.neuron.amplifier_gain"),
            ((CHIP, {"chip": {"adc": {"average": 4}}}), "chip.adc.average"),
            ((CHIP, {"chip": {"difference_amplifier": {"gain": 10.0}}}),
             "chip.difference_amplifier.gain"),
            ((CHIP, {"chip": {"twin": {"mode": "free-nudged"}}}), "chip.twin.mode"),
            ((CHIP, {"monitor": {"state_every": 5}}), "monitor.state_every"),
            ((CHIP, {"chip": {"update": {"circuit": "stochastic"}}}), "chip.update.circuit"),
            ((CHIP, {"output": {"probes": ["*"]}}), "output.probes"),
            ((CHIP, {"learning": {"rate_decay": 0.9}}), "learning.rate_decay"),
            ((IDEAL, {"learning": {"beta": 100.0}}), "learning.beta"),
        ):
            self.write_config(*settings)
            done = self.call("run", "run.toml", "-q", "-o", "refused.h5")
            self.assertEqual(done.returncode, 2, (key, done.stderr))
            self.assertIn("key '%s'" % key, done.stderr)
            self.assertNotIn("refused.h5.ckpt", os.listdir(self.folder))
            if key == "learning.beta":
                continue  # only the exact solver knows the largest one
            checked = self.call("validate", "run.toml")
            self.assertEqual(checked.returncode, 2, (key, checked.stderr))
            self.assertRegex(checked.stderr, r"run\.toml:\d+: .*%s" % key.split(".")[-1])
        plain = {"network": {"layers": [12, 8, 4]}, "learning": {"rate_decay": 0.9}}
        self.write_config(plain)
        done = self.call("run", "run.toml", "-q")
        self.assertEqual(done.returncode, 2)
        self.assertIn("learning.rate_decay", done.stderr)


if __name__ == "__main__":
    main()
