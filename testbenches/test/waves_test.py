"""`memprop waves`: what a value change dump of a run says is what the trace says, at the same
picosecond; and FST by way of vcd2fst.

    waves_test.py MEMPROP
"""

import os
import re
import shutil
import subprocess
import unittest

import h5py
import numpy as np

from memprop_runs import NOISY, RunTest, main

RECORDED = {
    "output": {"probes": ["*"], "samples": [0, 3, 40], "points_per_cycle": 2},
    "data": {"train_samples": 60, "test_samples": 10},
}


def parse_vcd(text):
    """Variables as {path: {time_ps: text}} in order of time; of our own, after IEEE 1364."""
    header, body = text.split("$enddefinitions $end", 1)
    assert re.search(r"\$timescale\s+1\s*ps\s+\$end", header)
    scopes, codes = [], {}
    for word in re.findall(r"\$(scope|upscope|var)\s+(.*?)\s*\$end", header, re.S):
        if word[0] == "scope":
            scopes.append(word[1].split()[1])
        elif word[0] == "upscope":
            scopes.pop()
        else:
            parts = word[1].split()
            name = parts[3]
            codes[parts[2]] = "/".join(scopes + [name])
    values = {path: {} for path in codes.values()}
    now = None
    for line in body.split("\n"):
        line = line.strip()
        if not line or line.startswith("$"):
            continue
        if line[0] == "#":
            now = int(line[1:])
        elif line[0] in "bBrR":
            value, code = line[1:].split()
            values[codes[code]][now] = value
        else:
            values[codes[line[1:]]][now] = line[0]
    return values


def at(changes, times):
    """The value at each time: that of the last change."""
    when = np.array(sorted(changes))
    return [changes[when[k]] for k in np.searchsorted(when, times, side="right") - 1]


