#!/usr/bin/env python3
"""Valid and nearly valid inputs from which the fuzzers start.

    make_seeds.py [--write-sample-trace PROGRAM] [--only TARGET] [PROJECT]

Writes <folder>/test/corpus/<target>/seed-*. Equal runs give equal files (traces apart, which carry
the time of their making; they need the program of traces/test/write_sample_trace.cpp).
"""

import argparse
import gzip
import io
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np


def idx(code, shape, payload):
    return bytes([0, 0, code, len(shape)]) + struct.pack(">%dI" % len(shape), *shape) + payload


def idx_seeds():
    images = bytes(range(24))
    yield "bytes", idx(8, (4, 2, 3), images)
    yield "labels", idx(8, (4,), images[:4])
    yield "int32", idx(12, (2, 3), images)
    yield "double", idx(14, (3,), np.arange(3, dtype=">f8").tobytes())
    yield "empty", idx(8, (0, 28, 28), b"")
    yield "huge", idx(8, (0xFFFFFFFF,) * 8, images)
    yield "short", idx(8, (4, 2, 3), images[:20])
    yield "trailing", idx(8, (4, 2, 3), images + b"x")


def npy(array, version=(1, 0)):
    out = io.BytesIO()
    np.lib.format.write_array(out, np.asanyarray(array), version=version)
    return out.getvalue()


def npz(packed=False, **arrays):
    out = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(out, **arrays)
    return out.getvalue()


def numpy_seeds():
    yield "f8", npy(np.arange(6.0).reshape(2, 3))
    yield "f4-fortran", npy(np.asfortranarray(np.arange(6, dtype="f4").reshape(2, 3)))
    yield "big-endian", npy(np.arange(3, dtype=">i4"))
    yield "bool", npy(np.array([True, False]))
    yield "scalar", npy(np.float64(3))
    yield "version2", npy(np.arange(2, dtype="u1"), (2, 0))
    yield "empty", npy(np.zeros((0, 5), dtype="i8"))
    yield "object", npy(np.zeros(2, dtype="f8"))[:-16].replace(b"<f8", b"|O8")
    yield "npz", npz(w1=np.eye(2), b1=np.zeros(2, dtype="f4"))
    yield "npz-deflated", npz(True, w1=np.ones((3, 4)), w2=np.arange(5, dtype="u2"))
    yield "npz-cut", npz(w1=np.eye(2))[:-9]


def csv_seeds():
    yield "plain", b"1,2,3\n4.5,-6e-3,7\n"
    yield "header", b"a,b\n# remark\n\n 1 ,\t+2\r\n3,4"
    yield "bom", b"\xef\xbb\xbf0.5,0.25\n"
    yield "ragged", b"1,2\n3\n"
    yield "infinite", b"1e999,nan\n"
    yield "empty", b""


def data_file_seeds():
    for name, content in (("idx", next(idx_seeds())[1]), ("npy", next(numpy_seeds())[1]),
                          ("csv", next(csv_seeds())[1])):
        yield name, content
        yield name + "-gz", gzip.compress(content, mtime=0)
    two = gzip.compress(b"1,2\n", mtime=0) + gzip.compress(b"3,4\n", mtime=0)
    yield "gz-members", two
    yield "gz-cut", two[:-5]
    yield "npz", npz(w1=np.eye(2))


def checkpoint(*entries):
    body = b""
    for key, kind, count, values in entries:
        body += struct.pack("<I", len(key)) + key + struct.pack("<BQ", kind, count) + values
    file = b"MPCKPT\r\n" + struct.pack("<IIQ", 1, len(entries), len(body)) + body
    return file + struct.pack("<I", zlib.crc32(file))


def checkpoint_seeds():
    text = b"[run]\nseed = 1\n"
    yield "all", checkpoint(
        (b"chip/counters", 0, 2, struct.pack("<2Q", 1, 2)),
        (b"chip/values", 1, 3, struct.pack("<3d", 0.5, float("nan"), -0.0)),
        (b"mask", 2, 5, bytes(5)),
        (b"config", 3, 2, struct.pack("<Q", len(text)) + text + struct.pack("<Q", 0)))
    yield "none", checkpoint()
    yield "huge-count", checkpoint((b"v", 1, 2**61, b"12345678"))
    yield "huge-text", checkpoint((b"t", 3, 1, struct.pack("<Q", 2**63)))
    yield "foreign", b"not a checkpoint at all, but long enough to have a header\n"


def config_seeds(project):
    for path in sorted((project / "examples").glob("*.toml")):
        yield path.stem, path.read_bytes()
    least = b"[network]\nlayers = [3, 2]\n"
    yield "least", least
    yield "overrides", least + b"\x01chip.adc.bits=8\nlearning.rate=[0.1]\nchip.clock=5 ns\n"
    yield "ideal-words", (least + b'[chip.adc]\nbits = "ideal"\n[chip.device]\n'
                          b'preset = "reram-sb"\nstep_spread = 0.0\n')
    yield "dotted", b'network.layers = [4, 3]\nchip.device."g_min" = "1 nS"\nrun.name = "\\u00e4"\n'
    yield "wrong-types", b"[network]\nlayers = [1.5, true, [2]]\n[run]\nseed = 1979-05-27\n"
    yield "units", least + b'[chip]\nclock = "1e400 ns"\nslot = "-1 fs"\ntemperature = "300 degC"\n'


def trace_seeds(program):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.h5"
        subprocess.run([program, str(path)], check=True)
        whole = path.read_bytes()
    yield "sample", whole
    yield "cut", whole[: len(whole) // 2]
    # A journal that writes the first page again.
    page = whole[:4096].ljust(4096, b"\0")
    journal = b"MPJRNL01" + struct.pack("<QQQ", len(whole), 1, 0) + page + bytes(4)
    yield "journal", b"JRNL" + struct.pack("<I", len(journal)) + journal + whole


def write(folder, seeds):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in seeds:
        (folder / ("seed-" + name)).write_bytes(content)
    print(f"{folder}: {sum(1 for _ in folder.glob('seed-*'))} seeds")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("project", nargs="?", type=Path,
                        default=Path(__file__).resolve().parents[3])
    parser.add_argument("--write-sample-trace", metavar="PROGRAM")
    parser.add_argument("--only", metavar="TARGET")
    arguments = parser.parse_args()
    makers = {
        "learning/test/corpus/fuzz_idx": idx_seeds,
        "learning/test/corpus/fuzz_numpy": numpy_seeds,
        "learning/test/corpus/fuzz_csv": csv_seeds,
        "learning/test/corpus/fuzz_data_file": data_file_seeds,
        "traces/test/corpus/fuzz_checkpoint": checkpoint_seeds,
        "cli/test/corpus/fuzz_config": lambda: config_seeds(arguments.project),
    }
    if arguments.write_sample_trace:
        makers["traces/test/corpus/fuzz_trace"] = lambda: trace_seeds(arguments.write_sample_trace)
    for folder, seeds in makers.items():
        if arguments.only in (None, folder.rsplit("/", 1)[1]):
            write(arguments.project / folder, seeds())
    return 0


if __name__ == "__main__":
    sys.exit(main())
