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
            "controller/codes/*",
        ],
        "samples": SAMPLES,
    },
}
BOLTZMANN = 1.380649e-23


class TraceTest(RunTest):
    def record(self, *settings):
        self.write_config(NOISELESS, RECORDED, *settings)
        self.run_config("run.toml", "-q", "-o", "run.h5")
        trace = h5py.File(self.path("run.h5"), "r")
        self.addCleanup(trace.close)
        return trace, tomllib.loads(trace["config/resolved"].asstr()[()])

    @staticmethod
    def waveform(group, name):
        """Layers side by side, as the codes are: cycles x lines."""
        layers = sorted(k for k in group if k.startswith("layer"))
        return np.hstack([group["%s/neurons/%s" % (layer, name)][()] for layer in layers])

    def end_of_tracking(self, group, state, config):
        """The cycle whose edge opens the sample-and-hold of a SAMPLE state."""
        phase = group["controller/phase"][()]
        first = np.flatnonzero(phase == PHASES[state])[0]
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
        self.assertEqual(sorted(trace["probes"]), sorted("sample%d" % k for k in SAMPLES))
        for group in trace["probes"].values():
            time = group["time"]
            self.assertEqual(time.attrs["units"].decode(), "s")
            np.testing.assert_allclose(time[()], 10e-9 * np.arange(len(time)), rtol=1e-12)
            for layer, width in (("layer1", 8), ("layer2", 4)):
                for name in "vr":
                    data = group[layer + "/neurons/" + name]
                    self.assertEqual(data.shape, (len(time), width))
                    self.assertEqual(data.attrs["units"].decode(), "V")
                    self.assertEqual(data.dims[0][0].name, time.name)
            # r = V_s tanh(v / V_s) everywhere.
            scale = group.attrs["voltage_scale_v"]
            np.testing.assert_allclose(
                self.waveform(group, "r"),
                scale * np.tanh(self.waveform(group, "v") / scale),
                rtol=0,
                atol=1e-15,
            )
            # The phases last as long as the schedule says.
            phase = group["controller/phase"][()]
            schedule = config["chip"]["schedule"]
            self.assertEqual(np.count_nonzero(phase == PHASES["LOAD"]), schedule["load"])
            self.assertEqual(np.count_nonzero(phase == PHASES["FREE"]), schedule["free"])
            for state in BANKS.values():
                self.assertEqual(
                    np.count_nonzero(phase == PHASES[state]),
                    schedule["sample"] + schedule["convert"],
                )

    def test_states_are_rebuilt_exactly_without_noise(self):
        trace, config = self.record()
        self.assertEqual(config["chip"]["adc"]["bits"], 10)
        distinct = set()
        for group in trace["probes"].values():
            lsb = group.attrs["adc_lsb_v"]
            self.assertAlmostEqual(lsb, 0.1 / 512, delta=1e-18)
            r = self.waveform(group, "r")
            for bank, state in BANKS.items():
                sampled = r[self.end_of_tracking(group, state, config)]
                np.testing.assert_array_equal(sampled, group["sample_hold/" + bank][()])
                codes = group["controller/codes/" + bank][()]
                np.testing.assert_array_equal(np.rint(sampled / lsb), codes)
                distinct.update(codes.tolist())
        self.assertGreater(len(distinct), 30)  # not a chip that says nothing

    def test_the_cycle_before_is_another_state(self):
        """A mistake by one cycle would be seen: in short phases the activities still move."""
        short = {"chip": {"schedule": {"free": 10, "nudge_positive": 5, "nudge_negative": 5}}}
        trace, config = self.record(short)
        for group in trace["probes"].values():
            r = self.waveform(group, "r")
            end = self.end_of_tracking(group, "SAMPLE0", config)
            held = group["sample_hold/free"][()]
            np.testing.assert_array_equal(r[end], held)
            self.assertGreater(np.abs(r[end - 1] - held).max(), 1e-4)
            # From there on the neurons hold, while the codes are converted.
            np.testing.assert_array_equal(r[end + 1], held)

    def test_thermal_noise_of_the_hold_capacitor(self):
        trace, config = self.record({"chip": {"sample_hold": {"thermal_noise": True}}})
        self.assertEqual(config["chip"]["sample_hold"]["capacitance"], "1 pF")
        sigma = np.sqrt(BOLTZMANN * 300.0 / 1e-12)
        noise = []
        for group in trace["probes"].values():
            lsb = group.attrs["adc_lsb_v"]
            r = self.waveform(group, "r")
            for bank, state in BANKS.items():
                sampled = r[self.end_of_tracking(group, state, config)]
                held = group["sample_hold/" + bank][()]
                codes = group["controller/codes/" + bank][()]
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
