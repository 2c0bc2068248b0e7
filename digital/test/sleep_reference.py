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
RATES = [(50000, 9000), (140000, 30000)]
SEED, MAX_PULSES, STEPS = 7, 3, 40
CODES = [0, 15, 3, 9, 12, 1, 7, 15, 5]
GAIN = 65536 * 0.8 / 15                 # of a row's threshold for a step of its code
# name: gated, sense cycles, window, cycles of a drive, of its pulse
SCENARIOS = {
    "gated": (True, 2, 0, 4, 2),
    "ungated": (False, 0, 0, 4, 2),
    "window": (True, 2, 2, 4, 4),
}


class Trace:
    def __init__(self):
        self.hash, self.cycles = 0xCBF29CE484222325, 0

    def byte(self, value):
        self.hash = ((self.hash ^ (value & 0xFF)) * 0x100000001B3) % 2**64

    def cycle(self, phase, tile, row_en, column, rows):
        self.cycles += 1
        for value in (phase, tile, int(row_en), column, *rows, 0xFF):
            self.byte(value)


class Registers:
    def __init__(self, tile, lane, count):
        self.x = [seeded(SEED, tile, lane, j) for j in range(count)]

    def draws(self):
        self.x = [advance(x) for x in self.x]
        return [x >> 16 for x in self.x]


def simulate(gated, sense, window, drive, pulse):
    mantissa = GAIN
    shift = 0
    while mantissa < 32768:             # normalised to 16 bits
        mantissa *= 2
        shift += 1
    mantissa = round(mantissa)
    trace = Trace()
    places = Registers(0, WINDOW, 2)
    inputs = Registers(0, INPUT, WIDTHS[0])
    writes = [Registers(t, WRITE, WIDTHS[t]) for t in range(len(RATES))]
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
        for t, (raise_rate, lower_rate) in enumerate(RATES):
            rows = [j for j, s in enumerate(spikes) if s]
            for c in range(drive):
                trace.cycle(DRIVE, t, c >= drive - pulse, column, rows)
            trace.cycle(COMPARE, t, False, column, rows)
            above = random_bits(WIDTHS[t + 1])
            for i in [i for i, s in enumerate(above) if s]:
                negative = [True] * WIDTHS[t]
                if gated:
                    column = i
                    for c in range(sense):
                        trace.cycle(SENSE, t, False, column, [])
                        bits = random_bits(WIDTHS[t])
                    negative = bits
                count = []
                for j, d in enumerate(writes[t].draws()):
                    n = min(MAX_PULSES, ((raise_rate if spikes[j] else lower_rate) + d) >> 16)
                    count.append(n if negative[j] else 0)
                column = i
                for phase, fired in ((RAISE, True), (LOWER, False)):
                    most = max([n for n, s in zip(count, spikes) if s == fired], default=0)
                    for k in range(1, most + 1):
                        rows_now = [j for j, n in enumerate(count) if spikes[j] == fired and n >= k]
                        trace.cycle(phase, t, False, column, rows_now)
            spikes = above
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
