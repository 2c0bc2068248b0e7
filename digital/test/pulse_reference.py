#!/usr/bin/env python3
"""The update circuits in plain Python, written from digital/README.md and not from the C++ code.

Without arguments: compares the pulse traces of fixed scenarios with golden_traces.txt beside this
file, which the C++ test reads too. With --write: writes that file.
"""
import pathlib
import sys

MASK = 0xFFFFFFFF
GOLDEN = pathlib.Path(__file__).with_name("golden_traces.txt")
COLUMN, ROW, SIGN = 0, 1, 2
CELL = "cell"


def advance(x):
    x ^= (x << 13) & MASK
    x ^= x >> 17
    x ^= (x << 5) & MASK
    return x


def finalise(h):
    h &= MASK
    h ^= h >> 16
    h = (h * 0x85EBCA6B) & MASK
    h ^= h >> 13
    h = (h * 0xC2B2AE35) & MASK
    return h ^ (h >> 16)


def seeded(seed, tile, lane, index):
    h = 0
    for word in (seed, tile, lane, index):
        h = finalise(h + word + 0x9E3779B9)
    return h or 0x9E3779B9


# --- The scenarios, shared with golden_trace_test.cpp ---------------------------------------------

WIDTHS = [21, 17, 5]
SEED = 7
X_FULL, ADC_FULL = 255, 511
MAX_PULSES, STREAM = 7, 5
U1_RATE = [(40000, 27), (33333, 26)]                          # mantissa, shift per tile
U2_ROW, U2_COL = [(40000, 8), (40000, 7)], [(50000, 8), (45000, 9)]
U3_ROW, U3_COL = 20, 30
U7_BITS, U7_MAX_PULSES, U7_THRESHOLD = 6, 2, [5, 3]
SAMPLES = 10
# name: circuit, product form, nudging
SCENARIOS = {
    "u1_simplified_centred": ("u1", False, "centred"),
    "u1_simplified_random_sign": ("u1", False, "random_sign"),
    "u1_product_centred": ("u1", True, "centred"),
    "u1_product_one_sided": ("u1", True, "one_sided"),
    "u2_simplified_centred": ("u2", False, "centred"),
    "u2_product_centred": ("u2", True, "centred"),
    "u2_product_random_sign": ("u2", True, "random_sign"),
    "u3_simplified_centred": ("u3", False, "centred"),
    "u7_simplified_centred": ("u7", False, "centred"),
    "u7_simplified_random_sign": ("u7", False, "random_sign"),
    "u7_product_one_sided": ("u7", True, "one_sided"),
}


def samples():
    s = 12345
    for _ in range(SAMPLES):
        inputs, codes = [], []
        for _ in range(WIDTHS[0]):
            s = advance(s)
            inputs.append(0 if (s >> 16) % 3 == 0 else s & 0xFF)
        for _ in range(3):
            bank = []
            for _ in range(sum(WIDTHS[1:])):
                s = advance(s)
                bank.append(((s >> 8) % 41 - 20) * 5)
            codes.append(bank)
        yield inputs, codes


def operands(inputs, codes, product, nudging, negative):
    """Per tile: list of (row codes, column codes) groups; D = group 0 - group 1 outer products."""
    sign = -1 if negative else 1
    result, start = [], 0
    for tile in range(len(WIDTHS) - 1):
        width = WIDTHS[tile + 1]
        here = [bank[start:start + width] for bank in codes]
        if tile == 0:
            below = [inputs] * 3
            bias = X_FULL
        else:
            below = [bank[start - WIDTHS[tile]:start] for bank in codes]
            bias = ADC_FULL
        if nudging == "centred":
            a, b = 1, 2
        else:
            a, b = (1, 0) if sign > 0 else (0, 1)
        if product:
            groups = [(below[a] + [bias], here[a]), (below[b] + [bias], here[b])]
        else:
            groups = [(below[0] + [bias], [p - q for p, q in zip(here[a], here[b])])]
        result.append(groups)
        start += width
    return result


