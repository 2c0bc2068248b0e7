"""A trace opens in h5py, and what it holds is enough to rebuild the free and nudged states that the
chip used: the activity waveform where tracking ends is the held voltage, and its quantised value
the latched code.

    trace_python_test.py MEMPROP
"""

import tomllib

import h5py
import numpy as np

from memprop_runs import NOISELESS, RunTest, main

# digital::Phase
PHASES = {"LOAD": 1, "FREE": 2, "SAMPLE0": 3, "SAMPLEP": 5, "SAMPLEN": 7, "UPDATE": 8}
BANKS = {"free": "SAMPLE0", "positive": "SAMPLEP", "negative": "SAMPLEN"}
SAMPLES = [0, 3, 150]
RECORDED = {
    "learning": {"nudging": "centred"},
    "output": {
        "probes": [
            "layer*/neurons/v",
            "layer*/neurons/r",
            "controller/phase",
        ],
        "samples": SAMPLES,
    },
}
BOLTZMANN = 1.380649e-23


class Recorded:
    """The rows of one sample; layers side by side, as the codes are: cycles x lines."""

    def __init__(self, trace, k):
        probes, samples = trace["probes"], trace["probes/samples"]
        first = int(samples["first_row"][k])
        self.rows = slice(first, first + int(samples["rows"][k]))
        self.sample = int(samples["sample"][k])
        self.time = probes["time"][self.rows]
        self.cycle = probes["cycle"][self.rows]
        self.phase = probes["controller/phase"][self.rows]
        layers = sorted(name for name in probes if name.startswith("layer"))
        for name in ("v", "r"):
            parts = [probes["%s/neurons/%s" % (layer, name)][self.rows] for layer in layers]
            setattr(self, name, np.hstack(parts))
        self.held = {bank: samples["held/" + bank][k] for bank in BANKS}
        self.codes = {bank: samples["codes/" + bank][k] for bank in BANKS}
        self.lsb = probes.attrs["adc_lsb_v"]
        self.scale = probes.attrs["voltage_scale_v"]


