"""Runs killed (SIGKILL) at random moments, traced and checkpointed: what was committed is right, and
a resume ends with the trace of the run that nobody killed, bit by bit.

    kill_run_test.py MEMPROP [live|plain]

MEMPROP_KILL_ROUNDS sets how many kills each mode gets; MEMPROP_KILL_SEED repeats a failure.
"""

import os
import random
import subprocess
import sys
import time

import h5py
import numpy as np

from memprop_runs import NOISY, RunTest, contents, different, main

ROUNDS = int(os.environ.get("MEMPROP_KILL_ROUNDS", "4"))
SEED = int(os.environ.get("MEMPROP_KILL_SEED", random.SystemRandom().randrange(10**6)))
MODES = ("live", "plain")

TRACED = {
    "learning": {"epochs": 2},
    "monitor": {"state_every": 300},
    "output": {
        "checkpoint_every": 150,
        "devices_every": 200,
        "flush_every": "0.02 s",
        "probes": ["*"],
        "sample_every": 40,
    },
}


class KillRunTest(RunTest):
    training_samples = 600
    test_samples = 100

    def start(self, *arguments):
        return subprocess.Popen(
            self.command("run", "run.toml", "-q", "-o", "run.h5", *arguments),
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def check_prefix(self, whole):
        """Everything that is committed is what the whole run has there. The number of rows."""
        rows = 0
        info = self.call("info", "run.h5")  # finishes a commit that was cut off
        self.assertEqual(info.returncode, 0, info.stderr)
        with h5py.File(self.path("run.h5"), "r") as f:

            def visit(name, thing):
                nonlocal rows
                if not isinstance(thing, h5py.Dataset):
                    return
                self.assertTrue(name in whole, name)
                if thing.maxshape[:1] == (None,):
                    rows += len(thing)
                    expected = whole[name][: len(thing)]
                else:
                    expected = whole[name]
                value = np.asarray(thing[()])
                self.assertEqual(value.dtype, expected.dtype, name)
                self.assertEqual(value.tobytes(), np.asarray(expected).tobytes(), name)

            f.visititems(visit)
        return rows

    def check_mode(self, mode):
        self.write_config(NOISY, TRACED, {"output": {"mode": mode}})
        begin = time.monotonic()
        self.run_config("run.toml", "-q", "-o", "run.h5")
        duration = time.monotonic() - begin
        os.rename(self.path("run.h5"), self.path("whole.h5"))
        self.clear()
        wanted = contents(self.path("whole.h5"))
        self.assertGreater(len(wanted), 200)
        with h5py.File(self.path("whole.h5"), "r") as f:
            whole = {}
            f.visititems(
                lambda name, thing: whole.__setitem__(name, thing[()])
                if isinstance(thing, h5py.Dataset)
                else None
            )
        pick = random.Random("%s %d" % (mode, SEED))
        kills = resumes = with_rows = 0
        arguments = []
        # On a machine that has become busy since, kills may all come before the first checkpoint:
        # then there are more, later ones.
        while kills < ROUNDS or not (arguments or resumes):
            if kills >= ROUNDS:
                duration *= 1.5
            process = self.start(*arguments)
            # Of a resumed run less is left; a kill that comes too late is no round.
            delay = pick.uniform(0.0, duration)
            try:
                _, message = process.communicate(timeout=delay)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                kills += 1
            else:
                self.assertEqual(process.returncode, 0, message)
                self.compare(wanted)
                resumes += bool(arguments)
                self.clear()
                arguments = []
                continue
            where = "%s, seed %d, kill %d after %.4f s" % (mode, SEED, kills, delay)
            with self.subTest(where):
                if not os.path.exists(self.path("run.h5")):
                    continue
                with_rows += self.check_prefix(whole) > 0
            # Before the first checkpoint there is nothing to resume: the run begins again.
            # A kill between the two renames of a checkpoint leaves the older one alone.
            saved = [p for p in map(self.path, ("run.h5.ckpt", "run.h5.ckpt.1")) if os.path.exists(p)]
            arguments = ["--resume"] if saved else []
            if pick.random() < 0.3 and len(saved) == 2:
                os.remove(saved[0])  # the older one must do as well
            if arguments:
                arguments += ["--threads", str(pick.choice((1, 2)))]
        process = self.start(*arguments)
        _, message = process.communicate(timeout=200)
        self.assertEqual(process.returncode, 0, message)
        self.compare(wanted)
        resumes += bool(arguments)
        print(
            "%s: %d kills, %d left rows to check, %d ends reached by a resume (seed %d)"
            % (mode, kills, with_rows, resumes, SEED)
        )
        self.assertGreater(resumes, 0)

    def compare(self, wanted):
        self.assertEqual(different(wanted, contents(self.path("run.h5"))), [])

    def clear(self):
        for name in os.listdir(self.folder):
            if name.startswith("run.h5"):
                os.remove(self.path(name))

    def test_live(self):
        if "live" in MODES:
            self.check_mode("live")

    def test_plain(self):
        if "plain" in MODES:
            self.check_mode("plain")


if __name__ == "__main__":
    if sys.argv[-1] in MODES:
        MODES = (sys.argv.pop(),)
    main()
