"""memprop devices and memprop fit-device: pictures, the reader of measured curves, the file they
write, and a run with it. Data come from a simulation of their own.

    device_command_test.py MEMPROP
"""

import os
import random
import subprocess
import sys
import tempfile
import unittest

MEMPROP = sys.argv[1]
NET = """[data]
name = "files"
train_inputs = "points.csv"
test_on_train = true
[network]
layers = [4, 3, 2]
"""
STEP, LOW, HIGH = 0.02, 1e-6, 6e-6  # of the simulated devices: step of w, window [S]


def soft_bounds(device, pulses=120, noise=0.3, read=2e-9):
    """(pulse, polarity, conductance) of up, down, up, down: dw = STEP (1 -+ w) with cycle noise."""
    draw, w, rows = random.Random(f"device {device}"), 0.0, []

    def see():
        return LOW + (w + 1) / 2 * (HIGH - LOW) + draw.gauss(0, read)

    rows.append((0, "none", see()))
    for half in range(4):
        up = half % 2 == 0
        for k in range(1, pulses + 1):
            change = STEP * (1 - w) if up else -STEP * (1 + w)
            w = max(-1.0, min(1.0, w + change * (1 + noise * draw.gauss(0, 1))))
            rows.append((k, "up" if up else "down", see()))
    return rows


