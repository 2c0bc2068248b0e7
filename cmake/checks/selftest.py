#!/usr/bin/env python3
"""The checks of this folder, checked: each finds what was planted for it and passes clean text."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import docs_commands
import docs_links
import docs_listings
import formatting
import include_direction
import no_machine_paths
import project_files
import shell_scripts


class WithProject(unittest.TestCase):
    """A project of a few files in an own folder whose name has a space."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="memprop check ")
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)

    def write(self, path, text, mode=None):
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text, encoding="utf-8")
        if mode:
            full.chmod(mode)


class IncludeDirection(WithProject):
    def setUp(self):
        super().setUp()
        self.write("solvers/error.hpp", "#pragma once\n#include <string>\n")
        self.write("solvers/ode/stepper.cpp", '#include "solvers/error.hpp"\n'
                   "#include <boost/numeric/odeint.hpp>\n")
        self.write("analog/tile.cpp", '#include "solvers/error.hpp"\n#include <Eigen/Dense>\n')
        self.write("hw_models/chip.hpp", '#include <systemc>\n#include "digital/a.hpp"\n')
        self.write("digital/a.hpp", "#pragma once\n")
        self.write("digital/test/a_test.cpp", "#include <systemc>\n")
        self.write("traces/hdf5/internal/handle.hpp", "#include <hdf5.h>\n")
        self.write("cli/config/reader.cpp", "#include <toml++/toml.h>\n")
        self.write("cli/main.cpp", '#include <systemc>\n#include "testbenches/run.hpp"\n'
                   '#include "hw_models/chip.hpp"\n')
        self.write("testbenches/run.hpp", '#include "traces/file.hpp"\n#include <systemc>\n')

    def problems(self):
        return include_direction.check(self.root)[0]

    def expect(self, path, text, *said):
        self.write(path, text)
        found = self.problems()
        self.assertEqual(len(found), 1, found)
        for part in said:
            self.assertIn(part, found[0])

    def test_clean_project_passes(self):
        self.assertEqual(self.problems(), [])

    def test_upward_include(self):
        self.expect("solvers/ode/bad.cpp", '#include <a>\n#include "analog/tile.hpp"\n',
                    "solvers/ode/bad.cpp:2", "solvers/ must not know analog/")

    def test_upward_include_of_every_pair(self):
        for low_at, low in enumerate(project_files.FOLDERS):
            for high in project_files.FOLDERS[low_at + 1:]:
                self.write(f"{low}/bad.cpp", f'#include "{high}/x.hpp"\n')
                self.assertIn(f"{low}/ must not know {high}/", "\n".join(self.problems()))
                (self.root / low / "bad.cpp").unlink()

    def test_tests_keep_the_direction_too(self):
        self.expect("learning/test/bad_test.cpp", '#include "traces/file.hpp"\n',
                    "learning/ must not know traces/")

    def test_neighbour_that_must_not_be_known(self):
        self.expect("learning/bad.cpp", '#include "analog/tile.hpp"\n', "must not know analog/")
        self.expect("learning/bad.cpp", '  #  include "digital/a.hpp"\n', "must not know digital/")

    def test_angle_brackets(self):
        self.expect("analog/bad.cpp", "#include <solvers/error.hpp>\n", "is a project header")

    def test_relative_name(self):
        self.expect("digital/bad.cpp", '#include "a.hpp"\n', "not named from the root")

    def test_comments_do_not_count(self):
        self.write("solvers/fine.cpp", '// #include "cli/x.hpp"\n/*\n#include "cli/x.hpp"\n*/\n')
        self.assertEqual(self.problems(), [])

    def test_systemc(self):
        self.expect("analog/bad.cpp", "#include <systemc>\n", "analog/bad.cpp:1", "SystemC")
        self.expect("analog/bad.cpp", "#include <systemc.h>\n", "SystemC")
        self.expect("analog/bad.cpp", "#include <tlm_utils/simple_target_socket.h>\n", "SystemC")
        self.expect("analog/bad.cpp", "#include <sysc/kernel/sc_time.h>\n", "SystemC")

    def test_hdf5(self):
        self.expect("learning/bad.cpp", '#include "hdf5.h"\n', "HDF5")
        (self.root / "learning/bad.cpp").unlink()
        self.expect("traces/bad.hpp", "#include <H5Dpublic.h>\n", "HDF5", "no public header")

    def test_toml(self):
        self.expect("cli/main2.cpp", "#include <toml++/toml.hpp>\n", "toml++")
        (self.root / "cli/main2.cpp").unlink()
        self.expect("cli/config/bad.hpp", "#include <toml++/toml.h>\n", "toml++")

    def test_heavy_libraries_in_public_headers(self):
        self.expect("analog/bad.hpp", "#include <Eigen/Core>\n", "Eigen")
        self.expect("analog/bad.hpp", "#include <boost/version.hpp>\n", "Boost")
        self.write("analog/bad.hpp", "")
        self.write("analog/internal/fine.hpp", "#include <Eigen/Core>\n")
        self.write("analog/test/fine.hpp", "#include <Eigen/Core>\n")
        self.assertEqual(self.problems(), [])

    def test_public_header_includes_public_headers_only(self):
        self.expect("analog/bad.hpp", '#include "analog/internal/kernel.hpp"\n', "not installed")
        self.expect("analog/bad.hpp", '#include "analog/test/kernel.hpp"\n', "not installed")
        (self.root / "analog/bad.hpp").unlink()
        self.expect("traces/bad.hpp", '#include "traces/hdf5/handle.hpp"\n', "not installed")
        self.write("traces/bad.hpp", "")
        self.write("traces/hdf5/fine.hpp", '#include <hdf5.h>\n#include "traces/hdf5/x.hpp"\n')
        self.write("analog/fine.cpp", '#include "analog/internal/kernel.hpp"\n')
        self.assertEqual(self.problems(), [])

    def test_circle(self):
        self.write("analog/one.hpp", '#include "analog/two.hpp"\n')
        self.write("analog/two.hpp", '#include "analog/three.hpp"\n')
        self.expect("analog/three.hpp", '#include "analog/one.hpp"\n', "circle", "analog/two.hpp")

    def test_command_fails_and_passes(self):
        def command():
            return subprocess.run([sys.executable, "-B", include_direction.__file__, self.root],
                                  capture_output=True, text=True, check=False)
        self.assertEqual(command().returncode, 0)
        self.write("solvers/bad.cpp", '#include "cli/main.hpp"\n')
        self.assertEqual(command().returncode, 1)
        self.assertIn("solvers/bad.cpp:1", command().stdout)

    def test_empty_folder_fails(self):
        with tempfile.TemporaryDirectory() as empty:
            run = subprocess.run([sys.executable, "-B", include_direction.__file__, empty],
                                 capture_output=True, check=False)
        self.assertEqual(run.returncode, 1)


