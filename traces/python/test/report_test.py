"""Reports: of runs of every shape, as pages, and what the command says when something is wrong.

    report_test.py MEMPROP
"""

import os
import re
import subprocess
import unittest

import h5py
import memprop
import numpy as np
from memprop import plots, report
from memprop.plots import style

import page_checks
import synthetic_trace
from runs import EVERYTHING, PackageTest, main, merged

SHAPES = {
    "one layer": dict(layers=(12, 4), reference_pair=True),
    "ten layers": dict(layers=(12, *[8] * 9, 4), ablation=True, recorded=(0, 120)),
    "one epoch": dict(epochs=1, samples=3000, block=100, recorded=(0,)),
    "hundred epochs": dict(epochs=100, samples=50, block=100, references=False),
    "not a number": dict(nan=True, samples=3000),
    "ideal": dict(fidelity="ideal", epochs=10),
    "huge layer": dict(layers=(784, 1500, 10), samples=50),
    "not finished": dict(finished=False),
    "nothing yet": dict(finished=False, samples=0, recorded=()),
    "<b>&\"'": dict(warnings=["a < b & c", "<script>alert(1)</script>"], layers=(3, 2)),
}
SECTIONS = ["summary", "notices", "learning", "alignment", "relaxation", "settling", "conductances",
            "pulses", "cost", "imperfections", "configuration"]


def sections_of(html):
    return re.findall(r'<section id="([\w-]+)"', html)


class ShapeTest(PackageTest):
    def check(self, html):
        self.assertEqual(page_checks.problems(html), [])
        self.assertLess(len(html.encode()), 10e6)

    def test_every_shape(self):
        for name, shape in SHAPES.items():
            with self.subTest(name):
                path = self.path("shape.h5")
                shape = {"recorded": (0,), **shape}
                synthetic_trace.write(path, name=name.replace('"', "'"), **shape)
                html = report.render([memprop.open(path)])
                self.check(html)
                self.assertNotIn("<script", html)
                shown = sections_of(html)
                for section in ("summary", "learning", "configuration"):
                    self.assertIn(section, shown)
                if name == "ten layers":
                    self.assertEqual(shown, SECTIONS)
                if name == "ideal":
                    self.assertIn("left-out", shown)
                    self.assertNotIn("conductances", shown)
                    self.assertIn("set monitor.gradient_every", html)
                if name == "not finished":
                    self.assertIn("The run is not finished: 400 training samples", html)
                if name == "nothing yet":
                    self.assertIn("No clock cycles were counted yet", html)

    def test_several_runs(self):
        paths = []
        for k in range(7):
            paths.append(self.path(f"run{k}.h5"))
            synthetic_trace.write(paths[-1], name="same name", seed=k, samples=60,
                                  layers=(12, 8, 4) if k < 6 else (12, 4),
                                  fidelity="ideal" if k == 5 else "cycle")
        html = report.render([memprop.open(path) for path in paths])
        self.check(html)
        self.assertIn("7 runs", html)
        for k in range(7):
            self.assertIn(f'<th scope="row">run{k}</th>', html)
        self.assertIn("1 more run is not shown singly", html)
        self.assertIn("network.layers", html)

    def test_figures_of_the_summary_are_those_of_the_run(self):
        path = self.record(EVERYTHING)
        run = memprop.open(path)
        html = report.render([run])
        self.check(html)
        s = run.summary()
        for share in (s.accuracy, s.accuracy_ideal, s.accuracy_backprop):
            self.assertIn("<td>%.2f\u00a0%%</td>" % (100 * share), html)
        self.assertIn(">%d<" % (s.cycles / s.training_samples) if s.cycles % s.training_samples == 0
                      else "clock cycles per training sample", html)
        self.assertEqual(sections_of(html), SECTIONS[:-2] + ["left-out", "configuration"])
        # The whole configuration is there, escaped.
        self.assertIn('fidelity = &#34;cycle&#34;', html)
        # The same run gives the same page.
        self.assertEqual(html, report.render([run]))

    def test_a_file_of_version_1(self):
        path = self.path("old.h5")
        synthetic_trace.write(path, recorded=())
        with h5py.File(path, "r+") as file:
            file.attrs["format_version"] = 1
            for name in ("probes", "devices", "training/update", "compare/cycle", "events/log"):
                del file[name]
            for number in (0, 7):
                group = file.create_group(f"probes/sample{number}")
                group.attrs.update(adc_lsb_v=1e-4, voltage_scale_v=0.1, clock_s=1e-8)
                group["time"] = np.arange(50) * 1e-8
                group["time"].make_scale("time")
                group["layer1/neurons/neuron"] = np.arange(8)
                group["layer1/neurons/neuron"].make_scale("neuron")
                v = group.create_dataset("layer1/neurons/v",
                                         data=number + np.arange(400.0).reshape(50, 8))
                v.dims[0].attach_scale(group["time"])
                v.dims[1].attach_scale(group["layer1/neurons/neuron"])
                group["controller/codes/free"] = np.arange(12, dtype=np.int32)
            for when in ("initial", "final"):
                file[f"devices/tile1/conductance_difference_{when}"] = np.ones((8, 12)) * 1e-6
        run = memprop.open(path)
        self.assertEqual((run.version, run.probe_samples()), (1, [0, 7]))
        self.assertEqual(run.probes(), ["layer1/neurons/v", "samples/codes/free"])
        v = run.array("layer1/neurons/v", sample=7, cycle=slice(3, 4), neuron=2)
        np.testing.assert_array_equal(v.values, [7 + 26, 7 + 34])
        self.assertEqual(run.array("layer1/neurons/v").shape, (100, 8))
        self.assertEqual(run.array("samples/codes/free", sample=7).shape, (12,))
        self.check(report.render([run]))


