"""The blocks of docs/analysis.md work as printed: sh blocks as scripts, python blocks in one
session, in their order, in a scratch folder that looks like the project's.

    analysis_test.py MEMPROP
"""

import contextlib
import io
import os
import re
import subprocess
import sys

from runs import PROJECT, PackageTest, main

BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.M | re.S)


class AnalysisTest(PackageTest):
    def test_every_block(self):
        with open(os.path.join(PROJECT, "docs", "analysis.md"), encoding="utf-8") as file:
            text = file.read()
        blocks = BLOCK.findall(text)
        self.assertEqual(len(blocks), len(re.findall(r"^```\w", text, re.M)))
        self.assertGreater(sum(kind == "python" for kind, _ in blocks), 9)
        os.symlink(os.path.join(PROJECT, "examples"), self.path("examples"))
        environment = dict(os.environ, PATH=os.pathsep.join(
            [os.path.dirname(self.memprop), os.environ["PATH"]]))
        names, said = {}, io.StringIO()
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(self.folder)
        for number, (kind, code) in enumerate(blocks, 1):
            with self.subTest(block=number, code=code.splitlines()[0]):
                if kind == "sh":
                    done = subprocess.run(["bash", "-euo", "pipefail", "-c", code], env=environment,
                                          capture_output=True, text=True, timeout=600)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    continue
                with contextlib.redirect_stdout(said):
                    exec(compile(code, f"block {number}", "exec"), names)
        said = said.getvalue()
        sys.stdout.write(said)
        for figure in re.findall(r'savefig\("([^"]+)"\)', text):
            self.assertGreater(os.path.getsize(self.path(figure)), 4000, figure)
        # What the text says about the figures.
        for words in ('"layer2/neurons/v"', "% not settled, mean residual", "within 1 mV",
                      "layer 1: wanted 0.9", "nJ per sample", "% at a bound", "mean nothing",
                      "without ", "run.seed", "500 samples, finished"):
            self.assertIn(words, said)
        negative = float(re.search(r"negative +([\d.]+) %", said).group(1))
        free = float(re.search(r"free +([\d.]+) %", said).group(1))
        self.assertGreater(negative, 3 * free)
        first, last = map(int, re.search(r"update: (\d+) at first, (\d+) at last", said).groups())
        self.assertGreater(first, 1.3 * last)


if __name__ == "__main__":
    main()
