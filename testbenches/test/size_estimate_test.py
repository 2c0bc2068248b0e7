"""What a run says about the size of its trace before it starts: uncompressed bytes within 2 % of what
is written, and once every series has been flushed the size on disk within 20 %.

    size_estimate_test.py MEMPROP
"""

import json
import os

import h5py

from memprop_runs import NOISY, RunTest, main, merged


def uncompressed(path):
    """Values as they are, and everything around them as it is."""
    values = stored = 0
    with h5py.File(path, "r") as f:
        writer = dict(f["provenance/writer"].attrs)

        def visit(_, thing):
            nonlocal values, stored
            if isinstance(thing, h5py.Dataset):
                values += thing.size * thing.dtype.itemsize
                stored += thing.id.get_storage_size()

        f.visititems(visit)
    return values + os.path.getsize(path) - stored, writer


STREAM = {"chip": {"update": {"circuit": "stochastic"}}}
SIGNS = {"chip": {"update": {"circuit": "sign-sign"}}}
CASES = {
    "everything, live": (
        STREAM,
        {"output": {"probes": ["*"], "samples": [0, 600, 1999], "flush_every": "0.2 s"}},
        {"monitor": {"state_every": 400}, "learning": {"epochs": 2}},
    ),
    "voltages of many samples, plain, float32": (
        SIGNS,
        {
            "output": {
                "probes": ["layer*/neurons/*"],
                "sample_every": 20,
                "precision": "float32",
                "mode": "plain",
                "checkpoint_every": 300,
            }
        },
    ),
    "snapshots of differential pairs": (
        STREAM,
        {"chip": {"pair": "differential"}, "network": {"layers": [12, 150, 4]}},
        {"output": {"devices_every": 200, "update_every": 10, "checkpoint_every": 500}},
        {"data": {"train_samples": 1200}},
    ),
    "pulse counts, window, dense points": (
        {
            "output": {
                "probes": ["*"],
                "sample_every": 100,
                "window": [0, 200],
                "points_per_cycle": 5,
            }
        },
    ),
    "nothing but figures": (STREAM, {"output": {"update_every": 0}, "monitor": {"gradient_every": 0}}),
    "ideal": ({"run": {"fidelity": "ideal", "backprop_reference": True}, "learning": {"epochs": 3}},),
    "ode": ({"run": {"fidelity": "ode"}, "network": {"layers": [12, 40, 4]}},),
}


class SizeEstimateTest(RunTest):
    training_samples = 2000
    test_samples = 60

    def told(self, *arguments):
        done = self.call("validate", "run.toml", "--json", "-o", "run.h5", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_uncompressed_and_stored(self):
        for name, settings in CASES.items():
            with self.subTest(name):
                self.write_config(NOISY, *settings)
                told = self.told()
                groups = told["trace_group_bytes"]
                self.assertAlmostEqual(sum(groups.values()) / told["trace_bytes"], 1, delta=1e-3)
                done = self.run_config("run.toml", "-o", "run.h5")
                self.assertIn("before compression", done.stderr)
                path = self.path("run.h5")
                actual, writer = uncompressed(path)
                print(
                    "%-42s %9d B, told %.4f, validate %.4f; on disk %9d B, told %.3f"
                    % (
                        name,
                        actual,
                        writer["estimated_bytes"] / actual,
                        told["trace_bytes"] / actual,
                        os.path.getsize(path),
                        writer["estimated_stored_bytes"] / os.path.getsize(path),
                    )
                )
                self.assertLess(abs(writer["estimated_bytes"] / actual - 1), 0.02)
                self.assertLess(abs(told["trace_bytes"] / actual - 1), 0.02)
                stored = writer["estimated_stored_bytes"]
                self.assertLess(abs(stored / os.path.getsize(path) - 1), 0.20)

    def test_fifty_gigabytes(self):
        """Too much to write here: a part of it is, and the estimate must be in proportion."""
        large = {
            "chip": {"update": {"circuit": "stochastic"}},
            "learning": {"epochs": 10},
            "output": {"probes": ["*"], "sample_every": 1, "points_per_cycle": 20},
        }
        self.write_config(NOISY, large)
        whole = self.told()["trace_bytes"]
        self.assertGreater(whole, 50e9)
        part = {"data": {"train_samples": 20}, "learning": {"epochs": 1}}
        self.write_config(NOISY, merged(large, part))
        self.run_config("run.toml", "-q", "-o", "run.h5")
        actual, writer = uncompressed(self.path("run.h5"))
        print("%.2f GB told, %.2f GB in proportion" % (whole / 1e9, actual * 1e-6))
        self.assertLess(abs(writer["estimated_bytes"] / actual - 1), 0.02)
        self.assertLess(abs(whole / (1000 * actual) - 1), 0.02)

    def test_budget(self):
        self.write_config(NOISY, {"output": {"probes": ["*"], "sample_every": 1, "budget": "2 MB"}})
        for command in ("run", "validate"):
            done = self.call(command, "run.toml", "-o", "run.h5")
            self.assertEqual(done.returncode, 2)
            self.assertIn("output.budget", done.stderr)
            self.assertIn("2.0 MB", done.stderr)
            self.assertIn("probes", done.stderr)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1)
            self.assertFalse(os.path.exists(self.path("run.h5")))
        self.run_config("run.toml", "-q", "-o", "run.h5", "--set", "output.sample_every=500")
        done = self.call("validate", "run.toml", "--set", "output.budget=0 B")
        self.assertEqual(done.returncode, 2)
        self.assertIn("output.budget", done.stderr)
        self.assertIn('"" for no limit', done.stderr)


if __name__ == "__main__":
    main()
