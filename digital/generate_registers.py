#!/usr/bin/env python3
"""Makes everything that repeats the register map from registers.toml:

    python3 generate_registers.py           writes the files
    python3 generate_registers.py --check   says which are not current, exit code 1

    registers.hpp                          C++: addresses, fields, and the map as a table
    registers.h                            C: addresses and fields, for a host's firmware
    rtl/memprop_registers.svh              SystemVerilog: addresses and fields
    rtl/bus/memprop_register_decode.svh    SystemVerilog: what an address is
    ../docs/registers.md                   the table for readers

The description is checked first: overlapping addresses or fields, misaligned arrays, unknown words
and a reset value outside the fields end the run with one sentence. Needs Python 3.11 (tomllib).
"""

import argparse
import sys
from pathlib import Path

from registers_source import DescriptionError, load
from registers_targets import c_header, cpp_header, markdown, sv_decode, sv_header

HERE = Path(__file__).resolve().parent


def targets(root):
    return {
        root / "registers.hpp": cpp_header,
        root / "registers.h": c_header,
        root / "rtl/memprop_registers.svh": sv_header,
        root / "rtl/bus/memprop_register_decode.svh": sv_decode,
        root.parent / "docs/registers.md": markdown,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    parser.add_argument("--source", type=Path, default=HERE / "registers.toml")
    arguments = parser.parse_args()
    try:
        description = load(arguments.source)
    except DescriptionError as problem:
        print(f"{arguments.source.name}: {problem}", file=sys.stderr)
        return 2
    stale = []
    for path, make in targets(HERE).items():
        text = make(description)
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if arguments.check:
            stale.append(path)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(HERE.parent)}")
    for path in stale:
        print(f"{path.relative_to(HERE.parent)} is not what digital/registers.toml says: "
              "run digital/generate_registers.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