class CommandTest(PackageTest):
    def report(self, *arguments, **environment):
        return self.call("report", *arguments, env=dict(os.environ, **environment))

    def test_report_of_the_command(self):
        self.record(EVERYTHING)
        done = self.report("run.h5", "-o", "report.html")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        with open(self.path("report.html"), encoding="utf-8") as file:
            self.assertEqual(page_checks.problems(file.read()), [])
        self.assertEqual(sorted(n for n in os.listdir(self.folder) if "report" in n),
                         ["report.html"])

    def refuses(self, code, done, *words):
        self.assertEqual(done.returncode, code, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        self.assertFalse(os.path.exists(self.path("r.html")))

    def test_wrong_input(self):
        self.refuses(2, self.report("nothing.h5", "-o", "r.html"), "nothing.h5", "found nothing")
        with open(self.path("text.h5"), "w") as file:
            file.write("hello")
        self.refuses(2, self.report("text.h5", "-o", "r.html"), "text.h5", "not HDF5")
        self.record(EVERYTHING)
        self.refuses(2, self.report("run.h5", "-o", "no/r.html"), "no/r.html", "no folder")
        self.refuses(2, self.report("run.h5", "-o", "."), "found a folder")
        self.refuses(2, self.report("run.h5", "-o", "run.h5"), "replace the trace")
        self.refuses(2, self.report("run.h5"), "--output")
        self.assertTrue(memprop.open(self.path("run.h5")).summary().finished)

    def test_a_folder_of_runs(self):
        os.mkdir(self.path("empty"))
        self.refuses(2, self.report("empty", "-o", "r.html"), "empty: expected a folder with traces")
        os.mkdir(self.path("runs"))
        for name in ("b", "a"):
            synthetic_trace.write(self.path(f"runs/{name}.h5"), name=f"run {name}", layers=(3, 2))
        with h5py.File(self.path("runs/other.h5"), "w") as file:
            file["x"] = 1
        with open(self.path("runs/notes.txt"), "w") as file:
            file.write("not a trace")
        done = self.report("runs", "-o", "r.html")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("passed over: runs/other.h5", done.stderr)
        with open(self.path("r.html")) as file:
            html = file.read()
        self.assertEqual(page_checks.problems(html), [])
        self.assertLess(html.index("run a"), html.index("run b"))

    def test_no_interpreter_and_no_modules(self):
        self.record(EVERYTHING)
        self.refuses(1, self.report("run.h5", "-o", "r.html", MEMPROP_PYTHON="/no/python"),
                     "/no/python", "python3-h5py", "MEMPROP_PYTHON")
        bare = self.path("bare")
        with open(bare, "w") as file:
            file.write('#!/bin/sh\nexec /usr/bin/python3 -S "$@"\n')
        os.chmod(bare, 0o755)
        self.refuses(1, self.report("run.h5", "-o", "r.html", MEMPROP_PYTHON=bare),
                     "h5py", "python3-jinja2", "MEMPROP_PYTHON")


class StyleTest(unittest.TestCase):
    def test_contrast_of_pictures(self):
        self.assertAlmostEqual(page_checks.contrast("#000000", "#ffffff"), 21)
        self.assertAlmostEqual(page_checks.contrast("#777777", "#ffffff"), 4.478, places=3)
        for colour, _, _ in style.LINES:
            self.assertGreaterEqual(page_checks.contrast(colour, "#FFFFFF"), 2.95, colour)
        from memprop.plots import phases

        for ground in ["#FFFFFF", *[shade for _, shade in phases._SHADES.values()]]:
            for colour in (style.TEXT, style.GREY):
                self.assertGreaterEqual(page_checks.contrast(colour, ground), 4.5)
        # No two curves differ in colour alone.
        self.assertEqual(len({str(dashes) for _, dashes, _ in style.LINES}), len(style.LINES))
        self.assertEqual(len({hatch for _, hatch in style.FILLS}), len(style.FILLS))

    def test_smooth(self):
        nan = np.nan
        np.testing.assert_allclose(style.smooth([1, nan, 3, nan, nan, nan], 3)[:4],
                                   [1, 2, 3, 3])
        self.assertTrue(np.isnan(style.smooth([1, nan, nan, nan], 3)[-1]))
        np.testing.assert_array_equal(style.smooth([1, 2, 3], 1), [1, 2, 3])

    def test_checks_find_faults(self):
        good = ('<!DOCTYPE html><html lang="en"><head><title>t</title><style>'
                ":root{--text:#000000;--quiet:#555555;--link:#005a92;--ground:#ffffff;"
                "--band:#f3f5f7}:focus-visible{}@media print{}</style></head><body><nav></nav>"
                "<main><h1>a</h1>%s</main></body></html>")
        self.assertEqual(page_checks.problems(good % ""), [])
        for fault in ("<h3>skips</h3>", '<figure><img src="x.png" alt=""></figure>',
                      "<table><caption>c</caption><tr><th>x</th></tr></table>", "<p>",
                      '<a href="#gone">x</a>', '<a href="https://example.com">x</a>',
                      "<script></script>", "<b></i>", '<p id="a"></p><p id="a"></p>'):
            self.assertNotEqual(page_checks.problems(good % fault), [], fault)
        pale = (good % "").replace("#555555", "#999999")
        self.assertNotEqual(page_checks.problems(pale), [])


if __name__ == "__main__":
    main()
