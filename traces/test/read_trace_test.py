"""A trace opens in h5py, xarray and h5dump, which know nothing of memprop.

Usage: read_trace_test.py WRITE_SAMPLE_TRACE. Exit status 77: h5py or numpy is not here.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    import h5py
    import numpy as np
except ImportError as error:
    print("not run:", error)
    sys.exit(77)
try:
    import h5netcdf  # noqa: F401
    import xarray
except ImportError:
    xarray = None

WRITER = sys.argv.pop(1)


class ReadTrace(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="memprop-")
        cls.path = os.path.join(cls.folder, "t.h5")
        subprocess.run([WRITER, cls.path], check=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def check_with_h5py(self, path):
        with h5py.File(path, "r") as f:
            self.assertEqual(f.attrs["format"], b"memprop-trace")
            self.assertEqual(f.attrs["format_version"], 2)
            self.assertEqual(f.attrs["seed"], 42)
            self.assertEqual(f.attrs["title"].decode(), "größer")
            self.assertEqual(list(f["train"].attrs["sizes"]), [3, 2])
            self.assertEqual(f["config/toml"].asstr()[()], 'name = "µ"\n')
            self.assertEqual(list(f["train/probe_name"].asstr()[()]), ["a", "längst"])
            v = f["train/v"]
            self.assertEqual(v.shape, (100, 3))
            self.assertEqual(v.dtype, np.dtype("<f4"))
            self.assertEqual(v.attrs["units"], b"V")
            self.assertEqual(v.attrs["long_name"], b"neuron voltage")
            self.assertEqual([d[0].name for d in v.dims], ["/train/sample", "/train/neuron"])
            self.assertEqual((v.compression, v.compression_opts, v.shuffle), ("gzip", 1, True))
            i = np.arange(100)
            np.testing.assert_array_equal(v[:, 0], i)
            np.testing.assert_array_equal(v[:, 2], -i)
            np.testing.assert_allclose(f["train/loss"][:], np.exp(-0.01 * i), rtol=1e-15)
            np.testing.assert_array_equal(f["train/code"][:], i.astype("u1"))
            np.testing.assert_array_equal(f["train/label"][:], i % 10)
            self.assertEqual(f["train/code"].dtype, np.dtype("u1"))
            self.assertEqual(f["train/label"].dtype, np.dtype("<i4"))
            # The scales of an array below come from the group above, or are made.
            w = f["train/initial/w"]
            np.testing.assert_array_equal(w[:], [[1, 2], [3, 4], [5, 6]])
            self.assertEqual([d[0].name for d in w.dims],
                             ["/train/neuron", "/train/initial/column"])
            self.assertEqual(f["train/dt"][()], 1e-9)
            self.assertEqual(f["empty/x"].shape, (0,))
            # Text attributes are UTF-8 of fixed length.
            kind = v.attrs.get_id("units").get_type()
            self.assertFalse(kind.is_variable_str())
            self.assertEqual(kind.get_cset(), h5py.h5t.CSET_UTF8)

    def test_h5py(self):
        self.check_with_h5py(self.path)

    def test_h5py_while_the_writer_has_it_open(self):
        path = os.path.join(self.folder, "live.h5")
        writer = subprocess.Popen([WRITER, path, "wait"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        try:
            self.assertEqual(writer.stdout.readline(), "flushed\n")
            self.check_with_h5py(path)
            writer.kill()
            writer.wait()
            self.check_with_h5py(path)
        finally:
            writer.kill()
            writer.communicate()

    @unittest.skipIf(xarray is None, "xarray or h5netcdf is not here")
    def test_xarray(self):
        with xarray.open_dataset(self.path, group="train", engine="h5netcdf") as d:
            self.assertEqual(dict(d.sizes), {"sample": 100, "neuron": 3, "probe": 2})
            self.assertEqual(d["v"].dims, ("sample", "neuron"))
            self.assertEqual(d["v"].attrs["units"], "V")
            self.assertEqual(d["loss"].attrs["long_name"], "loss")
            self.assertIn("sample", d.coords)
            self.assertEqual(float(d["v"].sel(sample=7, neuron=12)), -7.0)
            self.assertEqual(float(d["dt"]), 1e-9)
            self.assertEqual(d["probe_name"].dims, ("probe",))
            names = [n.decode() if isinstance(n, bytes) else n for n in d["probe_name"].values]
            self.assertEqual(names, ["a", "längst"])
        with xarray.open_dataset(self.path, group="train/initial", engine="h5netcdf") as d:
            self.assertEqual(d["w"].dims, ("neuron", "column"))
        with xarray.open_dataset(self.path, group="empty", engine="h5netcdf") as d:
            self.assertEqual(dict(d.sizes), {"time": 0})
        with xarray.open_dataset(self.path, engine="h5netcdf") as d:
            self.assertEqual(int(d.attrs["seed"]), 42)

    @unittest.skipIf(shutil.which("h5dump") is None, "h5dump is not here")
    def test_h5dump(self):
        done = subprocess.run(["h5dump", "-d", "/train/v", self.path], text=True,
                              capture_output=True, check=True)
        self.assertIn("( 100, 3 ) / ( H5S_UNLIMITED, 3 )", done.stdout)
        self.assertIn('ATTRIBUTE "DIMENSION_LIST"', done.stdout)
        self.assertIn('"neuron voltage"', done.stdout)
        self.assertEqual(done.stderr, "")


if __name__ == "__main__":
    unittest.main(verbosity=2)
