"""A plain h5py reader in another process follows a writer from its first commit to its end: it opens,
reads and closes again and again. The number of rows never falls, no opening fails, no row is torn,
all series have the same length. The writer goes on until the reader has seen enough of its states,
however fast either of them is. Where the file system grants no leases an opening may be refused.

Usage: live_reader_test.py WRITE_NUMBERED_ROWS FAULT_SHIM. MEMPROP_LIVE_ROWS: rows of the long writer.
MEMPROP_LIVE_FOLDER: where the files lie. Exit status 77: h5py or numpy is not here.
"""
import fcntl
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest

try:
    import h5py
    import numpy
except ImportError as error:
    print("not run:", error)
    sys.exit(77)

import numbered_rows
from preload import preloadable

WRITER, SHIM = sys.argv.pop(1), preloadable(sys.argv.pop(1))
ROWS = int(os.environ.get("MEMPROP_LIVE_ROWS", "12000"))


FOLDER = os.environ.get("MEMPROP_LIVE_FOLDER")
LONGEST_S = 400


def grants_leases(folder):
    """Asked of the file system itself: a file that nobody else has open."""
    with tempfile.NamedTemporaryFile(dir=folder) as probe:
        try:
            fcntl.fcntl(probe.fileno(), fcntl.F_SETLEASE, fcntl.F_WRLCK)
        except OSError:
            return False
    return True


def is_refusal(error):
    """What HDF5 says of a file that is locked when it is opened, or was changed between HDF5's
    asking for its size and its taking the lock."""
    return "unable to lock file" in str(error) or "truncated file" in str(error)


class Live(unittest.TestCase):
    def follow(self, rows, per_flush, *options, states=12, whole=False, leases=True,
               **environment):
        with tempfile.TemporaryDirectory(prefix="memprop-", dir=FOLDER) as folder:
            may_refuse = not (leases and grants_leases(folder))
            path = os.path.join(folder, "run.h5")
            writer = subprocess.Popen(
                [WRITER, path, str(rows), str(per_flush), "--until-eof", *options],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                env={**os.environ, **environment})
            said = []
            self.assertEqual(writer.stdout.readline(), "committed 0\n")
            listener = threading.Thread(target=lambda: said.extend(writer.stdout))
            listener.start()
            last = openings = grew = refused = 0
            end = time.monotonic() + LONGEST_S
            try:
                while writer.poll() is None:
                    self.assertLess(time.monotonic(), end,
                                    f"{grew} new states in {openings} openings, {refused} refusals")
                    try:
                        now = numbered_rows.check(path, 0 if whole else max(0, last - 200))
                    except OSError as error:
                        if not (may_refuse and is_refusal(error)):
                            raise
                        refused += 1  # to be opened again
                        continue
                    self.assertGreaterEqual(now, last)
                    grew += now > last
                    openings += 1
                    last = now
                    if grew >= states:
                        writer.stdin.close()  # finish what you have to write
                    time.sleep(0)
            finally:
                writer.stdin.close()
                if writer.poll() is None:
                    writer.kill()
                writer.wait()
                listener.join()
                writer.stdout.close()
            self.assertEqual(writer.returncode, 0)
            written = int(said[-2].split()[1])
            self.assertGreaterEqual(written, rows)
            self.assertEqual(numbered_rows.check(path), written)
            self.assertEqual(sorted(os.listdir(folder)), ["run.h5"])
            print(f"{written} rows, {' '.join(options) or '-'}, {'no ' * may_refuse}leases: opened "
                  f"{openings} times, {refused} times refused, {grew} new states; "
                  f"{said[-1].strip()}", flush=True)
            self.assertIn(" 0 forced", said[-1])

    def test_every_commit_is_whole(self):
        self.follow(ROWS, 23)

    def test_whole_content_every_time(self):
        self.follow(ROWS // 10, 23, "--pause-us", "1000", whole=True)

    def test_commits_by_the_writing_thread(self):
        self.follow(ROWS, 37, "--soon", "--pause-us", "200")

    def test_on_the_disk(self):
        self.follow(ROWS // 20, 100, "--disk", "--pause-us", "5000", states=4)

    def test_without_leases(self):
        """Where the file system has none, a reader waits for none and is never shown a torn state,
        but opening may be refused at the moment of a commit."""
        self.follow(ROWS, 23, leases=False, LD_PRELOAD=SHIM, FAULT_NO_LEASES="1")

    def test_a_reader_that_stays_sees_what_it_opened(self):
        """And does not keep the writer from finishing, nor others from seeing all of it."""
        for environment in ({}, {"LD_PRELOAD": SHIM, "FAULT_NO_LEASES": "1"}):
            with tempfile.TemporaryDirectory(prefix="memprop-", dir=FOLDER) as folder:
                path = os.path.join(folder, "run.h5")
                writer = subprocess.Popen(
                    [WRITER, path, "500", "23", "--until-eof", "--pause-us", "1000"],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                    env={**os.environ, **environment})
                for line in writer.stdout:
                    if line == "committed 230\n":
                        break
                held = self.opened(path)
                with held:
                    seen = held["a/v"].shape[0]
                    said, _ = writer.communicate(timeout=LONGEST_S)
                    self.assertEqual(writer.returncode, 0)
                    self.assertIn(" 1 replaced, 0 forced", said)
                    written = int(said.splitlines()[-2].split()[1])
                    self.assertEqual(held["a/v"].shape[0], seen)
                    rows = numpy.arange(seen, dtype=numpy.uint64)
                    for i in range(numbered_rows.WIDTH):
                        values = numbered_rows.values(rows, i)
                        numpy.testing.assert_array_equal(held["a/v"][:, i], values)
                self.assertEqual(numbered_rows.check(path), written)
                self.assertEqual(sorted(os.listdir(folder)), ["run.h5"])

    @staticmethod
    def opened(path):
        while True:
            try:
                return h5py.File(path, "r")
            except OSError as error:
                if not is_refusal(error):
                    raise
                time.sleep(0.001)


if __name__ == "__main__":
    unittest.main(verbosity=2)
