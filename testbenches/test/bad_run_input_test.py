"""What a user can get wrong when a run starts: exit code 2, one line that says what is wrong, and
nothing half written.

    bad_run_input_test.py MEMPROP
"""

import gzip
import os
import signal
import stat
import struct
import subprocess
import time
import unittest

import numpy as np

from memprop_runs import NOISELESS, RunTest, main, merged, wait_until_it_listens

QUICK = merged(NOISELESS, {"data": {"train_samples": 40, "test_samples": 10}})


class BadRunInputTest(RunTest):
    def refused(self, *arguments, says=()):
        before = self.files()
        done = self.call(*arguments)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        for part in says:
            self.assertIn(part, done.stderr)
        self.assertEqual(self.files(), before)
        return done.stderr

    def files(self):
        """Names, sizes and times of everything in the folder."""
        found = {}
        for folder, _, names in os.walk(self.folder):
            for name in names:
                status = os.stat(os.path.join(folder, name))
                found[os.path.join(folder, name)] = (status.st_size, status.st_mtime_ns)
        return found

    def usage_error(self, *arguments, says=()):
        done = self.call(*arguments)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        for part in says:
            self.assertIn(part, done.stderr)

    # The command line

    def test_unknown_flag_command_or_nothing(self):
        self.write_config(QUICK)
        self.usage_error("run", "run.toml", "--sped", "1", says=["--sped"])
        self.usage_error("train", "run.toml", says=["subcommand"])
        self.usage_error("run", says=["config"])
        self.usage_error("info", says=["trace"])
        self.usage_error()

    def test_values_of_flags(self):
        self.write_config(QUICK)
        self.refused("run", "run.toml", "--seed", "minus", says=["run.seed", "minus"])
        self.refused("run", "run.toml", "--threads", "1.5", says=["run.threads"])
        self.refused("validate", "run.toml", "--set", "chip.adc.bits=33", says=["chip.adc.bits"])
        self.refused("run", "run.toml", "--set", "chip.adc.bitz=8", says=["chip.adc.bits"])
        self.refused("run", "run.toml", "--set", "chip.adc.bits", says=["chip.adc.bits"])

    def test_missing_config(self):
        for command in ("run", "validate"):
            self.refused(command, "none.toml", says=["none.toml"])

    # Output

    def test_output_that_cannot_be_written(self):
        self.write_config(QUICK)
        self.refused("run", "run.toml", "-o", "none/run.h5", says=["none/run.h5", "no such folder"])
        self.refused("run", "run.toml", "-o", ".", says=["folder"])
        self.refused("validate", "run.toml", "-o", "none/run.h5", says=["none/run.h5"])

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_output_in_a_read_only_folder(self):
        self.write_config(QUICK)
        os.mkdir(self.path("fixed"))
        os.chmod(self.path("fixed"), stat.S_IRUSR | stat.S_IXUSR)
        self.refused("run", "run.toml", "-o", "fixed/run.h5", says=["fixed/run.h5"])

    def test_output_is_another_file(self):
        self.write_config(QUICK)
        with open(self.path("letter.txt"), "w") as f:
            f.write("not a trace\n")
        self.refused("run", "run.toml", "-o", "letter.txt", says=["letter.txt", "not a trace"])

    # Data

    def test_missing_data(self):
        self.write_config(QUICK, {"data": {"train_inputs": "none.npy"}})
        for command in (("run", "-o", "run.h5"), ("validate",)):
            self.refused(command[0], "run.toml", *command[1:], says=["none.npy"])

    def test_truncated_idx(self):
        pixels = np.zeros((40, 12), dtype=np.uint8).tobytes()
        whole = struct.pack(">4BII", 0, 0, 8, 2, 40, 12) + pixels
        for name, content in (
            ("short.idx", whole[:-7]),
            ("header.idx", whole[:10]),
            ("short.idx.gz", gzip.compress(whole)[:-9]),
        ):
            with open(self.path(name), "wb") as f:
                f.write(content)
            self.write_config(QUICK, {"data": {"train_inputs": name}})
            self.refused("run", "run.toml", "-o", "run.h5", says=[name])

    def test_data_of_another_width(self):
        np.save(self.path("wide.npy"), np.zeros((40, 13), dtype=np.float32))
        self.write_config(QUICK, {"data": {"train_inputs": "wide.npy"}})
        self.refused("run", "run.toml", "-o", "run.h5", says=["wide.npy", "13", "12"])

    def test_weights_that_do_not_fit(self):
        self.write_config(QUICK, {"network": {"layers": [12, 9, 4]}})
        self.run_config("run.toml", "-q", "-o", "other.h5")
        self.write_config(QUICK, {"network": {"init_file": "other.h5"}})
        self.refused("run", "run.toml", "-o", "run.h5", says=["other.h5"])
        self.write_config(QUICK, {"network": {"init_file": "none.h5"}})
        self.refused("run", "run.toml", "-o", "run.h5", says=["none.h5"])

    # Traces

    def test_info_on_what_is_no_trace(self):
        with open(self.path("letter.h5"), "w") as f:
            f.write("not a trace\n")
        self.refused("info", "letter.h5", says=["letter.h5"])
        self.refused("info", "none.h5", says=["none.h5"])
        self.refused("info", ".", says=["."])
        with open(self.path("empty.h5"), "w"):
            pass
        self.refused("info", "empty.h5", says=["empty.h5"])

    def test_info_on_a_foreign_hdf5_file(self):
        import h5py

        with h5py.File(self.path("foreign.h5"), "w") as f:
            f["x"] = 1.0
        self.refused("info", "foreign.h5", says=["foreign.h5"])

    # Resume

    def test_resume_without_anything_to_resume(self):
        self.write_config(QUICK)
        self.refused("run", "run.toml", "--resume", says=["output.path"])
        self.refused("run", "run.toml", "-o", "run.h5", "--resume", says=["run.h5.ckpt"])

    def interrupted_run(self):
        self.write_config(NOISELESS, {"learning": {"epochs": 2000}})
        process = subprocess.Popen(
            self.command("run", "run.toml", "-q", "-o", "run.h5"),
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while process.poll() is None and not os.path.exists(self.path("run.h5")):
            time.sleep(0.01)
        wait_until_it_listens(process)
        time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=60), 130)

    def test_resume_of_another_run(self):
        self.interrupted_run()
        self.refused(
            *("run", "run.toml", "-o", "run.h5", "--resume", "--seed", "2"), says=["run.seed", "1", "2"]
        )
        self.refused(
            *("run", "run.toml", "-o", "run.h5", "--resume"),
            *("--set", "chip.adc.bits=8", "--set", "learning.rate=0.2"),
            says=["chip.adc.bits", "10", "8", "learning.rate"],
        )

    def test_resume_with_a_damaged_checkpoint(self):
        self.interrupted_run()
        with open(self.path("run.h5.ckpt"), "r+b") as f:
            f.seek(200)
            f.write(b"\xff\x00\xff\x00")
        self.refused("run", "run.toml", "-o", "run.h5", "--resume", says=["run.h5.ckpt"])

    def test_resume_without_its_trace(self):
        self.interrupted_run()
        os.remove(self.path("run.h5"))
        self.refused("run", "run.toml", "-o", "run.h5", "--resume", says=["run.h5"])


if __name__ == "__main__":
    main()
