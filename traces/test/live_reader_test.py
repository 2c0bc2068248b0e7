"""A plain h5py reader in another process follows a writer from its first commit to its end: it opens,
reads and closes again and again. The number of rows never falls, no opening fails, no row is torn,
all series have the same length.

Usage: live_reader_test.py WRITE_NUMBERED_ROWS FAULT_SHIM. MEMPROP_LIVE_ROWS: rows of the long writer.
Exit status 77: h5py or numpy is not here.
"""
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest

try:
    import h5py  # noqa: F401
    import numpy  # noqa: F401
except ImportError as error:
    print("not run:", error)
    sys.exit(77)

import numbered_rows
from preload import preloadable

WRITER, SHIM = sys.argv.pop(1), preloadable(sys.argv.pop(1))
ROWS = int(os.environ.get("MEMPROP_LIVE_ROWS", "12000"))


class Live(unittest.TestCase):
    def follow(self, rows, per_flush, *options, whole=False, pause_s=0.0, refusals=False,
               **environment):
        with tempfile.TemporaryDirectory(prefix="memprop-") as folder:
            path = os.path.join(folder, "run.h5")
            writer = subprocess.Popen([WRITER, path, str(rows), str(per_flush), *options],
                                      stdout=subprocess.PIPE, text=True,
                                      env={**os.environ, **environment})
            said = []
            self.assertEqual(writer.stdout.readline(), "committed 0\n")
            listener = threading.Thread(target=lambda: said.extend(writer.stdout))
            listener.start()
            last = openings = grew = refused = 0
            try:
                while writer.poll() is None:
                    try:
                        now = numbered_rows.check(path, 0 if whole else max(0, last - 200))
                    except BlockingIOError:  # "unable to lock file": open it again
                        if not refusals:
                            raise
                        refused += 1
                        continue
                    self.assertGreaterEqual(now, last)
                    grew += now > last
                    openings += 1
                    last = now
                    time.sleep(pause_s)
            finally:
                writer.kill()
                writer.wait()
                listener.join()
                writer.stdout.close()
            self.assertEqual(writer.returncode, 0)
            self.assertEqual(numbered_rows.check(path), rows)
            self.assertEqual(sorted(os.listdir(folder)), ["run.h5"])
            print(f"{rows} rows, {' '.join(options) or '-'}: opened {openings} times, {refused} times refused, {grew} new "
                  f"states; "
                  f"{said[-1].strip()}", flush=True)
            self.assertIn(" 0 forced", said[-1])
            return grew

    def test_every_commit_is_whole(self):
        self.assertGreater(self.follow(ROWS, 23), 10)

    def test_whole_content_every_time(self):
        self.assertGreater(self.follow(ROWS // 10, 23, "--pause-us", "1000", whole=True), 10)

    def test_commits_by_the_writing_thread(self):
        self.assertGreater(self.follow(ROWS, 37, "--soon", "--pause-us", "200"), 10)

    def test_on_the_disk(self):
        self.assertGreater(self.follow(ROWS // 20, 100, "--disk", "--pause-us", "5000"), 3)

    def test_without_leases(self):
        """Where the file system has none, a reader waits for none and is never shown a torn state,
        but opening may be refused at the moment of a commit."""
        self.assertGreater(self.follow(ROWS, 23, refusals=True, LD_PRELOAD=SHIM,
                                       FAULT_NO_LEASES="1"), 10)


if __name__ == "__main__":
    unittest.main(verbosity=2)
