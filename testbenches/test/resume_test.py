"""A run that is stopped or killed at random moments and resumed in new processes equals, bit by bit,
the run that nobody disturbed.

    resume_test.py MEMPROP
"""

import os
import random
import signal
import subprocess
import time

from memprop_runs import NOISY, RunTest, contents, different, main


class ResumeTest(RunTest):
    training_samples = 2500
    test_samples = 300

    def undisturbed(self):
        begin = time.monotonic()
        self.run_config("run.toml", "-q", "-o", "run.h5")
        self.duration = time.monotonic() - begin
        whole = contents(self.path("run.h5"))
        os.remove(self.path("run.h5"))
        return whole

    def disturb(self, number, delay, *arguments):
        """True if the signal came before the end."""
        process = subprocess.Popen(
            self.command("run", "run.toml", "-q", "-o", "run.h5", *arguments),
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        before = self.checkpoint_time()
        if number == signal.SIGKILL:
            # Nothing can be resumed before the first checkpoint.
            while process.poll() is None and self.checkpoint_time() == before:
                time.sleep(0.002)
        time.sleep(delay)
        process.send_signal(number)
        _, message = process.communicate(timeout=60)
        if process.returncode == 0:
            return False
        expected = -signal.SIGKILL if number == signal.SIGKILL else 130
        self.assertEqual(process.returncode, expected, message)
        if number != signal.SIGKILL:
            self.assertIn("--resume", message)
        return True

    def checkpoint_time(self):
        path = self.path("run.h5.ckpt")
        return os.stat(path).st_mtime_ns if os.path.exists(path) else 0

    def check(self, fidelity, signals, *settings):
        self.write_config(NOISY, {"run": {"fidelity": fidelity}}, *settings)
        whole = self.undisturbed()
        self.assertGreater(len(whole), 20)
        pick = random.Random()
        arguments = []
        for number in signals:
            delay = pick.uniform(0.05, 0.6) * self.duration / len(signals)
            with self.subTest(fidelity=fidelity, signal=number, delay=delay):
                came = self.disturb(number, delay, *arguments)
                # On a machine that has become idle since, the first signal may come too late.
                while not came and not arguments and delay > 0.01:
                    for name in os.listdir(self.folder):
                        if name.startswith("run.h5"):
                            os.remove(self.path(name))
                    delay /= 4
                    came = self.disturb(number, delay)
            if not came:
                break
            arguments = ["--resume"]
        self.assertTrue(arguments, "the run ended before the first signal")
        self.run_config("run.toml", "-q", "-o", "run.h5", *arguments)
        self.assertEqual(different(whole, contents(self.path("run.h5"))), [])

    def test_cycle(self):
        recorded = {
            "learning": {"epochs": 2},
            "output": {
                "checkpoint_every": 300,
                "probes": ["*"],
                "samples": [0, 1500, 2499, 4000],
            },
            "monitor": {"state_every": 1000},
        }
        signals = [signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGINT]
        self.check("cycle", signals, recorded)

    def test_ode(self):
        self.check(
            "ode",
            [signal.SIGTERM, signal.SIGKILL],
            {"learning": {"epochs": 3}, "output": {"checkpoint_every": 1000}},
        )

    def test_ideal(self):
        self.check(
            "ideal",
            [signal.SIGTERM, signal.SIGKILL],
            {"learning": {"epochs": 30}, "output": {"checkpoint_every": 1000}},
        )

    def test_references_beside_the_chip(self):
        """They start over on a resume, with the same result."""
        self.check(
            "cycle",
            [signal.SIGTERM],
            {"run": {"ideal_reference": True, "backprop_reference": True, "threads": 2}},
        )


if __name__ == "__main__":
    main()
