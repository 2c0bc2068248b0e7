"""memprop export-spice: the file alone, and what ngspice says to it.

    export_spice_test.py MEMPROP
"""

import re
import shutil
import subprocess
import sys
import unittest

from memprop_runs import NOISELESS, RunTest, main, merged

CHIP = merged(NOISELESS, {
    "data": {"train_samples": 20, "test_samples": 10},
    "chip": {"neuron": {"gain_mismatch": 0.1, "offset": "5 mV"}},
})
RESISTIVE = {
    "run": {"fidelity": "cycle", "ideal_reference": False},
    "data": {"train_samples": 20, "test_samples": 10},
    "network": {
        "style": "resistive", "layers": [12, 6, 4], "init": "fan-in-uniform",
        "resistive": {"input_gain": 5, "bias_input": 1.0, "output_pairs": True,
                      "amplifier_gain": 2.0, "conductance_min": 0.01},
    },
    "learning": {"beta": 0.05, "rate": 0.003},
    "chip": {
        "voltage_scale": "1 V", "weight_range": 1.0,
        "device": {"g_min": "1 uS", "g_max": "100 uS", "step": 0.0005},
        "resistive": {"diode": "exponential", "forward_mismatch": 0.02, "backward_mismatch": 0.02},
        "adc": {"bits": 16, "range": 4.0},
    },
}
NUMBER = r"[-+0-9.e]+"


class ExportSpiceTest(RunTest):
    training_samples = 40

    def setUp(self):
        super().setUp()
        self.write_config(CHIP)

    def export(self, name, *options):
        done = self.call("export-spice", "run.toml", "-o", name, *options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        with open(self.path(name)) as f:
            return f.read()

    def expected(self, netlist):
        """{"free_layer1_v0": volts, ...} of the header's table."""
        lines = netlist.splitlines()
        head = next(k for k, line in enumerate(lines) if line.startswith("*   node "))
        phases = re.findall(r"([a-z]+) [0-9.]+ ns", lines[head])
        self.assertEqual(phases, ["free", "positive", "negative"])
        found = {}
        for line in lines[head + 1:]:
            if not line.startswith("*   layer"):
                break
            name, *volts = line[1:].split()
            found.update({f"{p}_{name}": float(v) for p, v in zip(phases, volts)})
        return found

    def test_same_chip_same_text(self):
        first = self.export("first.cir")
        second = self.export("second.cir")
        self.assertEqual(first.replace("first", "second"), second)
        self.assertNotEqual(first, self.export("first.cir", "--sample", "1"))
        self.assertNotEqual(first, self.export("first.cir", "--seed", "9"))

    def test_step(self):
        self.assertRegex(self.export("out.cir", "--max-step", "0.5 ns"), r"(?m)^\.tran .* 500p uic$")

    def test_names_of_files_with_blanks(self):
        self.assertIn("wrdata my_chip.data ", self.export("My chip.cir"))

    def test_every_resistor_once(self):
        names = re.findall(r"(?m)^(R\S+)", self.export("out.cir"))
        self.assertEqual(len(names), len(set(names)))
        layers = CHIP["network"]["layers"]
        bias = 1 if CHIP["network"].get("bias") else 0
        forward = sum(2 * (layers[l] + bias) * layers[l + 1] for l in range(len(layers) - 1))
        backward = sum(2 * (layers[l] + bias) * layers[l + 1] for l in range(1, len(layers) - 1))
        self.assertEqual(len(names), forward + backward)

    def test_a_resistive_chip_has_one_resistor_per_synapse(self):
        self.write_config(RESISTIVE)
        netlist = self.export("out.cir")
        names = re.findall(r"(?m)^(R\S+)", netlist)
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(len(names), 2 * 13 * 6 + 6 * 2 * 4)  # with the bias input; output pairs
        self.assertEqual(len(re.findall(r"(?m)^F\S+", netlist)), 6)

    def test_ngspice_comes_to_the_expected_states(self):
        self.ngspice_agrees(1e-4)  # V_s = 100 mV

    def test_ngspice_comes_to_the_expected_states_of_a_resistive_chip(self):
        self.write_config(RESISTIVE)
        self.ngspice_agrees(1e-3)  # V_s = 1 V

    @unittest.skipUnless(shutil.which("ngspice"), "not run: ngspice is not installed")
    def ngspice_agrees(self, tolerance_v):
        netlist = self.export("chip.cir")
        expected = self.expected(netlist)
        done = subprocess.run(["ngspice", "-n", "-b", "chip.cir"], cwd=self.folder, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100)
        measured = {k: float(v) for k, v in
                    re.findall(rf"(?m)^(\w+_layer\d+_v\d+) *= *({NUMBER})", done.stdout)}
        self.assertEqual(measured.keys(), expected.keys(), done.stdout)
        for name, volts in expected.items():
            self.assertAlmostEqual(measured[name], volts, delta=tolerance_v, msg=name)
        with open(self.path("chip.data")) as f:
            head = f.readline().split()
        self.assertEqual(head, ["time"] + [n.split("_", 1)[1] for n in expected
                                           if n.startswith("free_")])


if __name__ == "__main__":
    main()