class NoMachinePaths(WithProject):
    def problems(self):
        return no_machine_paths.check(self.root)[0]

    def test_clean_text_passes(self):
        self.write("README.md", "See work/notes, /usr/bin/python3, build/work/x, the root / folder\n"
                   "$HOME/home/x and version 10.20676/00000341, 1.2.3.4\n")
        self.assertEqual(self.problems(), [])

    def test_planted(self):
        for planted in ("/wo" + "rk/main/x", "x=/ro" + "ot/.cache", '"/ho' + 'me/me/y"',
                        "https://py" + "pi.org/simple", "http://deb" + ".debian.org/debian",
                        "cr" + "ates.io", "cp -r .." + "/shared/data", "10.0" + ".12.7",
                        "/tm" + "p/build-x/y"):
            self.write("docs/a.md", "fine\n" + planted + "\n")
            found = self.problems()
            self.assertEqual(len(found), 1, f"{planted}: {found}")
            self.assertIn("docs/a.md:2", found[0])

    def test_one_file_may_look_beside_the_project(self):
        self.write(".ci/run", "ls .." + "/shared/data\n")
        self.assertEqual(self.problems(), [])

    def test_binary_files_are_left_out(self):
        (self.root / "x.bin").write_bytes(b"\0/wo" + b"rk/x")
        self.assertEqual(self.problems(), [])


