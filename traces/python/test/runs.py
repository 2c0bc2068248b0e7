"""What the tests of this package share: small real runs of memprop.

Tests are started as  python3 NAME.py MEMPROP  with the package in PYTHONPATH.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(PROJECT, "testbenches", "test"))

from memprop_runs import NOISY, RunTest, main, merged  # noqa: E402, F401

# Everything that a run can record, in a second.
EVERYTHING = merged(NOISY, {
    "run": {"ideal_reference": True, "backprop_reference": True},
    "monitor": {"gradient_every": 20, "state_every": 50},
    "output": {"probes": ["*"], "samples": [3, 150], "devices_every": 50},
})


class PackageTest(RunTest):
    """A test with real runs in a temporary folder."""

    def record(self, *settings, name="run", arguments=()):
        """The path of the trace of a run."""
        self.write_config(*settings, name=name + ".toml")
        self.run_config(name + ".toml", "-q", "-o", name + ".h5", *arguments)
        return self.path(name + ".h5")

    def refused(self, call, *words):
        """`call` raises TraceError with a sentence that has these words."""
        import memprop

        with self.assertRaises(memprop.TraceError) as caught:
            call()
        for word in words:
            self.assertIn(word, str(caught.exception))
        self.assertNotIn("\n", str(caught.exception))