class DeviceCommands(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="memprop device ")
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name

    def write(self, name, text, encoding="utf-8"):
        with open(os.path.join(self.folder, name), "w", encoding=encoding) as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    def call(self, *arguments):
        return subprocess.run([MEMPROP, *arguments], cwd=self.folder, capture_output=True,
                              text=True, timeout=300, check=False)

    def good(self, *arguments):
        done = self.call(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def refused(self, *arguments):
        """The one sentence on stderr."""
        before = set(os.listdir(self.folder))
        done = self.call(*arguments)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertEqual(set(os.listdir(self.folder)), before, "left something behind")
        return done.stderr

    def data(self, devices=2, header="pulse,polarity,conductance [uS],device", scale=1e6, sep=","):
        lines = [header]
        for device in range(devices):
            for pulse, polarity, g in soft_bounds(device):
                lines.append(sep.join([str(pulse), polarity, f"{g * scale:.9g}", f"d{device}"]))
        return "\n".join(lines) + "\n"

    def device(self, name="device.toml"):
        import tomllib
        return tomllib.loads(self.read(name))["chip"]["device"]

    def fit(self, text, name="data.csv", *options):
        self.write(name, text)
        return self.good("fit-device", name, "-o", "device.toml", "--model", "soft-bounds", *options)

    def test_fit_finds_the_device(self):
        said = self.fit(self.data(devices=3), "data.csv", "--residuals", "residuals.csv",
                        "--set-voltage", "1.8 V", "--pulse-width", "50 ns")
        device = self.device()
        self.assertEqual(device["model"], "soft-bounds")
        g_min, g_max = (float(device[k].split()[0]) for k in ("g_min", "g_max"))
        # The window lies in the unit that each value names.
        units = {"uS": 1e-6, "nS": 1e-9, "S": 1.0, "mS": 1e-3}
        g_min *= units[device["g_min"].split()[1]]
        g_max *= units[device["g_max"].split()[1]]
        per_state = (g_max - g_min) / (device["w_max"] - device["w_min"])
        # The step at the middle of the window, whatever states the fit has called it.
        self.assertAlmostEqual(device["step"] * per_state / (STEP * (HIGH - LOW) / 2), 1.0, delta=0.1)
        self.assertAlmostEqual(device["cycle_noise"], 0.3, delta=0.06)
        self.assertEqual(device["set_voltage"], "1.8 V")
        self.assertEqual(device["pulse_width"], "50 ns")
        self.assertIn("95 %", said)
        residuals = self.read("residuals.csv").splitlines()
        self.assertEqual(len(residuals) - 1, 3 * 481)

    def test_a_run_uses_the_file(self):
        self.fit(self.data())
        self.write("points.csv", "0.1,0.2,0.3,0.4,0\n0.9,0.8,0.7,0.6,1\n")
        self.write("run.toml", NET)
        self.good("validate", "run.toml", "--set", "chip.device.file=device.toml")
        self.write("inside.toml", NET + "[chip.device]\nfile = \"device.toml\"\n")
        self.good("validate", "inside.toml")
        self.assertIn("missing.toml", self.refused("validate", "run.toml", "--set",
                                                   "chip.device.file=missing.toml"))

    def test_spellings_of_the_same_data(self):
        plain = self.fit(self.data())
        expected = self.device()
        again = [
            ("semicolons", self.data(header="Pulse;Polarity;Conductance (uS);Device", sep=";")),
            ("tabs", self.data(header="pulse\tpolarity\tconductance [uS]\tdevice", sep="\t")),
            ("micro", self.data(header="pulse,polarity,conductance [\u00b5S],device")),
            ("siemens", self.data(header="pulse,polarity,conductance [S],device", scale=1.0)),
            ("comments", "# measured at 300 K\n\n" + self.data()),
            ("mark", "\ufeff" + self.data()),
            ("returns", self.data().replace("\n", "\r\n")),
            ("words", self.data().replace("up", "SET").replace("down", "reset")),
            ("signs", self.data().replace("up", "+1").replace("down", "-1").replace("none", "0")),
        ]
        for name, text in again:
            with self.subTest(name):
                self.fit(text, f"{name}.csv")
                found = self.device()
                self.assertEqual(found.keys(), expected.keys())
                for key, value in expected.items():
                    if isinstance(value, float):
                        self.assertAlmostEqual(found[key], value, delta=1e-5 * abs(value) + 1e-12)
        self.assertIn("soft-bounds", plain)

    def test_what_is_no_such_data(self):
        head = "pulse,polarity,conductance [uS]\n"
        for name, text, words in [
            ("empty", "", ["expected", "pulse"]),
            ("header only", head, ["expected", "rows"]),
            ("no unit", "pulse,polarity,conductance\n1,up,2\n", ["unit", "conductance"]),
            ("wrong unit", "pulse,polarity,conductance [V]\n1,up,2\n", ["unit"]),
            ("voltage against time", "time [s],voltage [V]\n0,1\n", ["pulse"]),
            ("missing value", head + "1,up\n", [":2:", "3 values", "2"]),
            ("text", head + "1,up,high\n", [":2:", "conductance", "high"]),
            ("negative", head + "1,up,-2\n", [":2:", "-2"]),
            ("infinite", head + "1,up,inf\n", [":2:", "inf"]),
            ("polarity", head + "1,sideways,2\n", [":2:", "polarity", "sideways"]),
            ("half a pulse", head + "0.5,up,2\n", [":2:", "pulse", "0.5"]),
            ("twice", "pulse,pulse,polarity,conductance [uS]\n", [":1:", "once"]),
            ("wrong way", head + "".join(f"{k},up,{9 - 0.1 * k}\n" for k in range(1, 40))
             + "".join(f"{k},down,{5 + 0.1 * k}\n" for k in range(1, 40)), ["polarity"]),
        ]:
            with self.subTest(name):
                self.write("bad.csv", text)
                message = self.refused("fit-device", "bad.csv", "-o", "device.toml")
                self.assertIn("bad.csv", message)
                for word in words:
                    self.assertIn(word, message)
        self.write("data.csv", self.data(devices=1))
        self.assertIn("--model", self.refused("fit-device", "data.csv", "-o", "x.toml", "--model",
                                              "linear"))
        self.assertIn("--set-voltage", self.refused("fit-device", "data.csv", "-o", "x.toml",
                                                    "--set-voltage", "1 S"))

    def test_pictures(self):
        try:
            import matplotlib  # noqa: F401
        except ModuleNotFoundError:
            self.skipTest("no matplotlib")
        self.fit(self.data(), "data.csv", "--plot", "fit.png")
        self.good("devices", "reram-sb", "--plot", "pulses.png")
        self.good("devices", "vteam-default", "--plot", "loop.svg")
        import matplotlib.image
        for name in ("fit.png", "pulses.png"):
            pixels = matplotlib.image.imread(os.path.join(self.folder, name))
            self.assertGreater(min(pixels.shape[:2]), 300)
            self.assertGreater(float(pixels[..., :3].std()), 0.02)  # something is drawn
        drawn = self.read("loop.svg")
        self.assertIn("</svg>", drawn)

    def test_catalogue(self):
        listed = self.good("devices")
        for name in ("reram-sb", "jart-vcm-v1b", "stanford-rram", "neurosim-ideal"):
            self.assertIn(name, listed)
            self.assertIn(name, self.good("devices", name))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
