"""What test/numbered_rows.hpp writes, checked by h5py alone."""
import h5py
import numpy as np

WIDTH = 20
MORE = 8


def values(rows, column):
    return (rows * 2654435761 + column * 40503) % 1000003 / 7.0


def check(path, first=0):
    """Opens, reads and closes the file; returns its number of rows. Values are compared from row
    `first` on. AssertionError if anything is torn."""
    with h5py.File(path, "r") as f:
        if "a" not in f:
            return 0
        a = f["a"]
        names = ["sample", "v", "raw"] + [f"more{k}" for k in range(MORE)]
        if any(name not in a for name in names):
            return 0
        lengths = {name: a[name].shape[0] for name in names}
        count = lengths["sample"]
        assert set(lengths.values()) == {count}, lengths
        rows = np.arange(first, count, dtype=np.uint64)
        assert (a["sample"][first:] == rows).all()
        for name in ("v", "raw"):
            block = a[name][first:]
            for i in range(WIDTH):
                assert (block[:, i] == values(rows, i)).all(), (name, i, count)
        for k in range(MORE):
            assert (a[f"more{k}"][first:] == values(rows, 0)).all(), (k, count)
        if "state" in f and count:
            assert (f["state"][:] == count - 1).all(), (f["state"][0], count)
        return count
