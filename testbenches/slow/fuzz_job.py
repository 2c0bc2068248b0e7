#!/usr/bin/env python3
"""Fuzzes for so many CPU-minutes, in rounds; an interrupted job goes on where it was.

    fuzz_job.py FUZZER CORPUS --cpu-minutes N [--round SECONDS] [--timeout SECONDS]

Works in the present folder: inputs/ holds what was found to be of interest, cpu_s the CPU time
spent, findings/ the inputs that ended the fuzzer (crash-..., timeout-..., oom-..., leak-...). Exit
code 0 when the time is spent without a finding, 1 with one.

libFuzzer measures the time of an input by the clock. On a busy machine an input that was not given
the processor for long enough is no finding: it is tried again by itself, and what counts is its CPU
time. Such inputs are kept in slow/.
"""

import argparse
import os
import resource
import subprocess
import sys
from pathlib import Path

LIMITS = ["-rss_limit_mb=2048", "-malloc_limit_mb=1024"]


def longest_input(corpus):
    """Room to grow: twice the longest input that is kept, at least 4 KiB."""
    return max([4096, *(2 * p.stat().st_size for p in corpus.iterdir())])


def cpu_seconds_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def only_waited(fuzzer, name, timeout_s):
    """Whether an input that took too long by the clock is done within the limit of CPU time."""
    before = cpu_seconds_of_children()
    done = subprocess.run(
        [fuzzer, "-timeout=100000", *LIMITS, str(name)], check=False,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (2 * timeout_s, 3 * timeout_s)))
    return done.returncode == 0 and cpu_seconds_of_children() - before < timeout_s


def excuse(fuzzer, findings, timeout_s):
    """Moves inputs that only waited for the processor out of the way; True if that was all."""
    slow = Path("slow")
    for name in sorted(findings.glob("timeout-*")):
        if only_waited(fuzzer, name, timeout_s):
            slow.mkdir(exist_ok=True)
            name.rename(slow / name.name)
            print(f"{name.name} took long by the clock, not in CPU time: kept in {slow}/",
                  flush=True)
    return not any(findings.iterdir())


def fuzz(fuzzer, corpus, seconds, round_s, timeout_s):
    inputs, findings, spent_file = Path("inputs"), Path("findings"), Path("cpu_s")
    inputs.mkdir(exist_ok=True)
    findings.mkdir(exist_ok=True)
    spent = float(spent_file.read_text()) if spent_file.exists() else 0.0
    environment = dict(os.environ, UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1")
    # What a fuzzer writes and syncs should wait for no disk.
    if Path("/dev/shm").is_dir():
        environment["TMPDIR"] = "/dev/shm"
    while spent < seconds:
        before = cpu_seconds_of_children()
        done = subprocess.run(
            [fuzzer, f"-timeout={timeout_s}", *LIMITS, f"-max_len={longest_input(corpus)}",
             "-print_final_stats=1",
             f"-max_total_time={max(1, round(min(round_s, seconds - spent)))}",
             f"-artifact_prefix={findings}/", str(inputs), str(corpus)],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", check=False)
        spent += cpu_seconds_of_children() - before
        spent_file.write_text(f"{spent:.3f}\n")
        lines = done.stdout.splitlines()
        figures = [x for x in lines if x.startswith(("stat::number_of_executed", "#")) and x]
        print(f"{spent:.0f} of {seconds:.0f} CPU-seconds: {figures[-1] if figures else ''}",
              flush=True)
        timed_out = done.returncode != 0 and any(findings.glob("timeout-*"))
        if done.returncode != 0 and not (timed_out and excuse(fuzzer, findings, timeout_s)):
            print(done.stdout[-20000:])
            print(f"finding: exit code {done.returncode}; input in {findings.resolve()}: "
                  f"{sorted(p.name for p in findings.iterdir())}")
            return 1
    print(f"no finding in {spent:.0f} CPU-seconds; {sum(1 for _ in inputs.iterdir())} inputs of "
          f"interest in {inputs.resolve()}")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fuzzer", type=os.path.abspath)
    parser.add_argument("corpus", type=lambda p: Path(p).resolve())
    parser.add_argument("--cpu-minutes", type=float, required=True)
    parser.add_argument("--round", type=float, default=60.0)
    parser.add_argument("--timeout", type=int, default=10,
                        help="what a reader may take for an input of a few kilobytes [s]")
    arguments = parser.parse_args()
    return fuzz(arguments.fuzzer, arguments.corpus, 60 * arguments.cpu_minutes, arguments.round,
                arguments.timeout)


if __name__ == "__main__":
    sys.exit(main())
