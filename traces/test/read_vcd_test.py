"""A VCD is read back by a reader that shares no code with the writer, directly and after a round trip
through the packaged converters vcd2fst and fst2vcd.

Usage: read_vcd_test.py WRITE_SAMPLE_VCD.
"""
import math
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

WRITER = sys.argv.pop(1)


class Vcd:
    """Variables by path, each a list of (time in ps, value); the times of all stamps."""

    def __init__(self, text):
        tokens = iter(text.split())
        self.variables, self.types, self.stamps, self.initial = {}, {}, [], set()
        codes, scope, now = {}, [], 0
        in_dump = False

        def section():
            words = []
            for word in tokens:
                if word == "$end":
                    return words
                words.append(word)

        for token in tokens:
            if token == "$timescale":
                self.timescale = "".join(section())
            elif token == "$scope":
                scope.append(section()[1])
            elif token == "$upscope":
                section()
                scope.pop()
            elif token == "$var":
                kind, width, code, *name = section()
                path = "/".join(scope + [name[0]])
                assert path not in self.variables, path
                self.variables[path] = codes.setdefault(code, [])
                self.types[path] = (kind, int(width))
            elif token == "$dumpvars":
                in_dump = True
            elif token == "$end":
                in_dump = False
            elif token.startswith("$"):
                section()
            elif token.startswith("#"):
                now = int(token[1:])
                assert not self.stamps or now > self.stamps[-1]
                self.stamps.append(now)
            else:
                if token[0] in "bB":
                    value, code = token[1:], next(tokens)
                    value = "x" if "x" in value else int(value, 2)
                elif token[0] in "rR":
                    value, code = float(token[1:]), next(tokens)
                else:
                    value, code = ("x" if token[0] == "x" else int(token[0])), token[1:]
                codes[code].append((now, value))
                if in_dump:
                    self.initial.add(code)
        self.codes = codes


def changes(pairs):
    """Without repetitions; NaN equals NaN."""
    out = []
    for time, value in pairs:
        if not out or repr(out[-1][1]) != repr(value):
            out.append((time, value))
    return out


def expected():
    t = [1000 + 10001 * k for k in range(1, 1001)]
    k = range(1, 1001)
    series = {
        "chip/controller/pins/busy": [(1000, 0)] + [(t[i - 1], i // 7 % 2) for i in k],
        "chip/controller/pins/row_en": [(1000, "x")] + [(t[i - 1], i * i % 65536) for i in k],
        "chip/wide": [(1000, 2**64 - 1), (t[-1], 2**63)],
        "chip/never": [(1000, "x")],
        "chip/layer1/neurons/v[3]": [(1000, 0.1)] + [(t[i - 1], math.sin(0.01 * (i // 3)))
                                                     for i in k],
        "chip/layer1/neurons/\\odd_name.x": [(1000, math.nan)] + [
            (t[i - 1], -5e-324 if i % 100 == 0 else 1.0 / 3.0) for i in k],
        "chip/layer1/neurons/none": [(1000, math.nan)],
        "top": [(1000, "x")] + [(t[i - 1], i & 1) for i in k],
    }
    for n in range(200):
        series[f"more/w{n}"] = [(1000, "x")] + [(t[i - 1], i // 200 % 2) for i in k
                                                if i % 200 == n]
    return {name: changes(pairs) for name, pairs in series.items()}


class ReadVcd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="memprop-")
        cls.path = os.path.join(cls.folder, "t.vcd")
        cls.said = subprocess.run([WRITER, cls.path], check=True, text=True,
                                  capture_output=True).stdout

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_every_change_and_nothing_else(self):
        with open(self.path, encoding="ascii") as file:
            vcd = Vcd(file.read())
        wanted = expected()
        self.assertEqual(vcd.timescale, "1ps")
        self.assertEqual(set(vcd.variables), set(wanted))
        self.assertEqual(vcd.types["chip/controller/pins/row_en"], ("wire", 32))
        self.assertEqual(vcd.types["chip/layer1/neurons/v[3]"], ("real", 64))
        self.assertEqual(vcd.initial, set(vcd.codes))  # every variable has an initial value
        for name, pairs in wanted.items():
            # Not one change more than there are.
            self.assertEqual(repr(vcd.variables[name]), repr(pairs), name)
        self.assertEqual((vcd.stamps[0], vcd.stamps[-1]), (1000, 20000000))
        count = sum(len(pairs) - 1 for pairs in wanted.values())
        self.assertEqual(self.said, f"{count} changes\n")

    def test_twice_the_same_bytes(self):
        again = os.path.join(self.folder, "again.vcd")
        subprocess.run([WRITER, again], check=True, capture_output=True)
        with open(self.path, "rb") as one, open(again, "rb") as other:
            self.assertEqual(one.read(), other.read())
        os.unlink(again)

    @unittest.skipIf(shutil.which("vcd2fst") is None or shutil.which("fst2vcd") is None,
                     "vcd2fst is not here")
    def test_through_fst_and_back(self):
        fst = os.path.join(self.folder, "t.fst")
        subprocess.run(["vcd2fst", self.path, fst], check=True, capture_output=True)
        back = subprocess.run(["fst2vcd", fst], check=True, text=True, capture_output=True).stdout
        os.unlink(fst)
        vcd = Vcd(back)
        wanted = expected()
        self.assertEqual(set(vcd.variables), set(wanted))
        for name, pairs in wanted.items():
            if name == "chip/layer1/neurons/\\odd_name.x" or name.endswith("none"):
                continue  # the printed form of NaN and of the smallest number is the converter's
            got = changes(vcd.variables[name])
            self.assertEqual([t for t, _ in got], [t for t, _ in pairs], name)
            for (_, a), (_, b) in zip(got, pairs):
                if isinstance(b, float):
                    self.assertAlmostEqual(a, b, delta=1e-14)
                else:
                    self.assertEqual(a, b, name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
