#!/usr/bin/env python3
"""Threads, tracing, kills and resumes change no bit, on the main job's chip and 5000 samples.

    determinism_job.py MEMPROP CONFIG
"""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "test"))

from memprop_runs import contents, different
from resumable_run import run

FIRST = ["data.train_samples=5000", "data.test_samples=2000", "output.checkpoint_every=500"]
QUIET = ["output.probes=[]", "output.samples=[]"]
KILLS = 6
# What may differ: where it was written, how fast, and what was recorded beside the run.
BESIDE = ("config/", "provenance/writer", "probes", "events/warnings")


def killed(memprop, config, name):
    """The same run, killed so many times between checkpoints."""
    pick = random.Random()
    while not Path(name + ".json").exists():
        count = Path(name + ".kills")
        kills = int(count.read_text()) if count.exists() else 0
        if kills >= KILLS:
            return run(memprop, config, name, FIRST)
        command = [memprop, "run", config, "--quiet", "-o", name + ".h5"]
        for setting in FIRST:
            command += ["--set", setting]
        checkpoint = Path(name + ".h5.ckpt")
        if checkpoint.exists():
            command.append("--resume")
        before = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while process.poll() is None:
            if checkpoint.exists() and checkpoint.stat().st_mtime_ns != before:
                break
            time.sleep(0.01)
        time.sleep(pick.uniform(0, 1.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        count.write_text(f"{kills + 1}\n")
        if process.returncode == 0:
            break
    return run(memprop, config, name, FIRST)


def main():
    memprop, config = sys.argv[1:3]
    base = run(memprop, config, "base", FIRST + ["run.threads=1"])
    others = {
        "threads": run(memprop, config, "threads", FIRST + ["run.threads=2"]),
        "untraced": run(memprop, config, "untraced", FIRST + QUIET),
        "killed": killed(memprop, config, "killed"),
    }
    failed = 0
    whole = contents("base.h5")
    for name, result in others.items():
        changed = [p for p in different(whole, contents(name + ".h5")) if not p.startswith(BESIDE)]
        good = not changed and result["accuracy"] == base["accuracy"]
        failed += not good
        print(f"{'ok  ' if good else 'MISS'} {name}: {len(changed)} of {len(whole)} values differ "
              f"{changed[:5] or ''}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
