"""Values with units, as configurations write them: "100 nS" is 1e-7."""

from __future__ import annotations

import re

_PREFIX = {"": 1.0, "f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "m": 1e-3, "k": 1e3,
           "M": 1e6, "G": 1e9}


def value_of(quantity: object, unit: str) -> float:
    """The value in `unit` of a number or of a text like "100 nS"; ValueError for another unit."""
    if isinstance(quantity, (int, float)):
        return float(quantity)
    match = re.fullmatch(r"\s*([-+0-9.eE]+)\s*([a-zA-Zµ]*)\s*", str(quantity))
    if match and match.group(2).endswith(unit):
        prefix = match.group(2)[: -len(unit)]
        if prefix in _PREFIX:
            return float(match.group(1)) * _PREFIX[prefix]
    raise ValueError(f"expected a value in {unit}, got {quantity!r}")


def siemens(quantity: object) -> float:
    return value_of(quantity, "S")


def seconds(quantity: object) -> float:
    return value_of(quantity, "s")
