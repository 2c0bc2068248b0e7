"""Runs of dendritic nets on the chip by the command: traces of their tiles and branches, runs that
resume, inference.

    dendritic_run_test.py MEMPROP
"""

import json
import os
import subprocess
import time

import h5py
import numpy as np

from memprop_runs import NOISY, RunTest, contents, different, main, merged

DENDRITIC = merged(
    NOISY,
    {
        "network": {
            "layers": [12, 8, 4],
            "activation": "hard-sigmoid",
            "feedback": "separate",
            "train_feedback": True,
            "feedback_gain": 0.3,
            "bias": True,
            "init": "fan-in-uniform",
            "dendrites": {
                "basal_branches": 3,
                "apical_branches": 2,
                "basal_tau": "40 ns",
                "apical_tau": "60 ns",
            },
        },
        "learning": {"form": "product", "scale": "nudge", "nudging": "centred", "rate": 0.1},
        "chip": {
            "feedback": "separate-array",
            "branch": {
                "rectifier": "softplus",
                "knee": "5 mV",
                "offset": "1 mV",
                "comparator_offset": "1 mV",
                "coupling_mismatch": 0.02,
                "masked_cells": "off",
                "off_conductance": "20 nS",
                "off_spread": 0.5,
            },
        },
    },
)


class DendriticRunTest(RunTest):
    training_samples = 200
    test_samples = 40

    def run_whole(self, *settings):
        self.write_config(DENDRITIC, *settings)
        self.run_config("run.toml", "-q", "-o", "run.h5")

    def test_trace_has_the_tiles_and_branches(self):
        probes = ["layer*al/v", "apical1/*", "layer1/neurons/v_reference"]
        self.run_whole({"output": {"probes": probes, "samples": [0, 7]}})
        with h5py.File(self.path("run.h5")) as f:
            self.assertEqual(f["network/layer1/weight_final"].shape, (24, 12))
            self.assertEqual(f["network/layer1/feedback_final"].shape, (16, 4))
            masks = 0
            for tile, columns, rows in (("tile1", 24, 13), ("tile2", 12, 9), ("apical1", 16, 4)):
                plus = f["devices/%s/conductance_plus" % tile][:]
                self.assertEqual(plus.shape[1:], (columns, rows))
                off = plus[0] < 2e-7
                masks += off.sum()
                self.assertTrue((plus[0][off] == plus[-1][off]).all(), "unformed cells moved")
                self.assertTrue((plus[0][~off] != plus[-1][~off]).any(), "nothing learned")
                if tile != "apical1":
                    self.assertFalse(off[:, -1].any(), "every branch has a bias")
            self.assertEqual(masks, 24 * 6 + 12 * 4 + 16 * 2)
            weight = f["network/layer1/weight_final"][:]
            initial = f["network/layer1/weight_initial"][:]
            self.assertTrue(((weight == 0) == (initial == 0)).all())
            branches = f["probes/layer1/basal/v"][:]
            self.assertEqual(branches.shape[1], 24)
            self.assertGreater(np.abs(branches).max(), 1e-3)
            self.assertEqual(f["probes/layer1/apical/v"].shape[1], 16)
            self.assertEqual(f["probes/apical1/col_pulse"].shape[1], 16)
            self.assertTrue(f["probes/apical1/col_pulse"][:].any())
            self.assertEqual(f["probes/layer1/neurons/v_reference"].shape[1], 8)

    def test_resumes_bit_for_bit(self):
        often = {"output": {"checkpoint_every": 50}, "learning": {"epochs": 2}}
        self.run_whole(often)
        whole = contents(self.path("run.h5"))
        for name in os.listdir(self.folder):
            if name.startswith("run.h5"):
                os.remove(self.path(name))
        process = subprocess.Popen(
            self.command("run", "run.toml", "-q", "-o", "run.h5"),
            cwd=self.folder,
            stderr=subprocess.DEVNULL,
        )
        while process.poll() is None and not os.path.exists(self.path("run.h5.ckpt")):
            time.sleep(0.001)
        process.kill()
        self.assertNotEqual(process.wait(), 0, "the run ended before its first checkpoint was seen")
        self.run_config("run.toml", "-q", "-o", "run.h5", "--resume")
        self.assertEqual(different(whole, contents(self.path("run.h5"))), [])

    def test_what_does_not_know_branches_says_so(self):
        self.write_config(DENDRITIC)
        done = self.call("export-spice", "run.toml", "-o", "chip.cir")
        self.assertEqual(done.returncode, 2)
        self.assertIn("network.dendrites.basal_branches", done.stderr)

    def test_inference_of_a_trained_chip(self):
        self.run_whole({"learning": {"rate": [1.0, 0.2], "epochs": 6}})
        with h5py.File(self.path("run.h5")) as f:
            trained = f["compare/accuracy"][()]
        self.assertGreater(trained, 0.4, "chance is 0.25")
        self.write_config(
            DENDRITIC,
            {
                "network": {"init_file": "run.h5"},
                "learning": {"train": False},
                "run": {"ideal_reference": False},
            },
        )
        again = self.run_config("run.toml", "-q", "--json")
        # Weights are written anew: stuck cells do not take them, others are cut.
        self.assertGreater(json.loads(again.stdout)["accuracy"], trained - 0.2)


if __name__ == "__main__":
    main()
