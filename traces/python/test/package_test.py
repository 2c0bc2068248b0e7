"""The package can be installed with pip from the tree, without network, and works from there.

    package_test.py MEMPROP
"""

import os
import shutil
import subprocess
import sys

import synthetic_trace
from runs import HERE, PackageTest, main


class PackagingTest(PackageTest):
    def test_pip_installs_it_from_the_tree(self):
        tree = self.path("tree")  # pip builds beside the sources
        shutil.copytree(os.path.dirname(HERE), tree,
                        ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
        target = self.path("installed")
        done = subprocess.run(
            [sys.executable, "-m", "pip", "install", "--no-build-isolation", "--no-deps",
             "--no-index", "--quiet", "--target", target, tree],
            capture_output=True, text=True, timeout=250)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        have = set()
        for folder, _, names in os.walk(os.path.join(target, "memprop")):
            have.update(os.path.relpath(os.path.join(folder, n), target) for n in names)
        wanted = set()
        for folder, _, names in os.walk(os.path.join(tree, "memprop")):
            wanted.update(os.path.relpath(os.path.join(folder, n), tree) for n in names
                          if not n.endswith(".pyc"))
        self.assertEqual(wanted - have, set())
        synthetic_trace.write(self.path("run.h5"))
        code = ("import memprop; print(memprop.__file__); "
                "print(memprop.open('run.h5').summary().accuracy); "
                "page = memprop.report.render([memprop.open('run.h5')]); print(len(page) > 1e5)")
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        done = subprocess.run([sys.executable, "-B", "-c", code], cwd=self.folder, text=True,
                              env=dict(environment, PYTHONPATH=target), capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        where, accuracy, large = done.stdout.split()
        self.assertTrue(where.startswith(target))
        self.assertEqual((accuracy, large), ("0.8", "True"))

    def test_versions_agree(self):
        import tomllib

        import memprop

        with open(os.path.join(os.path.dirname(HERE), "pyproject.toml"), "rb") as file:
            project = tomllib.load(file)["project"]
        self.assertEqual(project["version"], memprop.__version__)
        done = self.call("--version")
        self.assertEqual(done.stdout.split()[-1], memprop.__version__)


if __name__ == "__main__":
    main()
