"""Traces of runs that go on, and of runs that were killed.

    live_test.py MEMPROP
"""

import fcntl
import os
import signal
import struct
import subprocess
import time
import unittest
import unittest.mock
import zlib

import h5py
import memprop
import numpy as np
from memprop import journal

from runs import EVERYTHING, PackageTest, main, merged

# Runs until it is killed; commits often.
LONG = merged(EVERYTHING, {
    "run": {"ideal_reference": False, "backprop_reference": False},
    "learning": {"epochs": 100000},
    "monitor": {"state_every": 0},
    "output": {"samples": [], "sample_every": 5, "probes": ["layer1/neurons/v"],
               "mode": "live", "flush_every": "50 ms"},
})


class LiveTest(PackageTest):
    def start(self, *settings):
        self.write_config(*settings)
        process = subprocess.Popen(self.command("run", "run.toml", "-q", "-o", "run.h5"),
                                   cwd=self.folder, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, self.path("run.h5")

    def wait_for(self, condition, what, timeout_s=200):
        end = time.monotonic() + timeout_s
        while not condition():
            self.assertLess(time.monotonic(), end, "waited too long for " + what)
            time.sleep(0.002)

    def test_follow_sees_a_run_grow_to_its_end(self):
        # The run is made longer until the follower has been given enough of the processor.
        for epochs in (15, 60, 240):
            if self.follow_to_the_end(epochs) > 3:
                return
            os.unlink(self.path("run.h5"))
        self.fail("no more than 3 states were seen")

    def follow_to_the_end(self, epochs):
        process, path = self.start(LONG, {"learning": {"epochs": epochs}})
        states, last = 0, {}
        for state in memprop.follow(path, poll_s=0.02, timeout_s=200):
            states += 1
            for name, count in state.rows.items():
                self.assertGreaterEqual(count, last.get(name, 0), name)
                self.assertEqual(state.new.get(name, (count, count))[1], count)
                self.assertEqual(state.new.get(name, (count, count))[0],
                                 last.get(name, count if name not in state.new else 0))
            last = state.rows
            if "training/update/loss" in last:
                # Rows are whole, whatever has been committed since.
                loss = state.run.array("training/update/loss")
                self.assertGreaterEqual(loss.sizes["sample"], last["training/update/loss"])
                np.testing.assert_array_equal(loss["sample"], np.arange(loss.sizes["sample"]))
                self.assertTrue(np.isfinite(loss.values).all())
            if last.get("probes/time"):
                v = state.run.array("layer1/neurons/v", sample=0)
                self.assertTrue(np.isfinite(v.values).all())
                self.assertGreater(np.abs(v.values).max(), 0)
        self.assertTrue(state.finished)
        self.assertEqual(process.wait(200), 0, process.stderr.read())
        self.assertEqual(state.samples, epochs * self.training_samples)
        with h5py.File(path) as file:
            for name, count in last.items():
                self.assertEqual(file[name].shape[0], count, name)
        return states

    def test_follow_gives_up(self):
        self.refused(lambda: next(memprop.follow(self.path("no.h5"), 0.01, timeout_s=0.1)),
                     "no.h5", "0.1 s")

    def kill_with_a_journal(self):
        """A run killed while its last commit stands in the journal only: somebody had the file
        open. The rows that a reader of the file alone sees, and the path."""
        process, path = self.start(LONG)
        self.wait_for(lambda: os.path.exists(path) and process.poll() is None
                      and os.path.getsize(path) > 0, "the file")
        self.wait_for(lambda: memprop.open(path).rows().get("training/update/loss", 0) > 50, "rows")
        whole = journal.journal_path(path)
        with open(path, "rb") as held:  # keeps the commits out of the file, as h5py does
            fcntl.flock(held, fcntl.LOCK_SH)
            self.wait_for(lambda: journal.read(path) is not None, "a commit in the journal")
            first = journal.read(path)[0]
            self.wait_for(lambda: (journal.read(path) or (first,))[0] != first, "another commit")
            self.assertTrue(memprop.open(path).being_written)
            process.send_signal(signal.SIGKILL)
            process.wait()
            with h5py.File(held, "r") as file:
                alone = file["training/update/loss"].shape[0]
        self.assertTrue(os.path.exists(whole))
        return path, alone

    def test_a_killed_run_is_repaired(self):
        path, alone = self.kill_with_a_journal()
        run = memprop.open(path)
        self.assertTrue(run.repaired)
        self.assertFalse(run.being_written)
        self.assertFalse(os.path.exists(journal.journal_path(path)))
        rows = run.rows()
        self.assertGreater(rows["training/update/loss"], alone)
        with h5py.File(path, "r") as file:  # plainly
            for name, count in rows.items():
                self.assertEqual(file[name].shape[0], count, name)
            loss = file["training/update/loss"][()]
            self.assertTrue(np.isfinite(loss).all())
            np.testing.assert_array_equal(file["training/update/sample"], np.arange(len(loss)))
            self.assertTrue(np.isfinite(file["probes/layer1/neurons/v"][()]).all())
        summary, updates = run.summary(), run.updates()
        self.assertFalse(summary.finished)
        # Totals are those of whole blocks, single updates are further.
        self.assertEqual(summary.training_samples, updates.sizes["sample"])
        self.assertLessEqual(summary.counted_samples, summary.training_samples)
        if "cycles" in run.training() and run.has("training/samples"):
            counted = updates["cycles"].isel(sample=slice(0, summary.counted_samples))
            self.assertEqual(summary.cycles, int(counted.sum()))
        self.assertFalse(memprop.open(path).repaired)

    def test_a_file_that_must_not_be_repaired_is_seen_through_its_journal(self):
        path, alone = self.kill_with_a_journal()

        def not_allowed(_):
            raise PermissionError(13, "Permission denied")

        with open(path, "rb") as file:
            before = file.read()
        with unittest.mock.patch.object(journal, "repair", not_allowed):
            run = memprop.open(path)
            seen = {name: run.array(name).values for name in
                    ("training/update/loss", "probes/layer1/neurons/v", "compare/sample")}
            rows = run.rows()
        self.assertTrue(os.path.exists(journal.journal_path(path)))
        with open(path, "rb") as file:
            self.assertEqual(file.read(), before)
        repaired = memprop.open(path)
        self.assertTrue(repaired.repaired)
        self.assertEqual(repaired.rows(), rows)
        self.assertGreater(rows["training/update/loss"], alone)
        for name, values in seen.items():
            np.testing.assert_array_equal(repaired.array(name).values, values)

    def test_kills_at_random_moments(self):
        random = np.random.default_rng(5)
        for round_number in range(int(os.environ.get("MEMPROP_KILL_ROUNDS", "4"))):
            process, path = self.start(LONG)
            self.wait_for(lambda: os.path.exists(path), "the file")
            self.wait_for(lambda: self.committed(path) > 0, "rows")
            time.sleep(0.3 * random.random())
            process.kill()
            process.wait()
            rows = memprop.open(path).rows()
            self.assertFalse(os.path.exists(journal.journal_path(path)))
            with h5py.File(path, "r") as file:
                count = file["training/update/loss"].shape[0]
                self.assertEqual(rows["training/update/loss"], count)
                np.testing.assert_array_equal(file["training/update/sample"], np.arange(count))
                self.assertTrue(np.isfinite(file["training/update/loss"][()]).all())
            os.unlink(path)

    @staticmethod
    def committed(path):
        try:
            return memprop.open(path).rows().get("training/update/loss", 0)
        except memprop.TraceError:
            return 0


class JournalTest(unittest.TestCase):
    @staticmethod
    def journal_of(size, pages):
        body = struct.pack("=8sQQ", b"MPJRNL01", size, len(pages))
        for number, page in pages.items():
            body += struct.pack("=Q", number) + page
        return body + struct.pack("=I", zlib.crc32(body))

    def test_only_a_whole_journal_counts(self):
        pages = {3: bytes([7]) * journal.PAGE, 0: bytes(range(256)) * 16}
        whole = self.journal_of(20000, pages)
        self.assertEqual(journal.parse(whole), (20000, pages))
        self.assertEqual(journal.parse(self.journal_of(0, {})), (0, {}))
        for length in (0, 5, 27, 28, 4000, len(whole) - 1):
            self.assertIsNone(journal.parse(whole[:length]), length)
        self.assertIsNone(journal.parse(whole + b"x"))
        for at in (0, 9, 17, 25, 5000, len(whole) - 2):
            broken = bytearray(whole)
            broken[at] ^= 1
            self.assertIsNone(journal.parse(bytes(broken)), at)


if __name__ == "__main__":
    main()