class Trace:
    """FNV-1a (64 bits) of the pulse lines of every UPDATE cycle."""

    def __init__(self):
        self.hash = 0xCBF29CE484222325
        self.cycles = 0

    def byte(self, value):
        self.hash = ((self.hash ^ value) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF

    def cycle(self, tiles):
        self.cycles += 1
        for set_polarity, rows, columns in tiles:
            self.byte(1 if set_polarity else 0)
            for lines in (rows, columns):
                for k in lines:
                    self.byte(k & 0xFF)
                    self.byte(k >> 8)
                self.byte(0xFF)
                self.byte(0xFF)


QUIET = (False, [], [])


def u1_tile(groups, registers, rate):
    """Yields the lines of each cycle of one tile."""
    mantissa, shift = rate
    for j in range(len(groups[0][0])):
        if all(rows[j] == 0 for rows, _ in groups):
            continue
        counts = []
        for i in range(len(registers)):
            registers[i] = advance(registers[i])
            d = groups[0][0][j] * groups[0][1][i]
            if len(groups) == 2:
                d -= groups[1][0][j] * groups[1][1][i]
            n = (((abs(d) * mantissa) >> (shift - 16)) + (registers[i] >> 16)) >> 16
            n = min(n, MAX_PULSES)
            counts.append(-n if d < 0 else n)
        up, down = max(0, max(counts)), max(0, -min(counts))
        for slot in range(1, up + 1):
            yield True, [j], [i for i, n in enumerate(counts) if n >= slot]
        for slot in range(1, down + 1):
            yield False, [j], [i for i, n in enumerate(counts) if -n >= slot]
        if up + down == 0:
            yield QUIET


def run_u1(tiles, state, trace):
    slots = [list(u1_tile(groups, state[COLUMN][t], U1_RATE[t])) for t, groups in enumerate(tiles)]
    for k in range(max(1, max(len(s) for s in slots))):
        trace.cycle([s[k] if k < len(s) else QUIET for s in slots])


def u7_tile(groups, registers, cells, rate, threshold, cut):
    """As u1_tile; cells[row][column] are the accumulators, cut collects saturated cells."""
    mantissa, shift = rate
    largest = 2 ** (U7_BITS - 1) - 1
    for j in range(len(groups[0][0])):
        if all(rows[j] == 0 for rows, _ in groups):
            continue
        row = cells[j]
        for i in range(len(registers)):
            registers[i] = advance(registers[i])
            d = groups[0][0][j] * groups[0][1][i]
            if len(groups) == 2:
                d -= groups[1][0][j] * groups[1][1][i]
            n = (((abs(d) * mantissa) >> (shift - 16)) + (registers[i] >> 16)) >> 16
            wanted = row[i] + (n if d > 0 else -n)
            row[i] = max(-largest, min(largest, wanted))
            if row[i] != wanted:
                cut.append((j, i))
        driven = False
        for sign in (1, -1):
            for _ in range(U7_MAX_PULSES):
                due = [i for i, a in enumerate(row) if sign * a >= threshold]
                if not due:
                    break
                for i in due:
                    row[i] -= sign * threshold
                driven = True
                yield sign > 0, [j], due
        if not driven:
            yield QUIET


def run_u7(tiles, state, trace):
    cut = []
    slots = [list(u7_tile(groups, state[COLUMN][t], state[CELL][t], U1_RATE[t], U7_THRESHOLD[t],
                          cut)) for t, groups in enumerate(tiles)]
    for k in range(max(1, max(len(s) for s in slots))):
        trace.cycle([s[k] if k < len(s) else QUIET for s in slots])
    # Counters and saturations after the sample are part of what is compared.
    for tile in state[CELL]:
        for row in tile:
            for value in row:
                trace.byte(value & 0xFF)
    trace.byte(len(cut) & 0xFF)


def passes(groups):
    for group in range(groups):
        for row, column in ((1, 1), (-1, -1), (1, -1), (-1, 1)):
            yield group, row, column, (row * column > 0) == (group == 0)


def run_u2(tiles, state, trace):
    first = {lane: [list(r) for r in state[lane]] for lane in (ROW, COLUMN)}
    previous = 0
    for group, row_sign, col_sign, polarity in passes(len(tiles[0])):
        if group != previous:
            for lane in (ROW, COLUMN):
                state[lane] = [list(r) for r in first[lane]]
            previous = group
        for _ in range(STREAM):
            lines = []
            for t, groups in enumerate(tiles):
                fired = []
                for lane, rate, sign in ((ROW, U2_ROW[t], row_sign), (COLUMN, U2_COL[t], col_sign)):
                    codes = [g[0] if lane == ROW else g[1] for g in groups]
                    registers = state[lane][t]
                    high = []
                    for k in range(len(registers)):
                        if all(c[k] == 0 for c in codes):
                            continue
                        registers[k] = advance(registers[k])
                        code = codes[group][k]
                        threshold = min(65535, (abs(code) * rate[0]) >> rate[1])
                        if code * sign > 0 and registers[k] >> 16 < threshold:
                            high.append(k)
                    fired.append(high)
                lines.append((polarity, fired[0], fired[1]))
            trace.cycle(lines)


def run_u3(tiles, _, trace):
    for _, row_sign, col_sign, polarity in passes(1):
        lines = []
        for groups in tiles:
            rows, columns = groups[0]
            lines.append((polarity,
                          [j for j, x in enumerate(rows) if x * row_sign > U3_ROW],
                          [i for i, d in enumerate(columns) if d * col_sign > U3_COL]))
        trace.cycle(lines)


def trace_of(circuit, product, nudging):
    trace = Trace()
    tiles = range(len(WIDTHS) - 1)
    state = {
        ROW: [[seeded(SEED, t, ROW, k) for k in range(WIDTHS[t] + 1)] for t in tiles],
        COLUMN: [[seeded(SEED, t, COLUMN, k) for k in range(WIDTHS[t + 1])] for t in tiles],
    }
    state[CELL] = [[[0] * WIDTHS[t + 1] for _ in range(WIDTHS[t] + 1)] for t in tiles]
    sign = seeded(SEED, 0, SIGN, 0)
    run = {"u1": run_u1, "u2": run_u2, "u3": run_u3, "u7": run_u7}[circuit]
    for inputs, codes in samples():
        negative = False
        if nudging == "random_sign":
            sign = advance(sign)
            negative = sign & 1 == 1
        run(operands(inputs, codes, product, nudging, negative), state, trace)
    return f"{trace.cycles} {trace.hash:016x}"


def main():
    result = {name: trace_of(*scenario) for name, scenario in SCENARIOS.items()}
    text = "".join(f"{name} {value}\n" for name, value in result.items())
    if sys.argv[1:] == ["--write"]:
        GOLDEN.write_text(text)
        return 0
    if text != GOLDEN.read_text():
        print("expected (golden_traces.txt):\n" + GOLDEN.read_text() + "found:\n" + text)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
