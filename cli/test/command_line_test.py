"""What can be wrong on the command line, for every command: exit code 2, one message that names it,
nothing half written.

    command_line_test.py MEMPROP
"""

import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../testbenches/test"))

import h5py

from memprop_runs import NOISELESS, RunTest, main, merged

QUICK = merged(NOISELESS, {"data": {"train_samples": 20, "test_samples": 10}})

# Files that are no trace, and what the message has to say besides the name: one of the words.
NO_TRACE = {
    "none.h5": ["No such file", "found nothing"],
    "folder": ["directory", "folder"],
    "letter.h5": ["HDF5", "trace"],
    "empty.h5": ["empty", "trace"],
    "cut.h5": ["HDF5", "trace", "damaged"],
    "foreign.h5": ["trace"],
    "later.h5": ["99"],
}
# Arguments of each command around the trace it reads.
READERS = {
    "info": [[], ["--json"], ["--follow"], ["--follow", "--json"]],
    "report": [["-o", "out.html"]],
    "waves": [["-o", "out.vcd"]],
}
# Files that are no configuration.
NO_CONFIG = {
    "none.toml": ["No such file"],
    "folder": ["folder"],
    "binary.toml": ["TOML"],
    "empty.toml": ["network.layers"],
    "broken.toml": [":1:"],
}
DESCRIBED = ["run", "validate"]
# Their own arguments; every one has rows in WRONG.
OTHERS = ["devices", "export-spice", "fit-device"]
# command, arguments, what the message says
WRONG = [
    ("run", ["run.toml", "--resume"], ["output.path"]),
    ("run", ["run.toml", "--ablate"], ["--ablate", "output.path"]),
    ("run", ["run.toml", "--ablate", "-o", "out.h5", "--set", "run.fidelity=ideal"],
     ["--ablate", "fidelity"]),
    ("run", ["run.toml", "-o", "folder"], ["folder"]),
    ("run", ["run.toml", "-o", "none/out.h5"], ["none/out.h5"]),
    ("run", ["run.toml", "-o", "letter.h5"], ["letter.h5", "not a trace"]),
    ("run", ["run.toml", "-o", "/dev/full"], ["/dev/full"]),
    ("run", ["run.toml", "--set", "nonsense"], ["nonsense", "KEY=VALUE"]),
    ("run", ["run.toml", "--set", "=3"], ["KEY=VALUE"]),
    ("run", ["run.toml", "--set", "run.sed=3"], ["run.seed"]),
    ("run", ["run.toml", "--seed", "-1"], ["run.seed"]),
    ("run", ["run.toml", "--threads", "many"], ["run.threads", "many"]),
    ("run", ["run.toml", "-o", "out.h5", "--resume"], ["out.h5.ckpt"]),
    ("devices", ["reram-sv"], ["reram-sv", "reram-sb"]),
    ("devices", ["--plot", "out.png"], ["--plot"]),
    ("devices", ["reram-sb", "--plot", "out.txt"], ["out.txt"]),
    ("export-spice", ["none.toml", "-o", "out.cir"], ["none.toml", "No such file"]),
    ("export-spice", ["empty.toml", "-o", "out.cir"], ["empty.toml", "network.layers"]),
    ("export-spice", ["run.toml", "-o", "out.cir", "--sample", "20"], ["--sample", "0 to 19", "20"]),
    ("export-spice", ["run.toml", "-o", "out.cir", "--max-step", "3"], ["--max-step", "3"]),
    ("export-spice", ["run.toml", "-o", "out.cir", "--max-step", "0 s"], ["--max-step"]),
    ("export-spice", ["run.toml", "-o", "out.cir", "--set", "run.fidelity=ideal"],
     ["run.fidelity", "cycle"]),
    ("export-spice", ["run.toml", "-o", "out.cir", "--set", "network.style=resistive",
                      "--set", "chip.noise.read=0.1"], ["chip.noise.read", "0.1"]),
    ("export-spice", ["run.toml", "-o", "out.cir", "--set", "chip.neuron.amplifier_gain=100"],
     ["chip.neuron.amplifier_gain", "100"]),
    ("export-spice", ["run.toml", "-o", "out.cir", "--set", "chip.twin.mode=swapped"],
     ["chip.twin.mode"]),
    ("export-spice", ["run.toml", "-o", "none/out.cir"], ["none/out.cir"]),
    ("export-spice", ["run.toml", "-o", "folder"], ["folder"]),
    ("fit-device", ["none.csv", "-o", "out.toml"], ["none.csv"]),
    ("fit-device", ["folder", "-o", "out.toml"], ["folder"]),
    ("fit-device", ["letter.h5", "-o", "out.toml"], ["letter.h5"]),
    ("validate", ["run.toml", "-o", "none/out.h5"], ["none/out.h5"]),
    ("validate", ["run.toml", "--set", "network.layers=[12]"], ["network.layers"]),
]
# Refused by the parser of the arguments, which adds a hint at --help.
USAGE = [
    [],
    ["train"],
    ["run"],
    ["run", "run.toml", "more.toml"],
    ["run", "run.toml", "--follow"],
    ["run", "run.toml", "-o"],
    ["validate"],
    ["validate", "run.toml", "--resume"],
    ["validate", "run.toml", "--ablate"],
    ["export-spice", "run.toml"],
    ["export-spice", "run.toml", "-o", "out.cir", "--sample", "-1"],
    ["export-spice", "run.toml", "-o", "out.cir", "--sample", "one"],
    ["info"],
    ["info", "a.h5", "b.h5"],
    ["info", "a.h5", "--resume"],
]


