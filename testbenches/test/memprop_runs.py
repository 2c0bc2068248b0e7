"""Runs of the memprop command for tests: small data, configurations, and traces to compare."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import h5py
import numpy as np

# What may differ between two equal runs: when they were made, how long they took, and how the
# writer kept up.
WALL_TIME = {
    "created",
    "wall_s",
    "estimated_stored_bytes",
    "queue_bytes_limit",
    "queue_bytes_peak",
    "memory_bytes_peak",
    "stalls",
    "stall_s",
}


def classes(count, first=0, inputs=12, outputs=4):
    """Noisy copies of one random pattern per class, in [0, 1]; and their labels."""
    pattern = np.random.default_rng(99).random((outputs, inputs))
    label = (first + np.arange(count)) % outputs
    noise = np.random.default_rng(first + 1).random((count, inputs))
    return (0.6 * pattern[label] + 0.4 * noise).astype(np.float32), label.astype(np.int64)


def merged(*settings):
    """Nested dictionaries laid over one another."""
    out = {}
    for layer in settings:
        for key, value in layer.items():
            both = isinstance(value, dict) and isinstance(out.get(key), dict)
            out[key] = merged(out[key], value) if both else value
    return out


def toml(settings, prefix=""):
    """The dictionaries as TOML; their strings, numbers, booleans and lists."""

    def text(value):
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return '"%s"' % value
        if isinstance(value, (list, tuple)):
            return "[%s]" % ", ".join(text(v) for v in value)
        return repr(value)

    lines = ["%s = %s" % (k, text(v)) for k, v in settings.items() if not isinstance(v, dict)]
    if prefix and lines:
        lines.insert(0, "[%s]" % prefix)
    for key, value in settings.items():
        if isinstance(value, dict):
            lines.append(toml(value, prefix + "." + key if prefix else key))
    return "\n".join(lines) + "\n"


FILES = {
    "data": {
        "name": "files",
        "train_inputs": "train_x.npy",
        "train_targets": "train_y.npy",
        "test_inputs": "test_x.npy",
        "test_targets": "test_y.npy",
    }
}

# A small chip with noise of every kind.
NOISY = {
    "run": {"ideal_reference": False, "backprop_reference": False, "threads": 1},
    "network": {
        "layers": [12, 8, 4],
        "feedback_gain": 0.2,
        "bias": True,
        "time_constant": {"family": "lognormal", "cv": 0.2},
    },
    "learning": {"rate": 0.1},
    "chip": {
        "weight_range": 1.5,
        "stuck_fraction": 0.02,
        "device": {"step_spread": 0.3, "cycle_noise": 0.3, "w_max_spread": 0.3},
        "noise": {"read": 0.02},
        "dac": {"noise": "0.2 mV"},
        "adc": {"noise": "0.2 mV", "offset": "0.2 mV"},
    },
    "monitor": {"gradient_every": 50},
    "output": {"checkpoint_every": 0},
}

# The same network on a chip whose only imperfection are its converters.
NOISELESS = merged(
    NOISY,
    {
        "network": {"bias": False},
        "chip": {
            "stuck_fraction": 0.0,
            "device": {"step_spread": 0.0, "cycle_noise": 0.0, "w_max_spread": 0.0},
            "noise": {"read": 0.0},
            "sample_hold": {"thermal_noise": False},
            "dac": {"noise": "0 V"},
            "adc": {"noise": "0 V", "offset": "0 V"},
        },
    },
)


class RunTest(unittest.TestCase):
    """A test in a temporary folder with data files."""

    memprop = None  # path of the command
    training_samples = 200
    test_samples = 40

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="memprop_test_")
        self.addCleanup(shutil.rmtree, self.folder)
        for name, count, first in (
            ("train", self.training_samples, 0),
            ("test", self.test_samples, 100000),
        ):
            x, y = classes(count, first)
            np.save(self.path(name + "_x.npy"), x)
            np.save(self.path(name + "_y.npy"), y)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write_config(self, *settings, name="run.toml"):
        with open(self.path(name), "w") as f:
            f.write(toml(merged(FILES, *settings)))
        return name

    def command(self, *arguments):
        return [self.memprop, *arguments]

    def call(self, *arguments, **options):
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=600,
            **options,
        )

    def run_config(self, *arguments):
        done = self.call("run", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done


def wait_until_it_listens(process, *numbers):
    """Until the process has installed its handlers of the signals, or has ended: a signal that comes
    before ends it as it would any program."""
    wanted = sum(1 << (number - 1) for number in numbers or (signal.SIGINT, signal.SIGTERM))
    while process.poll() is None:
        with open("/proc/%d/status" % process.pid) as f:
            caught = [int(line.split()[1], 16) for line in f if line.startswith("SigCgt:")]
        if caught and caught[0] & wanted == wanted:
            return
        time.sleep(0.001)


def contents(path):
    """Every data set and attribute of a trace, as comparable values by path."""
    found = {}

    def value_of(value):
        array = np.asarray(value)
        return array.dtype.str, array.shape, array.tobytes() if array.dtype != object else value

    def visit(name, thing):
        for key in thing.attrs:
            # Dimension scales refer to one another by address.
            if key in WALL_TIME or key in ("DIMENSION_LIST", "REFERENCE_LIST"):
                continue
            found[name + "@" + key] = value_of(thing.attrs[key])
        if isinstance(thing, h5py.Dataset):
            found[name] = value_of(thing[()])

    with h5py.File(path, "r") as f:
        visit("/", f)
        f.visititems(visit)
    return found


def different(a, b):
    return sorted(k for k in set(a) | set(b) if a.get(k) != b.get(k))


def main():
    """The first argument is the command; the rest belong to unittest."""
    RunTest.memprop = os.path.abspath(sys.argv.pop(1))
    os.environ["SC_COPYRIGHT_MESSAGE"] = "DISABLE"
    unittest.main()
