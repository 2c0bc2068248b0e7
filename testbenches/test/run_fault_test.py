"""Every file operation of a short traced and checkpointed run fails once, or from then on: the command
says so in one sentence that names the file and the cause, ends with the right exit code, and leaves
a trace that plain h5py opens with a whole number of rows, each as in the undisturbed run. From there
a resume (or, before the first checkpoint, a new run) ends with the trace of the undisturbed run.

    run_fault_test.py MEMPROP FAULT_SHIM [all]

Without "all" a sample of the operations is tried: the first and the last ones, and others drawn anew
each time (MEMPROP_FAULT_SEED repeats a draw).
"""

import os
import random
import shutil
import sys
import tempfile

import h5py
import numpy as np

from memprop_runs import NOISY, RunTest, contents, different, main, merged

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../traces/test"))
from preload import preloadable  # noqa: E402

SEED = int(os.environ.get("MEMPROP_FAULT_SEED", random.SystemRandom().randrange(10**6)))
ALL = False
SHIM = ""
CAUSE = {"ENOSPC": "No space left on device", "EIO": "Input/output error"}

SHORT = merged(
    NOISY,
    {
        "data": {"train_samples": 30, "test_samples": 5},
        "network": {"layers": [12, 4]},
        "learning": {"epochs": 2},
        "monitor": {"gradient_every": 7, "state_every": 25},
        "output": {
            "probes": ["layer1/*", "controller/phase"],
            "samples": [0, 29, 41],
            "checkpoint_every": 13,
            "flush_every": "0 s",
        },
    },
)


