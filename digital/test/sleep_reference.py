#!/usr/bin/env python3
"""The sleep of a chip in plain Python, written from digital/README.md and not from the C++ code.

Without arguments: compares the traces of fixed scenarios with sleep_golden.txt beside this file, which
the C++ test reads too. With --write: writes that file.
"""
import math
import pathlib
import sys

from pulse_reference import advance, seeded

GOLDEN = pathlib.Path(__file__).with_name("sleep_golden.txt")
INPUT, WINDOW, WRITE = 3, 4, 5
DRIVE, COMPARE, SENSE, RAISE, LOWER = 1, 2, 3, 4, 5

WIDTHS = [9, 5, 3]
# Tiles: from, to, branches of a neuron (0: none), rate of raises, of lowerings.
CHAIN = [(0, 1, 0, 50000, 9000), (1, 2, 0, 140000, 30000)]
LINKED = CHAIN + [(0, 2, 0, 30000, 70000), (2, 1, 0, 0, 0)]
BRANCHED = [(0, 1, 2, 50000, 9000), (1, 2, 3, 140000, 30000), (2, 1, 2, 0, 0)]
SEED, MAX_PULSES, STEPS = 7, 3, 40
CODES = [0, 15, 3, 9, 12, 1, 7, 15, 5]
GAIN = 65536 * 0.8 / 15                 # of a row's threshold for a step of its code
# name: tiles, gated, sense cycles, window, cycles of a drive, of its pulse
SCENARIOS = {
    "gated": (CHAIN, True, 2, 0, 4, 2),
    "ungated": (CHAIN, False, 0, 0, 4, 2),
    "window": (CHAIN, True, 2, 2, 4, 4),
    "linked": (LINKED, True, 2, 0, 4, 2),
    "branched": (BRANCHED, True, 2, 0, 4, 2),
    "branched-ungated": (BRANCHED, False, 0, 0, 4, 4),
}


class Trace:
    def __init__(self):
        self.hash, self.cycles = 0xCBF29CE484222325, 0

    def byte(self, value):
        self.hash = ((self.hash ^ (value & 0xFF)) * 0x100000001B3) % 2**64

    def cycle(self, phase, tile, row_en, column, *lines):
        """lines: the marked rows of one tile, or of all that are driven."""
        self.cycles += 1
        for value in (phase, tile, int(row_en), column):
            self.byte(value)
        for rows in lines:
            for value in (*rows, 0xFF):
                self.byte(value)


class Registers:
    def __init__(self, tile, lane, count):
        self.x = [seeded(SEED, tile, lane, j) for j in range(count)]

    def draws(self):
        self.x = [advance(x) for x in self.x]
        return [x >> 16 for x in self.x]


def simulate(tiles, gated, sense, window, drive, pulse):
    mantissa = GAIN
    shift = 0
    while mantissa < 32768:             # normalised to 16 bits
        mantissa *= 2
        shift += 1
    mantissa = round(mantissa)
    trace = Trace()
    places = Registers(0, WINDOW, 2)
    inputs = Registers(0, INPUT, WIDTHS[0])
    writes = [Registers(t, WRITE, WIDTHS[tile[0]]) for t, tile in enumerate(tiles)]
    side = math.isqrt(WIDTHS[0])
    noise = [99]
    column = 0

    def random_bits(n):
        bits = []
        for _ in range(n):
            noise[0] = advance(noise[0])
            bits.append((noise[0] >> 16) & 3 != 0)
        return bits

    for _ in range(STEPS):
        first = [0, 0]
        if window:
            first = [(d * (side - window + 1)) >> 16 for d in places.draws()]
        spikes = []
        for j, d in enumerate(inputs.draws()):
            inside = not window or all(
                f <= at < f + window for f, at in zip(first, (j // side, j % side)))
            spikes.append(inside and d < min(65536, (CODES[j] * mantissa) >> shift))
        layers = [spikes]
        for layer in range(1, len(WIDTHS)):
            ending = [t for t, tile in enumerate(tiles) if tile[0] < tile[1] == layer]
            lines = [[j for j, s in enumerate(layers[tiles[t][0]]) if s] for t in ending]
            for c in range(drive):
                trace.cycle(DRIVE, ending[0], c >= drive - pulse, column, *lines)
            trace.cycle(COMPARE, ending[0], False, column, *lines)
            above = random_bits(WIDTHS[layer])
            branches = {t: random_bits(WIDTHS[layer] * tiles[t][2]) for t in ending}
            layers.append(above)
            for t in ending:
                source, _, each, raise_rate, lower_rate = tiles[t]
                rows = layers[source]
                if each == 0:
                    columns = [i for i, s in enumerate(above) if s]
                else:
                    columns = [b for b, s in enumerate(branches[t]) if s and above[b // each]]
                for i in columns if raise_rate or lower_rate else ():
                    negative = [True] * WIDTHS[source]
                    if gated:
                        column = i
                        for c in range(sense):
                            trace.cycle(SENSE, t, False, column, [])
                            bits = random_bits(WIDTHS[source])
                        negative = bits
                    count = []
                    for j, d in enumerate(writes[t].draws()):
                        n = min(MAX_PULSES, ((raise_rate if rows[j] else lower_rate) + d) >> 16)
                        count.append(n if negative[j] else 0)
                    column = i
                    for phase, fired in ((RAISE, True), (LOWER, False)):
                        most = max([n for n, s in zip(count, rows) if s == fired], default=0)
                        for k in range(1, most + 1):
                            rows_now = [j for j, n in enumerate(count)
                                        if rows[j] == fired and n >= k]
                            trace.cycle(phase, t, False, column, rows_now)
    return "%d %d" % (trace.cycles, trace.hash)


def main():
    lines = ["%s %s\n" % (name, simulate(*how)) for name, how in SCENARIOS.items()]
    if "--write" in sys.argv:
        GOLDEN.write_text("".join(lines))
        return 0
    same = GOLDEN.read_text() == "".join(lines)
    print("sleep_golden.txt is " + ("current" if same else "not what the reference computes"))
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
