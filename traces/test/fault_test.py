"""Every file operation of a short writing process fails once, or from then on: the process says so in
one sentence that names the file and the cause, ends with the right exit code, and leaves a trace that
h5py opens with everything up to the last commit, and a checkpoint that loads.

Usage: fault_test.py WRITE_NUMBERED_ROWS FAULT_SHIM. Exit status 77: h5py or numpy is not here.
"""
import fcntl
import os
import shutil
import stat
import subprocess
import sys
import tempfile
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
ROWS, PER_FLUSH = 90, 30
CAUSE = {"ENOSPC": "No space left on device", "EIO": "Input/output error"}


def numbers(text, word):
    return [int(line.split()[1]) for line in text.splitlines() if line.startswith(word + " ")]


class Faults(unittest.TestCase):
    def setUp(self):
        # Where a disk has to be waited for, the sweeps take minutes.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = tempfile.mkdtemp(prefix="memprop-", dir=memory)
        self.path = os.path.join(self.folder, "run.h5")

    def tearDown(self):
        subprocess.run(["chmod", "-R", "u+rwx", self.folder], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run_writer(self, *options, rows=ROWS, **environment):
        return subprocess.run([WRITER, self.path, str(rows), str(PER_FLUSH), *options], text=True,
                              capture_output=True, env={**os.environ, **environment}, timeout=200)

    def look(self):
        return subprocess.run([WRITER, "--look", self.path], text=True, capture_output=True)

    def check_remains(self, done, word, repair=False):
        """The trace holds the last commit, whole; the checkpoint is the last one saved, or later."""
        committed = numbers(done.stdout, "committed")[-1]
        if repair or os.path.exists(self.path + ".journal"):
            self.assertTrue(repair, f"{word}: a journal is left")
            self.look()
        rows = numbered_rows.check(self.path)
        self.assertGreaterEqual(rows, committed, word)
        self.assertLessEqual(rows, committed + PER_FLUSH, word)
        looked = self.look()
        self.assertEqual(looked.returncode, 0, looked.stderr)
        self.assertEqual(numbers(looked.stdout, "rows"), [rows])
        saved = numbers(done.stdout, "saved")
        if saved:
            self.assertGreaterEqual(numbers(looked.stdout, "saved")[0], saved[-1])
        if not repair:  # what cannot be removed stays
            left = [n for n in os.listdir(self.folder) if n.endswith((".part", ".new"))]
            self.assertEqual(left, [], word)

    def sweep(self, kind, call="any", forever=False):
        codes = {}
        for number in range(1, 2000):
            shutil.rmtree(self.folder)
            os.mkdir(self.folder)
            more = {"FAULT_FOREVER": "1"} if forever else {}
            done = self.run_writer("--disk", "--checkpoint", LD_PRELOAD=SHIM, FAULT_CALL=call,
                                   FAULT_FOLDER=self.folder, FAULT_AT=str(number), FAULT_KIND=kind,
                                   **more)
            said = done.stderr.splitlines()
            struck = [line for line in said if line.startswith("fault: ")]
            said = [line for line in said if not line.startswith("fault: ")]
            word = f"{kind} at call {number} ({struck}), exit {done.returncode}: {said}"
            codes[done.returncode] = codes.get(done.returncode, 0) + 1
            self.assertIn(done.returncode, (0, 1, 2), word)
            if done.returncode == 0:
                self.assertEqual(said, [], word)
                self.assertEqual(numbered_rows.check(self.path), ROWS, word)
                self.assertEqual(sorted(os.listdir(self.folder)),
                                 ["run.h5", "run.h5.ckpt", "run.h5.ckpt.1"], word)
                if not struck:
                    break
                self.assertIn(kind, ("short", "EINTR"), word)
                continue
            self.assertNotIn(kind, ("short", "EINTR"), word)
            self.assertEqual(len(said), 1, word)
            self.assertTrue(said[0].startswith(self.folder), word)
            self.assertTrue(said[0].endswith(": " + CAUSE[kind]), word)
            if done.returncode == 2:  # nothing was begun, nothing is left
                self.assertEqual(done.stdout, "", word)
                if not (forever and struck[0] != "fault: open"):
                    self.assertEqual(os.listdir(self.folder), [], word)
            else:
                self.check_remains(done, word, repair=forever)
        else:
            self.fail("the process never ends without a fault")
        print(f"{kind}{' from there on' if forever else ''}: {number - 1} calls, exit codes {codes}",
              flush=True)
        self.assertGreater(number, 20)
        return codes

    def test_full_disk_once(self):
        self.assertGreater(self.sweep("ENOSPC")[1], 100)

    def test_full_disk_for_good(self):
        self.sweep("ENOSPC", call="write", forever=True)

    def test_broken_disk_once(self):
        self.sweep("EIO")

    def test_broken_disk_for_good(self):
        self.sweep("EIO", forever=True)

    def test_short_writes_are_continued(self):
        self.assertEqual(set(self.sweep("short", call="write")), {0})

    def test_interrupted_calls_are_repeated(self):
        for call in ("write", "sync", "open", "cut"):
            with self.subTest(call=call):
                self.sweep_few("EINTR", call)

    def sweep_few(self, kind, call):
        done = self.run_writer("--disk", "--checkpoint", LD_PRELOAD=SHIM, FAULT_CALL=call,
                               FAULT_FOLDER=self.folder, FAULT_AT="3", FAULT_KIND=kind)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(numbered_rows.check(self.path), ROWS)

    def test_largest_file_size(self):
        for limit in (1000, 30000, 60000, 120000, 200000):
            with self.subTest(limit=limit):
                shutil.rmtree(self.folder)
                os.mkdir(self.folder)
                done = self.run_writer("--limit-bytes", str(limit), rows=5000)
                self.assertTrue(done.stderr.endswith(": File too large\n"), done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1)
                if done.returncode == 2:
                    self.assertEqual(os.listdir(self.folder), [])
                else:
                    self.assertEqual(done.returncode, 1)
                    self.check_remains(done, str(limit))

    def test_folder_removed(self):
        writer = subprocess.Popen([WRITER, self.path, "1000000", str(PER_FLUSH), "--pause-us", "500"],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(writer.stdout.readline(), "committed 0\n")
        self.assertEqual(writer.stdout.readline(), f"committed {PER_FLUSH}\n")
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        _, said = writer.communicate(timeout=200)
        os.makedirs(self.folder, exist_ok=True)
        self.assertEqual(writer.returncode, 1, said)
        self.assertEqual(len(said.splitlines()), 1, said)
        self.assertTrue(said.startswith(self.path), said)
        self.assertIn("No such file or directory", said)

    def test_file_removed(self):
        writer = subprocess.Popen([WRITER, self.path, "1000000", str(PER_FLUSH), "--pause-us", "500"],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(writer.stdout.readline(), "committed 0\n")
        os.unlink(self.path)
        _, said = writer.communicate(timeout=200)
        self.assertEqual((writer.returncode, said),
                         (1, f"{self.path}: cannot write: No such file or directory\n"))

    def refused(self, cause, path=None):
        path = path or self.path
        done = subprocess.run([WRITER, path, "100", "10"], text=True, capture_output=True,
                              timeout=200)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (2, "", f"{path}: {cause}\n"))

    def as_nobody(self, cause, path):
        """The superuser may write everywhere: ask as somebody else."""
        command = [WRITER, path, "100", "10"]
        if os.geteuid() == 0:
            if shutil.which("setpriv") is None:
                self.skipTest("setpriv is not here")
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
        done = subprocess.run(command, text=True, capture_output=True, timeout=200)
        if done.returncode in (126, 127):
            self.skipTest(done.stderr)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (2, "", f"{path}: {cause}\n"))

    def test_no_permission(self):
        os.chmod(self.folder, stat.S_IRUSR | stat.S_IXUSR | stat.S_IROTH | stat.S_IXOTH)
        self.as_nobody("cannot create: Permission denied", self.path)
        self.assertEqual(os.listdir(self.folder), [])

    def test_read_only_target(self):
        self.assertEqual(self.run_writer().returncode, 0)
        with open(self.path, "rb") as file:
            before = file.read()
        os.chmod(self.path, 0o444)
        os.chmod(self.folder, 0o777)
        self.as_nobody("cannot open: Permission denied", self.path)
        with open(self.path, "rb") as file:
            self.assertEqual(file.read(), before)
        self.assertEqual(os.listdir(self.folder), ["run.h5"])

    def test_places_that_are_none(self):
        self.refused("cannot create: No such file or directory",
                     os.path.join(self.folder, "none", "run.h5"))
        self.refused("expected a file, got a directory", self.folder)
        self.refused("expected a file, got a device or pipe", "/dev/full")
        self.assertEqual(os.listdir(self.folder), [])

    def test_held_by_another_process(self):
        writer = subprocess.Popen([WRITER, self.path, "1000000", str(PER_FLUSH), "--pause-us", "500"],
                                  stdout=subprocess.PIPE, text=True)
        try:
            self.assertEqual(writer.stdout.readline(), "committed 0\n")
            self.refused("another process is writing this file")
            time.sleep(0.05)
            self.assertIsNone(writer.poll())
        finally:
            writer.kill()
            writer.communicate()
        self.look()
        self.assertGreater(numbered_rows.check(self.path), 0)

    def test_locked_by_another_program(self):
        """h5py in mode r+ locks the file (flock); we neither hang nor fail on it."""
        self.assertEqual(self.run_writer().returncode, 0)
        with open(self.path, "r+b") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.assertEqual(numbers(self.look().stdout, "rows"), [ROWS])


if __name__ == "__main__":
    unittest.main(verbosity=2)
