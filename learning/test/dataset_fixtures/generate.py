"""Writes the fixtures beside this file with NumPy and Python's gzip: readers are tested against
files that other programs made."""

import gzip
import pathlib
import struct

import numpy as np

here = pathlib.Path(__file__).parent
x = np.arange(6).reshape(2, 3)
np.save(here / "f4.npy", (x / 4).astype("<f4"))
np.save(here / "f8_fortran.npy", np.asfortranarray(x / 8.0))
np.save(here / "f8_fortran_3d.npy", np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)))
np.save(here / "i4_big_endian.npy", (x - 3).astype(">i4"))
np.save(here / "i8.npy", x.astype("<i8") - 2**40)
np.save(here / "u1.npy", np.array([0, 128, 255], dtype=np.uint8))
np.save(here / "scalar.npy", np.float64(2.5))
np.save(here / "complex.npy", np.array([1j]))
np.save(here / "structured.npy", np.zeros(2, dtype=[("a", "<i4"), ("b", "<f8")]))
weights = {
    "w1": np.array([[0.5, -0.3, 0.2], [-0.4, 0.6, 0.1]]),
    "w2": np.array([[0.7, -0.2], [0.3, 0.5]]),
}
np.savez(here / "weights.npz", **weights)
np.savez_compressed(here / "weights_deflated.npz", **weights)
np.savez_compressed(here / "large_deflated.npz", ramp=np.arange(20000, dtype="<f8"))
images = bytes(range(2 * 2 * 3))
idx = struct.pack(">I3I", 0x00000803, 2, 2, 3) + images
(here / "images-idx3-ubyte").write_bytes(idx)
with open(here / "images-idx3-ubyte.gz", "wb") as file:
    with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
        packed.write(idx)
(here / "labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x00000801, 2) + bytes([1, 0]))
(here / "floats-idx1").write_bytes(struct.pack(">II3f", 0x00000D01, 3, 1.5, -2.0, 0.25))
