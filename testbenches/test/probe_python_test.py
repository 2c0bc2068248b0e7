"""Which waveforms a run records: globs, samples, window, stride, precision, points between clock
edges; pins and pulse lines against what the chip did; the ideal reference.

    probe_python_test.py MEMPROP
"""

import h5py
import numpy as np

from memprop_runs import NOISELESS, NOISY, RunTest, main

ALL = {"output": {"probes": ["*"], "samples": [0, 3, 150]}, "monitor": {"state_every": 3}}
LOAD, FREE, UPDATE = 1, 2, 8


class ProbeTest(RunTest):
    def record(self, *settings, base=NOISY, name="run.h5", arguments=()):
        self.write_config(base, *settings)
        self.run_config("run.toml", "-q", "-o", name, *arguments)
        trace = h5py.File(self.path(name), "r")
        self.addCleanup(trace.close)
        return trace

    def test_pins_follow_the_phases(self):
        probes = self.record(ALL)["probes"]
        phase = probes["controller/phase"][()]
        pins = {name: data[()] for name, data in probes["controller/pins"].items()}
        np.testing.assert_array_equal(pins["x_dac_load"], phase == LOAD)
        np.testing.assert_array_equal(pins["busy"], phase != 0)
        self.assertTrue((pins["row_en"][phase == FREE] == 1).all())
        self.assertTrue((pins["row_en"][phase == UPDATE] == 0).all())
        for nudge, negative in ((4, 0), (6, 1)):
            self.assertTrue((pins["nudge_en"][phase == nudge] == 1).all())
            self.assertTrue((pins["nudge_sign"][phase == nudge] == negative).all())
        self.assertTrue((pins["nudge_en"][phase == FREE] == 0).all())
        for bank, state in ((0, 3), (1, 5), (2, 7)):
            inside = phase == state
            self.assertEqual(set(pins["sh_en"][inside].tolist()), {0, 1 << bank})
            self.assertEqual(pins["adc_bank"][inside][-1], bank)
            self.assertEqual(pins["adc_start"][inside].sum(), 3)  # once in each sample
        self.assertTrue((pins["upd_en"][phase != UPDATE] == 0).all())

    def test_pulse_lines_are_the_pulses_that_were_counted(self):
        """Coincidences of the recorded lines are the device pulses of the update."""
        trace = self.record(ALL, {"chip": {"stuck_fraction": 0.0}})
        probes, update = trace["probes"], trace["training/update"]
        sample = probes["sample"][()]
        upd_pol = probes["controller/pins/upd_pol"][()]
        for n in (0, 3, 150):
            inside = sample == n
            up = down = 0
            for tile in (1, 2):
                rows = probes["tile%d/row_pulse" % tile][()][inside].astype(int).sum(axis=1)
                columns = probes["tile%d/col_pulse" % tile][()][inside].astype(int).sum(axis=1)
                positive = (upd_pol[inside] >> (tile - 1)) & 1
                up += int((rows * columns * positive).sum())
                down += int((rows * columns * (1 - positive)).sum())
            self.assertEqual(up, update["set_pulses"][n])
            self.assertEqual(down, update["reset_pulses"][n])
        self.assertGreater(update["set_pulses"][()].sum(), 1000)

    def test_reference_is_the_ideal_network(self):
        """Without noise, with devices and converters that hardly matter, both agree."""
        trace = self.record(ALL, base=NOISELESS)
        for layer in ("layer1", "layer2"):
            group = trace["probes/%s/neurons" % layer]
            v, reference = group["v"][()], group["v_reference"][()]
            self.assertGreater(np.abs(v).max(), 1e-2)
            self.assertLess(np.abs(v - reference).max(), 2e-3)
            self.assertGreater(np.abs(v - reference).max(), 1e-12)
        # And where the state monitor looks too, it is what the monitor compared with.
        error = trace["compare/cycle/state_error"][()]
        inside = trace["compare/cycle/sample"][()] == 3
        rows = trace["probes/sample"][()] == 3
        scale = trace["probes"].attrs["voltage_scale_v"]
        for k, layer in enumerate(("layer1", "layer2")):
            group = trace["probes/%s/neurons" % layer]
            difference = np.abs(group["v"][()] - group["v_reference"][()])[rows].max(axis=1)
            self.assertTrue((error[inside, k] >= difference / scale - 1e-12).all())

    def test_window_stride_and_samples(self):
        chosen = {
            "output": {
                "probes": ["layer2/neurons/v", "controller/phase"],
                "samples": [7],
                "sample_every": 50,
                "sample_first": 20,
                "sample_last": 130,
                "window": [10, 40],
                "stride": 4,
            }
        }
        probes = self.record(chosen)["probes"]
        self.assertEqual(probes["samples/sample"][()].tolist(), [7, 20, 70, 120])
        self.assertEqual(probes["samples/rows"][()].tolist(), [8] * 4)
        self.assertEqual(probes["cycle"][()].tolist(), list(range(10, 41, 4)) * 4)
        self.assertEqual(sorted(probes["layer2/neurons"]), ["neuron", "v"])
        self.assertNotIn("layer1", probes)
        everything = self.record(
            {"output": {"probes": ["*"], "samples": [70]}}, name="all.h5"
        )["probes"]
        rows = slice(16, 24)
        np.testing.assert_array_equal(
            probes["layer2/neurons/v"][rows], everything["layer2/neurons/v"][10:41:4]
        )
        np.testing.assert_array_equal(probes["time"][rows], everything["time"][10:41:4])

    def test_window_behind_every_sample(self):
        settings = {"output": {"probes": ["*"], "samples": [3], "window": [100000, 100001]}}
        f = self.record(settings, name="none.h5")
        (warning,) = f["events/warnings"].asstr()[()]
        self.assertIn("output.window: no waveform is recorded", warning)
        self.assertEqual(len(f["probes/time"]), 0)

    def test_precision(self):
        single = self.record(ALL, {"output": {"precision": "float32"}}, name="single.h5")["probes"]
        double = self.record(ALL, name="double.h5")["probes"]
        for name in ("layer1/neurons/v", "layer2/neurons/r", "layer1/neurons/v_reference"):
            self.assertEqual(single[name].dtype, np.float32)
            np.testing.assert_array_equal(single[name][()], double[name][()].astype(np.float32))
        np.testing.assert_array_equal(single["time"][()], double["time"][()])

    def test_points_between_the_edges(self):
        """Every edge has the value it has without them; between them the curve is smooth."""
        dense = self.record(ALL, {"output": {"points_per_cycle": 4}}, name="dense.h5")
        plain = self.record(ALL, name="plain.h5")
        for trace in (dense, plain):  # the same run
            np.testing.assert_array_equal(
                trace["network/layer1/weight_final"][()], plain["network/layer1/weight_final"][()]
            )
        np.testing.assert_array_equal(
            dense["compare/cycle/state_error"][()], plain["compare/cycle/state_error"][()]
        )
        dense, plain = dense["probes"], plain["probes"]
        ticks = np.rint(dense["time"][()] * 1e12).astype(np.int64)
        self.assertEqual(set(np.unique(ticks % 10000)), {0, 2500, 5000, 7500})
        edges = ticks % 10000 == 0
        names = ["layer1/neurons/v", "layer1/neurons/r", "layer2/neurons/v_reference"]
        for name in names + ["controller/phase", "tile1/row_pulse"]:
            np.testing.assert_array_equal(dense[name][()][edges], plain[name][()], err_msg=name)
        inside = (dense["sample"][()] == 3) & (dense["controller/phase"][()] == FREE)
        for name in names:
            v = dense[name][()][inside]
            # Second differences of a curve with time constants of ten cycles.
            self.assertLess(np.abs(np.diff(v, 2, axis=0)).max(), 0.05 * np.abs(v).max(), name)
            self.assertTrue((np.abs(np.diff(v, axis=0)).max(axis=1)[:20] > 0).all(), name)

    def test_names_that_match_nothing(self):
        for pattern, near in (
            ("layer1/neurons/w", "layer1/neurons/v"),
            ("controller/pin/busy", "controller/pins/busy"),
            ("layer3/*", "layer1/neurons/"),
        ):
            self.write_config(NOISY, {"output": {"probes": ["*", pattern], "samples": [0]}})
            for command in (("run", "-o", "run.h5"), ("validate",)):
                done = self.call(command[0], "run.toml", *command[1:])
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(pattern, done.stderr)
                self.assertIn(near, done.stderr)

    def test_values_that_make_no_sense(self):
        for key, value, says in (
            ("window", "[5, 2]", "output.window"),
            ("window", "[5]", "output.window"),
            ("points_per_cycle", "3", "whole picoseconds"),
            ("budget", "2 gigabytes", "2 GB"),
            ("queue", "10 kB", "output.queue"),
            ("precision", "float16", "float32"),
            ("mode", "dead", "live"),
            ("stride", "0", "output.stride"),
            ("sample_last", "3", "sample_first"),
        ):
            self.write_config(NOISY, {"output": {"sample_first": 5}})
            done = self.call("validate", "run.toml", "--set", "output.%s=%s" % (key, value))
            self.assertEqual(done.returncode, 2, (key, done.stderr))
            self.assertIn(says, done.stderr)
            self.assertIn("output." + key, done.stderr)
        self.write_config(NOISY, {"output": {"points_per_cycle": 2, "stride": 2}})
        done = self.call("validate", "run.toml")
        self.assertEqual(done.returncode, 2)
        self.assertIn("output.stride", done.stderr)


if __name__ == "__main__":
    main()