class WavesTest(RunTest):
    def setUp(self):
        super().setUp()
        self.write_config(NOISY, RECORDED)
        self.run_config("run.toml", "-q", "-o", "run.h5")

    def waves(self, *arguments):
        done = self.call("waves", "run.h5", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def check(self, text, samples, tolerance=0.0):
        values = parse_vcd(text)
        with h5py.File(self.path("run.h5"), "r") as f:
            probes = f["probes"]
            inside = np.isin(probes["sample"][()], samples)
            times = np.rint(probes["time"][()][inside] * 1e12).astype(np.int64)
            changes = set().union(*values.values())
            self.assertTrue(changes <= set(times.tolist()))
            self.assertEqual(min(changes), times[0])
            compared = 0

            def visit(name, data):
                nonlocal compared
                if not isinstance(data, h5py.Dataset) or data.maxshape[:1] != (None,):
                    return
                if data.name.count("/") < 3 or name.startswith("samples/"):
                    return
                rows = data[()][inside].reshape(len(times), -1)
                for k in range(rows.shape[1]):
                    path = name if data.ndim == 1 else "%s[%d]" % (name, k)
                    found = at(values[path], times)
                    if rows.dtype.kind == "f":
                        found = np.array([float(v) for v in found])
                        np.testing.assert_allclose(
                            found, rows[:, k], rtol=tolerance, atol=0, err_msg=path
                        )
                    else:
                        found = np.array([int(v, 2) for v in found])
                        np.testing.assert_array_equal(found, rows[:, k], err_msg=path)
                    compared += 1

            probes.visititems(visit)
            self.assertEqual(compared, 12 + 3 * 12 + (13 + 8) + (9 + 4))
            phase = probes["controller/phase"][()][inside]
        names = [
            int(v, 2).to_bytes(8, "big").strip(b"\0").decode()
            for v in at(values["controller/phase_name"], times)
        ]
        self.assertEqual({n for n, p in zip(names, phase) if p == 2}, {"FREE"})
        self.assertEqual({n for n, p in zip(names, phase) if p == 8}, {"UPDATE"})

    def test_all_samples(self):
        self.waves("-o", "run.vcd")
        with open(self.path("run.vcd")) as f:
            self.check(f.read(), [0, 3, 40])

    def test_some_samples_and_probes(self):
        self.waves("-o", "run.vcd", "--sample", "40", "--sample", "3")
        with open(self.path("run.vcd")) as f:
            self.check(f.read(), [3, 40])
        self.waves("-o", "few.vcd", "--probe", "layer2/neurons/v", "--probe", "controller/ph*")
        with open(self.path("few.vcd")) as f:
            names = sorted(parse_vcd(f.read()))
        self.assertEqual(
            names,
            ["controller/phase", "controller/phase_name"]
            + ["layer2/neurons/v[%d]" % k for k in range(4)],
        )

    def test_samples_that_ended_before_the_window(self):
        """They have no rows; the sample behind one of them begins where it would have begun."""
        with h5py.File(self.path("run.h5"), "r") as f:
            cycles = f["training/update/cycles"][()]
        order = np.argsort(cycles)
        short, long = int(order[0]), int(order[-1])
        first = int(cycles[short]) + 1
        self.assertGreater(cycles[long], first)
        self.write_config(NOISY, RECORDED, {"output": {"window": [first, 10**6]}})
        self.run_config("run.toml", "-q", "-o", "run.h5", "--set", "output.sample_every=1")
        with h5py.File(self.path("run.h5"), "r") as f:
            rows = f["probes/samples/rows"][()]
            self.assertEqual(rows[short], 0)
            self.assertGreater(rows[long], 0)
        self.waves("-o", "run.vcd")
        with open(self.path("run.vcd")) as f:
            self.check_times(f.read())

    def check_times(self, text):
        """Nothing that is recorded is left out."""
        seen = set().union(*parse_vcd(text).values())
        with h5py.File(self.path("run.h5"), "r") as f:
            first, rows = f["probes/samples/first_row"][()], f["probes/samples/rows"][()]
            times = np.rint(f["probes/time"][()] * 1e12).astype(np.int64)
        for a, n in zip(first, rows):
            if n > 1:
                self.assertTrue(seen & set(times[a : a + n].tolist()), "a sample is missing")

    @unittest.skipUnless(shutil.which("vcd2fst") and shutil.which("fst2vcd"), "no gtkwave here")
    def test_fst(self):
        self.waves("-o", "run.fst", "--sample", "3")
        back = subprocess.run(
            ["fst2vcd", self.path("run.fst")], capture_output=True, text=True, check=True
        )
        self.check(back.stdout, [3], tolerance=1e-15)  # fst2vcd prints 16 digits
        self.assertEqual(sorted(n for n in os.listdir(self.folder) if "run.fst" in n), ["run.fst"])

    def test_what_cannot_be_done(self):
        for arguments, says in (
            (("-o", "run.vcd", "--sample", "5"), ["0, 3, 40", "5"]),
            (("-o", "run.vcd", "--sample", "99999999999999999999"), ["--sample", "99999999999999999999"]),
            (("-o", "run.vcd", "--sample=-1"), ["--sample", "-1"]),
            (("-o", "run.vcd", "--sample", "3x"), ["--sample", "3x"]),
            (("-o", "run.vcd", "--probe", "layer1/neurons/w"), ["layer1/neurons/"]),
            (("-o", "run.txt"), [".vcd", "run.txt"]),
            (("-o", "none/run.vcd"), ["none/run.vcd"]),
        ):
            done = self.call("waves", "run.h5", *arguments)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1)
            for part in says:
                self.assertIn(part, done.stderr)
        if shutil.which("vcd2fst"):
            done = self.call("waves", "run.h5", "-o", "none/run.fst")
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(" none/run.fst: cannot", done.stderr)
            self.assertNotIn(".vcd", done.stderr)
        done = self.call("waves", "run.h5", "-o", "run.fst", env={"PATH": "/nowhere"})
        self.assertEqual(done.returncode, 2)
        self.assertIn("gtkwave", done.stderr)
        self.run_config("run.toml", "-q", "-o", "bare.h5", "--set", "output.samples=[]")
        done = self.call("waves", "bare.h5", "-o", "run.vcd")
        self.assertEqual(done.returncode, 2)
        self.assertIn("output.samples", done.stderr)
        self.assertEqual([n for n in os.listdir(self.folder) if n.endswith(("vcd", "fst"))], [])


if __name__ == "__main__":
    main()
