#!/usr/bin/env python3
"""What memprop_rtl.py says of modules that do not fit: port_check_test.py GENERATOR SEQUENCER.V"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NOT_RUN = 77
SHAPE = ["--layers", "12,8,4", "--bias", "--x-bits", "8", "--adc-bits", "10"]

# (text, replacement, arguments, what has to be said)
CASES = [
    ("output reg                     nudge_en,", "output reg                     nudge_on,", SHAPE,
     ["module 'sequencer': port 'nudge_en': expected output of 1 bit, found no such port (found "
      "'nudge_on')",
      "module 'sequencer': port 'nudge_on': output of 1 bit that the border does not have"]),
    ("output reg  [1:0]              upd_pol,", "output reg  [2:0]              upd_pol,", SHAPE,
     ["module 'sequencer': port 'upd_pol': expected output of 2 bits (2 tiles), found 3"]),
    ("output reg  [3:0]              phase,", "input wire  [3:0]              phase,", SHAPE,
     ["module 'sequencer': port 'phase': expected output, found input"]),
    ("adc_data,", "adc_data, input wire more,", SHAPE,
     ["module 'sequencer': port 'more': input of 1 bit that the border does not have"]),
    ("[LINES*ADC_W-1:0]  adc_data", "[LINES*ADC_W:0]  adc_data", SHAPE,
     ["port 'adc_data': expected input of 120 bits (12 neurons of 10 bits), found 121"]),
    ("", "", SHAPE + ["--param", "NO_SUCH=1"],
     ["module 'sequencer' has no parameter 'NO_SUCH'; it has INPUTS, OUTPUTS"]),
    ("", "", ["--layers", "12,x"], ["layers '12,x': expected numbers of neurons"]),
    ("module sequencer", "module sequenzer", SHAPE,
     ["expected a module 'sequencer' in ", "found sequenzer; did you mean 'sequenzer'?"]),
    ("", "", SHAPE + ["--param", "1X=2"], ["parameter '1X=2': expected NAME=VALUE"]),
    ("endmodule", "endmodul", SHAPE, ["Verilator could not read the module 'sequencer'", "syntax"]),
]


def changed(source, text, replacement):
    result = source.replace(text, replacement) if text else source
    # A renamed port is renamed inside, too.
    if "nudge_on" in replacement:
        result = result.replace("nudge_en", "nudge_on")
    if text and result == source:
        raise LookupError(f"the example has no '{text}'")
    if text.startswith("output reg  [3:0]              phase"):
        result = result.replace("phase <=", "row <= 0 *").replace("phase ==", "0 ==")
    return result


def cache_follows_included_files(generator, source, folder):
    """A model depends on what its sources include, whatever it is called and wherever it lies; names
    with spaces and letters of other languages. The number of failures."""
    place = folder / "Prüfung 1"
    (place / "parts").mkdir(parents=True)
    included = place / "parts" / "more.inc"
    included.write_text("// nothing\n")
    path = place / "séquence.v"
    path.write_text('`include "parts/more.inc"\n' + source)
    cache = folder / "ca che"
    environment = dict(os.environ, MEMPROP_CACHE_DIR=str(cache), MEMPROP_RTL_OPTIMISE="0")

    def made(mode, *more):
        done = subprocess.run([sys.executable, "-B", generator, mode, "--top", "sequencer", *SHAPE,
                               *more, str(path)], capture_output=True, text=True, check=False,
                              env=environment)
        if done.returncode != 0:
            print(f"FAILED  {mode} of '{path}': {done.returncode} {done.stderr}")
        return done.stdout.strip()

    first, again = made("model"), made("model")
    included.write_text("`define SOMETHING 1\n")
    changed_model = made("model")
    failed = 0
    if not first or first != again or changed_model == first or not Path(first).is_file():
        print(f"FAILED  cache: expected one model until an included file changed, found '{first}', "
              f"'{again}', then '{changed_model}'")
        failed += 1
    rule = folder / "rule.d"
    made("emit", "--symbol", "s", "--out", str(folder / "s.cpp"), "--depfile", str(rule))
    if "parts/more.inc" not in rule.read_text() or "Prüfung\\ 1" not in rule.read_text():
        print(f"FAILED  depfile: expected the included file, found {rule.read_text()}")
        failed += 1
    return failed


def main():
    generator, source = sys.argv[1], Path(sys.argv[2]).read_text(encoding="utf-8")
    if shutil.which("verilator") is None:
        print("not run: needs the package verilator")
        return NOT_RUN
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sequencer.v"

        def check(arguments, environment=None, mode="check"):
            return subprocess.run([sys.executable, "-B", generator, mode, "--top", "sequencer",
                                   *arguments, str(path)], capture_output=True, text=True,
                                  check=False, env=environment)

        path.write_text(source)
        good = check(SHAPE)
        if good.returncode != 0 or "output row_pulse 22" not in good.stdout:
            print(f"FAILED  the example itself: {good.stdout}{good.stderr}")
            failed += 1
        for text, replacement, arguments, wanted in CASES:
            path.write_text(changed(source, text, replacement))
            said = check(arguments)
            for sentence in wanted:
                if said.returncode != 2 or sentence not in said.stderr:
                    print(f"FAILED  '{replacement or arguments[-1]}': expected exit code 2 and "
                          f"\"{sentence}\", found {said.returncode} and\n{said.stderr}")
                    failed += 1
        path.write_text(source)
        failed += cache_follows_included_files(generator, source, Path(folder))
        bad_compiler = check(SHAPE, dict(os.environ, CXX="no-such-compiler"), "model")
        if bad_compiler.returncode != 2 or "no program 'no-such-compiler'" not in bad_compiler.stderr:
            print(f"FAILED  unknown CXX: {bad_compiler.returncode} {bad_compiler.stderr}")
            failed += 1
        # Without tools: a sentence with the package, no trace of Python.
        empty = Path(folder) / "empty"
        empty.mkdir()
        alone = check(SHAPE, dict(os.environ, PATH=str(empty)))
        if alone.returncode != 2 or "install the package verilator" not in alone.stderr:
            print(f"FAILED  without verilator: {alone.returncode} {alone.stderr}")
            failed += 1
    print(f"{len(CASES) + 5} cases, {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