class CommandLineTest(RunTest):
    training_samples = 40

    def setUp(self):
        super().setUp()
        self.write_config(QUICK)
        os.mkdir(self.path("folder"))
        self.run_config("run.toml", "-q", "-o", "good.h5", "--set", "output.probes=[\"*\"]",
                        "--set", "output.samples=[0]")
        with open(self.path("good.h5"), "rb") as f:
            whole = f.read()
        for name, content in (("letter.h5", b"not a trace\n"), ("empty.h5", b""),
                              ("cut.h5", whole[: len(whole) // 3]), ("empty.toml", b""),
                              ("binary.toml", bytes(range(256))), ("broken.toml", b"[run\n")):
            with open(self.path(name), "wb") as f:
                f.write(content)
        with h5py.File(self.path("foreign.h5"), "w") as f:
            f["x"] = 1.0
        shutil.copy(self.path("good.h5"), self.path("later.h5"))
        with h5py.File(self.path("later.h5"), "r+") as f:
            f.attrs["format_version"] = 99
        self.before = self.files()

    def files(self):
        found = {}
        for folder, _, names in os.walk(self.folder):
            for name in names:
                status = os.stat(os.path.join(folder, name))
                found[os.path.join(folder, name)] = (status.st_size, status.st_mtime_ns)
        return found

    def refused(self, arguments, says, lines=1):
        with self.subTest(arguments=arguments):
            done = self.call(*arguments)
            self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
            # What the trace would have taken is told first.
            said = [x for x in done.stderr.splitlines() if not x.startswith("trace ")]
            if lines:
                self.assertEqual(len(said), lines, done.stderr)
                self.assertTrue(said[0].startswith("memprop: "), said)
            for part in says:
                self.assertIn(part, done.stderr)
            self.assertEqual(self.files(), self.before, "a file was written")
        return done.stderr

    def commands(self):
        text = self.call("--help").stdout
        found = re.findall(r"^  ([a-z-]+) ", text[text.index("Subcommands:"):], re.M)
        self.assertIn("run", found)
        return found

    def test_every_command_is_in_the_tables(self):
        for command in self.commands():
            self.assertTrue(command in READERS or command in DESCRIBED or
                            (command in OTHERS and any(row[0] == command for row in WRONG)), command)

    def test_what_is_no_trace(self):
        for command in self.commands():
            for options in READERS.get(command, []):
                for name, words in NO_TRACE.items():
                    said = self.refused([command, name, *options], [name])
                    self.assertTrue(any(w in said for w in words), (command, name, said))

    def test_what_is_no_configuration(self):
        for command in DESCRIBED:
            for name, says in NO_CONFIG.items():
                self.refused([command, name], [name, *says])

    def test_wrong_values_and_contradictions(self):
        for command, arguments, says in WRONG:
            self.refused([command, *arguments], says)

    def test_outputs_that_cannot_be_written(self):
        """Of the commands that make something out of a trace."""
        for command, options in (("report", "out.html"), ("waves", "out.vcd")):
            if command in self.commands():
                self.refused([command, "good.h5", "-o", "none/" + options], ["none/" + options])
                self.refused([command, "good.h5", "-o", "folder"], ["folder"])

    def test_usage(self):
        for arguments in USAGE:
            self.refused(arguments, ["--help"], lines=None)

    def test_help_and_version_are_no_errors(self):
        for arguments in (["--help"], ["--version"], *([c, "--help"] for c in self.commands())):
            done = self.call(*arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
            self.assertTrue(done.stdout)


if __name__ == "__main__":
    main()