class TraceTest(RunTest):
    def record(self, *settings):
        self.write_config(NOISELESS, RECORDED, *settings)
        self.run_config("run.toml", "-q", "-o", "run.h5")
        trace = h5py.File(self.path("run.h5"), "r")
        self.addCleanup(trace.close)
        return trace, tomllib.loads(trace["config/resolved"].asstr()[()])

    def recorded(self, trace):
        """One group of arrays per recorded sample."""
        samples = trace["probes/samples"]
        self.assertEqual(samples["sample"][()].tolist(), SAMPLES)
        for k in range(len(SAMPLES)):
            yield Recorded(trace, k)

    def end_of_tracking(self, group, state, config):
        """The cycle whose edge opens the sample-and-hold of a SAMPLE state."""
        first = np.flatnonzero(group.phase == PHASES[state])[0]
        return first + config["chip"]["schedule"]["sample"]

    def test_figures_and_config(self):
        trace, config = self.record()
        self.assertEqual(trace.attrs["format"].decode(), "memprop-trace")
        accuracy = trace["compare/accuracy"][()]
        self.assertGreater(accuracy, 0.25)
        self.assertLessEqual(accuracy, 1.0)
        self.assertEqual(trace["training/test_accuracy"][-1], accuracy)
        self.assertTrue(np.isnan(trace["compare/accuracy_ideal"][()]))
        self.assertEqual(config["network"]["layers"], [12, 8, 4])
        self.assertEqual(config["chip"]["schedule"]["free"], 100)
        self.assertEqual(config["chip"]["voltage_scale"], "100 mV")
        with open(self.path("run.toml")) as f:
            self.assertEqual(trace["config/text"].asstr()[()], f.read())

    def test_waveforms_have_time_and_units(self):
        trace, config = self.record()
        time = trace["probes/time"]
        self.assertEqual(time.attrs["units"].decode(), "s")
        ticks = np.rint(time[()] * 1e12).astype(np.int64)
        np.testing.assert_array_equal(ticks / 1e12, time[()])  # whole picoseconds
        self.assertTrue((np.diff(ticks) > 0).all())
        np.testing.assert_array_equal(
            np.repeat(SAMPLES, trace["probes/samples/rows"][()]), trace["probes/sample"][()]
        )
        for layer, width in (("layer1", 8), ("layer2", 4)):
            for name in "vr":
                data = trace["probes/%s/neurons/%s" % (layer, name)]
                self.assertEqual(data.shape, (len(time), width))
                self.assertEqual(data.attrs["units"].decode(), "V")
                self.assertEqual(data.dims[0][0].name, time.name)
        # Time is that of all samples so far, each with its cycles and an idle one.
        cycles = trace["training/update/cycles"][()] + 1
        for group in self.recorded(trace):
            begin = 10000 * int(cycles[: group.sample].sum())
            np.testing.assert_array_equal(
                np.rint(group.time * 1e12), begin + 10000 * group.cycle
            )
            np.testing.assert_array_equal(group.cycle, np.arange(cycles[group.sample]))
            # r = V_s tanh(v / V_s) everywhere.
            np.testing.assert_allclose(
                group.r, group.scale * np.tanh(group.v / group.scale), rtol=0, atol=1e-15
            )
            # The phases last as long as the schedule says.
            schedule = config["chip"]["schedule"]
            self.assertEqual(np.count_nonzero(group.phase == PHASES["LOAD"]), schedule["load"])
            self.assertEqual(np.count_nonzero(group.phase == PHASES["FREE"]), schedule["free"])
            for state in BANKS.values():
                self.assertEqual(
                    np.count_nonzero(group.phase == PHASES[state]),
                    schedule["sample"] + schedule["convert"],
                )

    def test_states_are_rebuilt_exactly_without_noise(self):
        trace, config = self.record()
        self.assertEqual(config["chip"]["adc"]["bits"], 10)
        distinct = set()
        for group in self.recorded(trace):
            self.assertAlmostEqual(group.lsb, 0.1 / 512, delta=1e-18)
            for bank, state in BANKS.items():
                sampled = group.r[self.end_of_tracking(group, state, config)]
                np.testing.assert_array_equal(sampled, group.held[bank])
                np.testing.assert_array_equal(np.rint(sampled / group.lsb), group.codes[bank])
                distinct.update(group.codes[bank].tolist())
        self.assertGreater(len(distinct), 30)  # not a chip that says nothing

    def test_the_cycle_before_is_another_state(self):
        """A mistake by one cycle would be seen: in short phases the activities still move."""
        short = {"chip": {"schedule": {"free": 10, "nudge_positive": 5, "nudge_negative": 5}}}
        trace, config = self.record(short)
        for group in self.recorded(trace):
            end = self.end_of_tracking(group, "SAMPLE0", config)
            held = group.held["free"]
            np.testing.assert_array_equal(group.r[end], held)
            self.assertGreater(np.abs(group.r[end - 1] - held).max(), 1e-4)
            # From there on the neurons hold, while the codes are converted.
            np.testing.assert_array_equal(group.r[end + 1], held)

    def test_thermal_noise_of_the_hold_capacitor(self):
        trace, config = self.record({"chip": {"sample_hold": {"thermal_noise": True}}})
        self.assertEqual(config["chip"]["sample_hold"]["capacitance"], "1 pF")
        sigma = np.sqrt(BOLTZMANN * 300.0 / 1e-12)
        noise = []
        for group in self.recorded(trace):
            for bank, state in BANKS.items():
                sampled = group.r[self.end_of_tracking(group, state, config)]
                held, codes, lsb = group.held[bank], group.codes[bank], group.lsb
                np.testing.assert_array_equal(np.rint(held / lsb), codes)
                self.assertLess(np.abs(codes * lsb - sampled).max(), 6 * sigma + 0.5 * lsb)
                noise.extend(held - sampled)
        noise = np.array(noise)
        self.assertEqual(len(noise), 3 * 3 * 12)
        self.assertLess(np.abs(noise).max(), 6 * sigma)
        # The sample standard deviation of n normal values has a relative error of 1/sqrt(2 n).
        n = len(noise)
        self.assertLess(abs(noise.std() / sigma - 1.0), 4.0 / np.sqrt(2 * n))


if __name__ == "__main__":
    main()