class DocsCommands(WithProject):
    def run_docs(self):
        command = [sys.executable, "-B", docs_commands.__file__, "--source", self.root,
                   "--scratch", self.root / "build" / "docs", "--path", self.root / "bin"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_runs_with_the_programs_of_the_build(self):
        self.write("bin/memprop", "#!/bin/sh\necho $1 > made.txt\n", 0o755)
        self.write("examples/a.toml", "a = 1\n")
        self.write("README.md", "text\n```sh\nmemprop run\ntest -f examples/a.toml\n```\n"
                   "```sh\ngrep run made.txt   # same folder\n```\n")
        run = self.run_docs()
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertIn("2 blocks run, 0 failed, 0 left out", run.stdout)
        self.assertFalse((self.root / "made.txt").exists(), "the source tree was written to")

    def test_failing_command_fails(self):
        for script in ("false", "false; true", "no-such-program", "false | cat", "echo $UNSET_NAME"):
            self.write("README.md", f"```sh\n{script}\n```\n")
            run = self.run_docs()
            self.assertEqual(run.returncode, 1, script)
            self.assertIn("FAILED    README.md:1", run.stdout)

    def test_blocks_of_docs_run_too(self):
        self.write("README.md", "```sh\ntrue\n```\n")
        self.write("docs/config.md", "1. In a list\n\n   ```sh\n   false\n   ```\n")
        run = self.run_docs()
        self.assertEqual(run.returncode, 1)
        self.assertIn("FAILED    docs/config.md:3", run.stdout)

    def test_left_out_with_reason_only(self):
        self.write("README.md", "```sh\ntrue\n```\n<!-- not run: takes an hour -->\n"
                   "```sh\nfalse\n```\n```python\nnot sh\n```\n")
        run = self.run_docs()
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertIn("left out  README.md:5: takes an hour", run.stdout)
        self.write("README.md", "<!-- not run: -->\n```sh\ntrue\n```\n")
        self.assertEqual(self.run_docs().returncode, 1)

    def test_note_belongs_to_the_next_block_only(self):
        self.write("README.md", "<!-- not run: slow -->\n```sh\nfalse\n```\n\n```sh\nfalse\n```\n")
        self.assertIn("1 blocks run, 1 failed, 1 left out", self.run_docs().stdout)

    def test_time_limit(self):
        self.write("README.md", "<!-- at most 1 s -->\n```sh\nsleep 30\n```\n")
        run = self.run_docs()
        self.assertEqual(run.returncode, 1)
        self.assertIn("not finished after 1 s", run.stdout)

    def test_nothing_run_fails(self):
        self.write("README.md", "no commands\n")
        self.assertEqual(self.run_docs().returncode, 1)

    def test_open_block_fails(self):
        self.write("README.md", "```sh\ntrue\n")
        self.assertEqual(self.run_docs().returncode, 1)


class DocsLinks(WithProject):
    def test_planted(self):
        self.write("docs/a.md", "# One Two\n[x](../README.md#start-here) [y](#one-two)\n"
                   "```\n[not](a-link)\n```\n[z](https://example.org/none)\n")
        self.write("README.md", "## Start, here\n[a](docs/a.md) [folder](docs)\n")
        self.assertEqual(docs_links.check(self.root), ([], 4))
        self.write("README.md", "## Start\n[a](docs/b.md)\n")
        found = docs_links.check(self.root)[0]
        self.assertEqual(len(found), 2, found)
        self.assertIn("README.md: no such file: docs/b.md", found)


class DocsListings(WithProject):
    def test_planted(self):
        self.write("examples/main.cpp", "int f() {\n  if (a) {\n    b();\n  }\n}\n")
        said = "<!-- from examples/main.cpp -->\n```cpp\n"
        self.write("docs/a.md", said + "if (a) {\n  b();\n}\n```\n" + "```cpp\nfree();\n```\n")
        self.assertEqual(docs_listings.check(self.root), ([], 1))
        self.write("docs/b.md", said + "if (a) {\n  c();\n}\n```\n")
        self.write("docs/c.md", said.replace("main.cpp", "gone.cpp") + "b();\n```\n")
        self.write("docs/d.md", "<!-- from examples/main.cpp -->\ntext\n")
        self.assertEqual(docs_listings.check(self.root)[0],
                         ["docs/b.md:1: the listing is not a part of examples/main.cpp",
                          "docs/c.md:1: no such file: examples/gone.cpp",
                          "docs/d.md:1: no listing follows"])

    def test_cited_tests_exist(self):
        self.write("solvers/test/a_test.cpp", "TEST(Units, AreRead) {}\nTEST_P(Every, Decays) {}\n")
        self.write("solvers/README.md", "`Units.AreRead` and `Every.Decays`, not `Units`\n")
        self.assertEqual(docs_listings.check(self.root), ([], 2))
        self.write("docs/a.md", "`Units.AreGone`\n")
        self.assertEqual(docs_listings.check(self.root),
                         (["docs/a.md: no such test: Units.AreGone"], 3))


class ShellScripts(WithProject):
    def test_planted(self):
        self.write("scripts/a.sh", "#!/usr/bin/env bash\nset -euo pipefail\ntrue\n", 0o755)
        self.write(".ci/run", "#!/usr/bin/env bash\nset -euo pipefail\n", 0o755)
        self.assertEqual(shell_scripts.check(self.root, ""), ([], 2))
        self.write("scripts/b.sh", "#!/usr/bin/env bash\nset -euo pipefail\nif true\n", 0o755)
        self.assertEqual(len(shell_scripts.check(self.root, "")[0]), 1)
        self.write("scripts/b.sh", "#!/usr/bin/env bash\ntrue\n", 0o644)
        self.assertEqual(len(shell_scripts.check(self.root, "")[0]), 2)


class Formatting(WithProject):
    def test_without_clang_format_it_says_not_run(self):
        run = subprocess.run([sys.executable, "-B", formatting.__file__, self.root, "X-NOTFOUND"],
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, formatting.NOT_RUN)
        self.assertIn("not run:", run.stdout)

    def test_planted(self):
        # A stand-in that objects to one file: what is tested here is how the answer is handled.
        self.write("fake-format", '#!/bin/sh\ncase "$*" in *bad.cpp) echo "bad.cpp:1:1: error: x" '
                   ">&2; exit 1;; esac\n", 0o755)
        self.write("solvers/good.cpp", "int a;\n")
        self.assertEqual(formatting.check(self.root, str(self.root / "fake-format")), ([], 1))
        self.write("solvers/bad.cpp", "int  a;\n")
        problems, count = formatting.check(self.root, str(self.root / "fake-format"))
        self.assertEqual((len(problems), count), (1, 2))


class ProjectFiles(WithProject):
    def test_generated_folders_are_left_out(self):
        for path in ("solvers/a.cpp", "build/b.cpp", "build-x/c.cpp", "install/d.cpp", ".ci/run"):
            self.write(path, "")
        self.assertEqual([str(p) for p in project_files.project_files(self.root)],
                         [".ci/run", "solvers/a.cpp"])

    def test_version_control_decides_where_there_is_one(self):
        try:
            subprocess.run(["git", "init", "-q", str(self.root)], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            self.skipTest("not run: git is not installed")
        self.write(".gitignore", "/out/\n*.h5\n")
        for path in ("out/a.txt", "run.h5", "solvers/a.cpp"):
            self.write(path, "")
        self.assertEqual([str(p) for p in project_files.project_files(self.root)],
                         [".gitignore", "solvers/a.cpp"])


if __name__ == "__main__":
    os.environ.pop("GIT_DIR", None)
    unittest.main()
