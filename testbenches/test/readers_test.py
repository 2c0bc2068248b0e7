"""Every group of a real run opens in xarray (both engines), h5py, h5ls and h5dump, with labelled
coordinates; and what they read is what the C++ side knows, to the last bit.

    readers_test.py MEMPROP
"""

import json
import shutil
import subprocess

import h5py
import numpy as np
import xarray

from memprop_runs import NOISY, RunTest, main, merged

EVERYTHING = {
    "output": {"probes": ["*"], "samples": [0, 7], "devices_every": 50},
    "monitor": {"state_every": 60},
}


class ReadersTest(RunTest):
    def setUp(self):
        super().setUp()
        self.write_config(NOISY, EVERYTHING)
        self.result = json.loads(
            self.run_config("run.toml", "-q", "--json", "-o", "run.h5").stdout
        )
        self.trace = h5py.File(self.path("run.h5"), "r")
        self.addCleanup(self.trace.close)
        self.groups = ["/"]
        self.trace.visititems(
            lambda name, thing: self.groups.append(name) if isinstance(thing, h5py.Group) else None
        )

    def test_xarray(self):
        self.assertGreater(len(self.groups), 20)
        compared = 0
        for engine in ("h5netcdf", "netcdf4"):
            for group in self.groups:
                options = {"phony_dims": "access"} if engine == "h5netcdf" else {}
                with xarray.open_dataset(
                    self.path("run.h5"), group=group, engine=engine, decode_times=False, **options
                ) as opened:
                    for name, variable in opened.variables.items():
                        data = self.trace[group][name]
                        if data.dtype.kind in "SO":
                            continue
                        # xarray calls a unit of time a time; not decoded it stays a number.
                        where = (engine, group, name)
                        self.assertEqual(variable.values.dtype, data.dtype, where)
                        self.assertEqual(variable.values.tobytes(), data[()].tobytes(), where)
                        axes = [d[0].name.rsplit("/", 1)[-1] for d in data.dims if len(d)]
                        if axes:
                            self.assertEqual(list(variable.dims), axes, where)
                        compared += 1
        self.assertGreater(compared, 250)
        with xarray.open_dataset(
            self.path("run.h5"), group="devices/tile1", engine="h5netcdf", decode_times=False
        ) as devices:
            self.assertEqual(devices["conductance_plus"].dims, ("sample", "column", "row"))
            self.assertEqual(devices["conductance_plus"].attrs["units"], "S")

    def test_tools_of_hdf5(self):
        for command in (["h5ls", "-r"], ["h5dump", "-H"]):
            if shutil.which(command[0]) is None:
                self.skipTest("no " + command[0] + " here")
            done = subprocess.run([*command, self.path("run.h5")], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stderr, "")
            for group in self.groups:
                self.assertIn(group.rsplit("/", 1)[-1], done.stdout)

    def test_figures_are_those_of_the_result(self):
        compare, events = self.trace["compare"], self.trace["events"]
        for key, data in (
            ("accuracy", compare["accuracy"]),
            ("loss", compare["loss"]),
            ("energy_arrays_j", self.trace["energy/arrays"]),
            ("energy_writes_j", self.trace["energy/writes"]),
            ("residual_free", compare["settling_residual_free"]),
            ("set_pulses", events["set_pulses"]),
            ("saturated_pulses", events["saturated_pulses"]),
            ("unsettled_positive", events["unsettled_positive"]),
            ("cycles", events["cycles"]),
        ):
            self.assertEqual(data[()], self.result[key], key)
        # The rows of single updates add up to the totals.
        update = self.trace["training/update"]
        for key in ("set_pulses", "reset_pulses", "saturated_pulses", "cycles"):
            self.assertEqual(update[key][()].sum(), events[key][()], key)
        self.assertEqual(update["right"][()].mean(), self.trace["training/training_accuracy"][-1])
        parts = [self.trace["training/energy_" + p][-1] for p in
                 ("arrays", "neurons", "converters", "writes", "digital")]
        self.assertAlmostEqual(sum(parts) / self.trace["training/energy"][-1], 1, delta=1e-12)
        log = self.trace["events/log"]
        kinds = [k.decode() for k in log["kind"].attrs["kinds"]]
        for kind in ("saturated_pulses", "unsettled_free", "clipped_conversions"):
            counts = log["count"][()][log["kind"][()] == kinds.index(kind)]
            self.assertEqual(counts.sum(), events[kind][()], kind)

    def test_weights_through_the_reader_in_cpp(self):
        """A run that starts from this one's weights has them bit by bit."""
        self.write_config(
            merged(NOISY, {"run": {"fidelity": "ideal"}, "network": {"init_file": "run.h5"}}),
            name="next.toml",
        )
        self.run_config("next.toml", "-q", "-o", "next.h5")
        with h5py.File(self.path("next.h5"), "r") as after:
            for layer in ("layer1", "layer2"):
                before = self.trace["network/%s/weight_final" % layer][()]
                found = after["network/%s/weight_initial" % layer][()]
                self.assertEqual(before.tobytes(), found.tobytes())
        # And they are the conductances of the last snapshot, m (G+ - G_ref) / g_L.
        for k, layer in ((1, "layer1"), (2, "layer2")):
            tile = self.trace["devices/tile%d" % k]
            difference = tile["conductance_plus"][-1] - tile.attrs["reference_s"]
            weight = self.trace["network/%s/weight_final" % layer][()]
            ratio = weight / difference[:, : weight.shape[1]]
            np.testing.assert_allclose(ratio, ratio.flat[0], rtol=1e-9)
        self.assertEqual(self.trace["devices/sample"][()].tolist(), [0, 50, 100, 150, 200])


if __name__ == "__main__":
    main()
