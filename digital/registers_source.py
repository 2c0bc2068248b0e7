"""Reads registers.toml, checks it and flattens it into plain registers and arrays."""

import re
import tomllib
from dataclasses import dataclass, field

ACCESS = ("ro", "rw", "w1c", "wo")
BLOCKS = ("host", "core")
WORD = 4
_KEYS = {
    "register": {"name", "offset", "access", "block", "reset", "text", "fields", "idle_only",
                 "needs_reset", "bank", "signed_bits", "unsigned_bits", "first_is_zero"},
    "counter": {"name", "offset", "block", "text"},
    "array": {"name", "offset", "count", "max", "stride", "text", "register", "counter"},
    "field": {"name", "bits", "access", "text", "values", "below"},
}


class DescriptionError(Exception):
    pass


@dataclass
class Field:
    name: str
    low: int
    width: int
    access: str
    text: str
    values: list
    below: str = ""       # a parameter: bits above those that number so many things do not exist

    @property
    def mask(self):
        return ((1 << self.width) - 1) << self.low


@dataclass
class Register:
    name: str
    address: int          # of the first one
    access: str
    block: str
    reset: int            # 0 where it depends on how the chip is built
    built: bool
    text: str
    fields: list
    idle_only: bool = False
    needs_reset: bool = False
    bank: int = -1
    code_bits: str = ""   # the memory's words have this many bits (a parameter), else ""
    code_signed: bool = False
    first_is_zero: bool = False
    half: str = ""        # "lo" or "hi" of a counter
    array: object = None

    @property
    def write_mask(self):
        return sum(f.mask for f in self.fields if f.access != "ro")

    @property
    def read_mask(self):
        return sum(f.mask for f in self.fields if f.access != "wo")

    @property
    def writable(self):
        return self.write_mask != 0


@dataclass
class Array:
    name: str
    base: int
    count: str
    most: int
    stride: int
    text: str
    registers: list = field(default_factory=list)


@dataclass
class Map:
    title: str
    identity: int
    major: int
    minor: int
    address_bits: int
    parameters: dict
    registers: list      # scalar registers and counters, by address
    arrays: list

    def all_registers(self):
        every = list(self.registers)
        for array in self.arrays:
            every += array.registers
        return sorted(every, key=lambda r: r.address)

    def values(self):
        """(register, field) with named values."""
        return [(r, f) for r in self.all_registers() for f in r.fields if f.values]


def _expect_keys(kind, entry):
    for key in entry:
        if key not in _KEYS[kind]:
            raise DescriptionError(f"{kind} {entry.get('name', '?')}: expected one of "
                                   f"{', '.join(sorted(_KEYS[kind]))}, found '{key}'")
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", entry.get("name", "")):
        raise DescriptionError(f"{kind}: expected a name in capitals, found "
                               f"'{entry.get('name', '')}'")


def _fields(entry, where, access):
    fields, used = [], 0
    for raw in entry.get("fields", []):
        _expect_keys("field", raw)
        high, _, low = raw["bits"].partition(":")
        high, low = int(high), int(low or high)
        if not 0 <= low <= high <= 31:
            raise DescriptionError(f"{where}: expected bits 31:0 in field {raw['name']}, found "
                                   f"{raw['bits']}")
        made = Field(raw["name"], low, high - low + 1, raw.get("access", access), raw["text"],
                     raw.get("values", []), raw.get("below", ""))
        if made.access not in ACCESS:
            raise DescriptionError(f"{where}: expected access {', '.join(ACCESS)}, found "
                                   f"{made.access}")
        if used & made.mask:
            raise DescriptionError(f"{where}: field {made.name} overlaps another")
        if len(made.values) > 1 << made.width:
            raise DescriptionError(f"{where}: field {made.name} has more values than codes")
        used |= made.mask
        fields.append(made)
    return fields or [Field("", 0, 32, access, "", [])]


