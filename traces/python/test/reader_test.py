"""What the package reads is what h5py reads, with the right labels; and errors are sentences.

    reader_test.py MEMPROP
"""

import shutil
import subprocess
import sys

import h5py
import memprop
import numpy as np
import xarray

from runs import EVERYTHING, PackageTest, main, merged

WIDTHS = (12, 8, 4)


class ReaderTest(PackageTest):
    def test_every_data_set_equals_h5py(self):
        path = self.record(EVERYTHING)
        run = memprop.open(path)
        self.assertEqual(run.version, 2)
        shapes = run.datasets()
        found = []
        with h5py.File(path) as file:
            file.visititems(lambda name, thing: found.append(name)
                            if isinstance(thing, h5py.Dataset) else None)
            self.assertEqual(sorted(shapes), sorted(found))
            self.assertGreater(len(found), 100)
            for name in found:
                data = file[name]
                self.assertEqual(shapes[name], data.shape, name)
                array = run.array(name)
                if data.dtype.kind in "SO":
                    np.testing.assert_array_equal(array.values, data.asstr()[()])
                    continue
                self.assertEqual(array.dtype, data.dtype, name)
                self.assertEqual(array.values.tobytes(), np.asarray(data[()]).tobytes(), name)
                if "units" in data.attrs:
                    self.assertEqual(array.attrs["units"], data.attrs["units"].decode(), name)
                for axis, dimension in enumerate(array.dims):
                    if len(data.dims[axis]):
                        np.testing.assert_array_equal(array[dimension], data.dims[axis][0][()])

    def test_probes_by_sample_cycle_and_neuron(self):
        path = self.record(EVERYTHING)
        run = memprop.open(path)
        self.assertEqual(run.probe_samples(), [3, 150])
        probes = run.probes()
        for name in ("controller/phase", "layer1/neurons/v", "layer2/neurons/v_reference",
                     "tile1/row_pulse", "samples/codes/free"):
            self.assertIn(name, probes)
        clock_s = run.probe_attributes()["clock_s"]
        with h5py.File(path) as file:
            sample, cycle = file["probes/sample"][()], file["probes/cycle"][()]
            v = file["probes/layer1/neurons/v"][()]
            for number in (3, 150):
                rows = sample == number
                whole = run.array("layer1/neurons/v", sample=number)
                np.testing.assert_array_equal(whole.values, v[rows])
                np.testing.assert_array_equal(whole["cycle"], cycle[rows])
                np.testing.assert_allclose(whole["time_in_sample"], clock_s * cycle[rows],
                                           atol=1e-13)
                part = run.array("layer1/neurons/v", sample=number, neuron=[5, 2],
                                 cycle=slice(10, 20))
                inside = rows & (cycle >= 10) & (cycle <= 20)
                self.assertEqual(part.shape, (11, 2))
                np.testing.assert_array_equal(part.values, v[inside][:, [5, 2]])
                np.testing.assert_allclose(part["time_in_sample"], clock_s * np.arange(10, 21),
                                           atol=1e-13)
            one = run.array("probes/layer1/neurons/v", sample=150, neuron=7)
            self.assertEqual(one.dims, ("time",))
            np.testing.assert_array_equal(one.values, v[sample == 150, 7])
            np.testing.assert_array_equal(run.array("layer1/neurons/v").values, v)
            codes = run.array("samples/codes/free", sample=150)
            at = list(file["probes/samples/sample"]).index(150)
            np.testing.assert_array_equal(codes.values, file["probes/samples/codes/free"][at])

    def test_groups(self):
        path = self.record(EVERYTHING)
        run = memprop.open(path)
        with h5py.File(path) as file:
            training = run.training()
            np.testing.assert_array_equal(training["test_accuracy"],
                                          file["training/test_accuracy"])
            updates = run.updates()
            self.assertEqual(updates.sizes["sample"], 200)
            self.assertEqual(int(updates["set_pulses"].sum()), file["events/set_pulses"][()])
            self.assertEqual(int(updates["cycles"].sum()), file["events/cycles"][()])
            comparison = run.comparison()
            self.assertEqual(comparison["cosine_wanted"].dims, ("sample", "layer"))
            np.testing.assert_array_equal(comparison["cosine_applied"].sel(layer=2),
                                          file["compare/layer2/cosine_applied"])
            error = run.state_error()
            np.testing.assert_array_equal(error.values, file["compare/cycle/state_error"])
            self.assertEqual(sorted(set(error["sample"].values)), [0, 50, 100, 150])
            tiles = run.devices()
            self.assertEqual(sorted(tiles), [1, 2])
            self.assertEqual(list(tiles[1]["sample"].values), [0, 50, 100, 150, 200])
            np.testing.assert_array_equal(tiles[2]["conductance_plus"].values,
                                          file["devices/tile2/conductance_plus"])
            plus, reference = tiles[2]["conductance_plus"], tiles[2].attrs["reference_s"]
            self.assertEqual(reference, file["devices/tile2"].attrs["reference_s"])
            np.testing.assert_array_equal(tiles[2]["conductance_difference"].values,
                                          plus.values - reference)
            both = memprop.open(self.record(EVERYTHING, {"chip": {"pair": "differential"}},
                                            name="both")).devices()[1]
            np.testing.assert_array_equal(
                both["conductance_difference"].values,
                both["conductance_plus"].values - both["conductance_minus"].values)
            energy = run.energy()
            for part in energy["part"].values:
                self.assertEqual(float(energy["total"].sel(part=part)), file[f"energy/{part}"][()])
            events = run.events()
            self.assertEqual(events.counts["set_pulses"], file["events/set_pulses"][()])
            for kind in set(events.log["kind"].values):
                logged = events.log["count"].values[events.log["kind"].values == kind].sum()
                self.assertEqual(logged, events.counts[kind], kind)
            summary = run.summary()
            self.assertEqual(summary.accuracy, file["compare/accuracy"][()])
            self.assertEqual(summary.accuracy_ideal, file["compare/accuracy_ideal"][()])
            self.assertEqual(summary.layers, WIDTHS)
            self.assertEqual((summary.training_samples, summary.test_samples or 40), (200, 40))
            self.assertTrue(summary.finished)
            self.assertIn("%.2f %%" % (100 * summary.accuracy), str(summary))
        self.assertEqual(run.config["network"]["layers"], list(WIDTHS))
        self.assertEqual(run.provenance["seed"], run.config["run"]["seed"])
        with open(self.path("run.toml")) as file:
            self.assertEqual(run.config_text, file.read())

    def test_a_run_that_recorded_little(self):
        run = memprop.open(self.record(EVERYTHING, {
            "run": {"ideal_reference": False},
            "monitor": {"gradient_every": 0, "state_every": 0},
            "output": {"probes": [], "update_every": 0},
        }))
        self.assertEqual((run.probes(), run.probe_samples()), ([], []))
        self.refused(lambda: run.array("layer1/neurons/v"), "output.probes")
        self.refused(run.updates, "output.update_every")
        self.refused(run.comparison, "monitor.gradient_every")
        self.refused(run.state_error, "monitor.state_every")
        self.refused(run.ablation, "--ablate")
        self.assertTrue(np.isnan(run.summary().accuracy_ideal))

    def test_ideal(self):
        run = memprop.open(self.record(EVERYTHING, {"run": {"fidelity": "ideal"}}))
        self.assertEqual(run.summary().fidelity, "ideal")
        self.refused(run.devices, "ideal")
        self.refused(run.energy, "ideal")
        self.assertEqual(run.events().log, None)

    def test_wrong_names_are_explained(self):
        run = memprop.open(self.record(EVERYTHING))
        self.refused(lambda: run.array("layer3/neurons/v"), "layer3/neurons/v",
                     "layer1/neurons/v", "layer2/neurons/v", run.path)
        self.refused(lambda: run.array("training/acuracy"), "training/accuracy")
        self.refused(lambda: run.array("layer1/neurons/v", sample=4), "sample 4", "3, 150")
        self.refused(lambda: run.array("layer1/neurons/v", neuron=8), "neuron 8", "0, 1, 2")
        self.refused(lambda: run.array("layer1/neurons/v", row=1), '"row"', '"neuron"')

    def test_files_that_are_no_traces(self):
        self.refused(lambda: memprop.open(self.path("nothing.h5")), "found nothing")
        self.refused(lambda: memprop.open(self.folder), "found a folder")
        with open(self.path("text.h5"), "w") as file:
            file.write("not HDF5\n" * 100)
        self.refused(lambda: memprop.open(self.path("text.h5")), "not HDF5")
        with h5py.File(self.path("other.h5"), "w") as file:
            file["x"] = 1
        self.refused(lambda: memprop.open(self.path("other.h5")), "memprop-trace")
        path = self.record(EVERYTHING)
        with h5py.File(path, "r+") as file:
            file.attrs["format_version"] = 99
        self.refused(lambda: memprop.open(path), "99", "newer")
        whole = self.record(EVERYTHING, name="whole")
        with open(whole, "rb") as file:
            content = file.read()
        with open(self.path("cut.h5"), "wb") as file:
            file.write(content[: len(content) // 3])
        self.refused(lambda: memprop.open(self.path("cut.h5")), "cut.h5")

    def test_xarray_opens_the_same_groups(self):
        path = self.record(EVERYTHING)
        run = memprop.open(path)
        with xarray.open_dataset(path, group="training/update", engine="h5netcdf") as data:
            xarray.testing.assert_equal(data["loss"].load(), run.updates()["loss"])


class ComparisonTest(PackageTest):
    def test_equal_runs(self):
        a, b = self.record(EVERYTHING, name="a"), self.record(EVERYTHING, name="b")
        result = memprop.compare(memprop.open(a), memprop.open(b))
        self.assertTrue(result.equal, str(result))
        self.assertEqual(list(result.config), ["output.path"])
        self.assertIsNone(result.first)

    def test_the_first_difference(self):
        path = self.record(EVERYTHING, name="a")
        other = self.path("b.h5")
        shutil.copy(path, other)
        with h5py.File(other, "r+") as file:
            row = int(np.flatnonzero((file["probes/sample"][()] == 150)
                                     & (file["probes/cycle"][()] == 17))[0])
            file["probes/layer2/neurons/v"][row, 1] += 1e-12
            file["training/update/loss"][180] += 1.0
            del file["compare/loss"]
        result = memprop.compare(memprop.open(path), memprop.open(other))
        self.assertFalse(result.equal)
        self.assertEqual(result.only_a, ["compare/loss"])
        self.assertEqual([d.path for d in result.different],
                         ["probes/layer2/neurons/v", "training/update/loss"])
        first = result.first
        self.assertEqual((first.path, first.sample, first.cycle, first.first, first.count),
                         ("probes/layer2/neurons/v", 150, 17, (row, 1), 1))
        self.assertEqual(result.different[1].sample, 180)
        self.assertIn("sample 150, cycle 17", str(result))

    def test_different_configurations(self):
        a = self.record(EVERYTHING, name="a")
        b = self.record(EVERYTHING, {"run": {"seed": 9}}, name="b")
        result = memprop.compare(memprop.open(a), memprop.open(b))
        self.assertEqual(result.config["run.seed"][1], 9)
        self.assertEqual(result.first.sample, 0)
        done = subprocess.run(
            [sys.executable, "-m", "memprop", "compare", a, b],
            capture_output=True, text=True)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("run.seed", done.stdout)


if __name__ == "__main__":
    main()