class RunFaultTest(RunTest):
    training_samples = 30
    test_samples = 5

    def setUp(self):
        super().setUp()
        # Where a disk has to be waited for, the sweeps take minutes.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.target = tempfile.mkdtemp(prefix="memprop_fault_", dir=memory)
        self.addCleanup(shutil.rmtree, self.target, ignore_errors=True)
        self.trace = os.path.join(self.target, "run.h5")

    def undisturbed(self, mode):
        self.write_config(SHORT, {"output": {"mode": mode}})
        self.go()
        self.whole = contents(self.trace)
        self.values = self.data_sets()
        self.assertGreater(len(self.whole), 150)
        self.left = sorted(os.listdir(self.target))

    def go(self, *arguments):
        done = self.call("run", "run.toml", "-q", "-o", self.trace, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)

    def data_sets(self):
        found = {}
        with h5py.File(self.trace, "r") as f:
            f.visititems(
                lambda name, thing: found.__setitem__(name, (thing[()], thing.maxshape))
                if isinstance(thing, h5py.Dataset)
                else None
            )
        return found

    def clear(self):
        for name in os.listdir(self.target):
            os.remove(os.path.join(self.target, name))

    def check_remains(self):
        """What stands in the trace is what the whole run has there."""
        for name, (value, shape) in self.data_sets().items():
            self.assertIn(name, self.values)
            expected = self.values[name][0]
            if shape and shape[0] is None:
                expected = expected[: len(value)]
            self.assertEqual(np.asarray(value).tobytes(), np.asarray(expected).tobytes(), name)

    def check_goes_on(self):
        """The run is finished by the next command, as if nothing had happened."""
        saved = [n for n in os.listdir(self.target) if n in ("run.h5.ckpt", "run.h5.ckpt.1")]
        self.go(*(["--resume"] if saved else []))
        self.assertEqual(different(self.whole, contents(self.trace)), [])
        return bool(saved)

    def strike(self, number, kind, call="any", forever=False):
        """What the command did, whether the fault struck, and what it said besides."""
        fault = {"LD_PRELOAD": SHIM, "FAULT_CALL": call, "FAULT_FOLDER": self.target}
        fault.update(FAULT_AT=str(number), FAULT_KIND=kind)
        if forever:
            fault["FAULT_FOREVER"] = "1"
        done = self.call("run", "run.toml", "-q", "-o", self.trace, env={**os.environ, **fault})
        said = done.stderr.splitlines()
        struck = [line for line in said if line.startswith("fault: ")]
        return done, struck, [line for line in said if line not in struck]

    def try_fault(self, number, kind, **how):
        """False if there is no such operation; otherwise everything about it is as it should be."""
        self.clear()
        done, struck, said = self.strike(number, kind, **how)
        word = "%s at operation %d %s, exit %d: %s" % (kind, number, struck, done.returncode, said)
        with self.subTest(word):
            if done.returncode == 0:
                self.assertEqual(said, [])
                self.assertEqual(different(self.whole, contents(self.trace)), [])
                self.assertEqual(sorted(os.listdir(self.target)), self.left)
                if struck:
                    self.assertEqual(kind, "short", "a fault was passed over")
                return bool(struck)
            self.assertIn(kind, CAUSE)
            self.assertEqual(done.stdout, "")
            self.assertEqual(len(said), 1)
            self.assertTrue(said[0].startswith("memprop: " + self.target), said)
            self.assertTrue(said[0].endswith(": " + CAUSE[kind]), said)
            left = os.listdir(self.target)
            self.codes[done.returncode] = self.codes.get(done.returncode, 0) + 1
            if done.returncode == 2:  # nothing was begun
                if not how.get("forever") or struck == ["fault: open"]:
                    self.assertEqual(left, [])
                return True
            self.assertEqual(done.returncode, 1)
            if how.get("forever"):
                # Not even removing a file was possible: the next command puts it in order.
                info = self.call("info", self.trace)
                self.assertEqual(info.returncode, 0, info.stderr)
                left = os.listdir(self.target)
            else:
                self.assertEqual([n for n in left if n.endswith((".part", ".new", ".journal"))], [])
            if "run.h5" in left:
                self.check_remains()
            self.resumed += self.check_goes_on()
        return True

    def sweep(self, kind, **how):
        self.codes, self.resumed = {}, 0
        if ALL:
            number = 1
            while self.try_fault(number, kind, **how):
                number += 1
            tried = count = number - 1
        else:
            count = self.operations(how.get("call", "any"))
            pick = random.Random("%s %d" % (kind, SEED))
            numbers = {1, 2, count - 2, *pick.sample(range(3, count - 2), 7)}
            tried = 0
            for number in sorted(numbers):
                # Live, this run may get by with fewer operations than those that were counted.
                while not self.try_fault(number, kind, **how):
                    number = pick.randrange(1, number)
                tried += 1
        print(
            "%s %s: %d of about %d operations, exit codes %s, %d resumed (seed %d)"
            % (kind, how, tried, count, self.codes, self.resumed, SEED),
            flush=True,
        )
        return tried

    def operations(self, call):
        """About how many there are. Live, a commit more or less is a matter of time."""
        low, high = 1, 256
        while self.strikes(high, call):
            low, high = high, 2 * high
        while high - low > 8:
            middle = (low + high) // 2
            low, high = (middle, high) if self.strikes(middle, call) else (low, middle)
        self.assertGreater(low, 40)
        return low

    def strikes(self, number, call):
        self.clear()
        return bool(self.strike(number, "EINTR", call=call)[1])

    def test_full_disk_once(self):
        self.undisturbed("plain")
        self.assertGreater(self.sweep("ENOSPC"), 6)

    def test_full_disk_for_good(self):
        self.undisturbed("live")
        self.assertGreater(self.sweep("ENOSPC", call="write", forever=True), 6)

    def test_broken_disk_once(self):
        self.undisturbed("live")
        self.assertGreater(self.sweep("EIO"), 6)

    def test_broken_disk_for_good(self):
        self.undisturbed("plain")
        self.assertGreater(self.sweep("EIO", forever=True), 6)

    def test_short_writes_are_continued(self):
        self.undisturbed("plain")
        self.sweep("short", call="write")
        self.assertEqual(self.codes, {})


if __name__ == "__main__":
    if sys.argv[-1] == "all":
        ALL = bool(sys.argv.pop())
    SHIM = preloadable(sys.argv.pop(2))
    main()