def _register(entry, base, description):
    _expect_keys("register", entry)
    where = f"register {entry['name']}"
    if entry["access"] not in ACCESS or entry["block"] not in BLOCKS:
        raise DescriptionError(f"{where}: expected access {', '.join(ACCESS)} and block "
                               f"{', '.join(BLOCKS)}, found {entry['access']}, {entry['block']}")
    fields = _fields(entry, where, entry["access"])
    reset, built = entry["reset"], False
    if reset == "map.id":
        reset = description["map"]["id"]
    elif reset == "map.version":
        reset = description["map"]["version_major"] << 16 | description["map"]["version_minor"]
    elif reset in ("built", "memory"):
        built, reset = reset == "built", 0
    if not isinstance(reset, int) or reset & ~sum(f.mask for f in fields):
        raise DescriptionError(f"{where}: expected a reset value within its fields, found {reset}")
    bits = entry.get("signed_bits", entry.get("unsigned_bits", ""))
    return Register(entry["name"], base + entry["offset"], entry["access"], entry["block"], reset,
                    built, entry["text"], fields, entry.get("idle_only", False),
                    entry.get("needs_reset", False), entry.get("bank", -1), bits,
                    "signed_bits" in entry, entry.get("first_is_zero", False))


def _counter(entry, base):
    _expect_keys("counter", entry)
    whole = [Field("", 0, 32, "ro", "", [])]
    for half, add in (("lo", 0), ("hi", 4)):
        text = entry["text"] + (" Low word." if half == "lo" else " High word, kept by the low one.")
        yield Register(f"{entry['name']}_{half.upper()}", base + entry["offset"] + add, "ro",
                       entry["block"], 0, False, text, whole, half=half)


def _array(entry, description):
    _expect_keys("array", entry)
    array = Array(entry["name"], entry["offset"], entry["count"], entry["max"], entry["stride"],
                  entry["text"])
    if array.count not in description["parameters"]:
        raise DescriptionError(f"array {array.name}: expected a parameter as count, found "
                               f"'{array.count}'")
    if array.stride & (array.stride - 1) or array.base % array.stride:
        raise DescriptionError(f"array {array.name}: expected a stride that is a power of two and "
                               f"divides the offset, found {array.stride} at {array.base:#x}")
    for raw in entry.get("register", []):
        array.registers.append(_register(raw, array.base, description))
    for raw in entry.get("counter", []):
        array.registers += _counter(raw, array.base)
    for register in array.registers:
        register.array = array
        if not 0 <= register.address - array.base < array.stride:
            raise DescriptionError(f"register {register.name}: expected an offset below the stride "
                                   f"of array {array.name}")
    array.registers.sort(key=lambda r: r.address)
    return array


def _check_addresses(result):
    taken, names = {}, set()
    for register in result.all_registers():
        if register.name in names:
            raise DescriptionError(f"register {register.name}: the name is used twice")
        names.add(register.name)
        count, stride = (register.array.most, register.array.stride) if register.array else (1, 0)
        for k in range(count):
            address = register.address + k * stride
            if address % WORD or address >= 1 << result.address_bits:
                raise DescriptionError(f"register {register.name}: expected a multiple of {WORD} "
                                       f"below {1 << result.address_bits:#x}, found {address:#x}")
            if address in taken:
                raise DescriptionError(f"register {register.name}: address {address:#x} belongs to "
                                       f"{taken[address]} already")
            taken[address] = register.name


def load(path):
    """The map of a description; DescriptionError says what is wrong with it."""
    with open(path, "rb") as file:
        try:
            raw = tomllib.load(file)
        except tomllib.TOMLDecodeError as problem:
            raise DescriptionError(str(problem)) from problem
    try:
        head = raw["map"]
        registers = [_register(entry, 0, raw) for entry in raw["register"]]
        for entry in raw["counter"]:
            registers += _counter(entry, 0)
        registers.sort(key=lambda r: r.address)
        arrays = sorted((_array(entry, raw) for entry in raw["array"]), key=lambda a: a.base)
        result = Map(head["title"], head["id"], head["version_major"], head["version_minor"],
                     head["address_bits"], raw["parameters"], registers, arrays)
    except KeyError as missing:
        raise DescriptionError(f"expected the key {missing}, found none") from missing
    _check_addresses(result)
    return result
