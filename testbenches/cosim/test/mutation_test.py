#!/usr/bin/env python3
"""Does the lock-step bench catch faults? mutation_test.py BENCH RTL_FOLDER [--some]

Each mutation changes one line of memprop's controller in Verilog. The bench has to stop at a
difference (exit code 3) and name one of the signals at which the fault can first be seen; without a
mutation it has to find none. --some: a few of them, for the ordinary suite.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

NOT_RUN = 77
PULSES = {"upd_en", "upd_pol", "row_pulse", "col_pulse"}
# A wrong number of slots moves the end of UPDATE as well.
LENGTH = PULSES | {"phase", "busy"}

# file, text (its n-th occurrence, from 1), replacement, signals that may be the first to differ
MUTATIONS = [
    ("memprop_sequencer.sv", "last_cycle = left <= 32'd1", 1, "last_cycle = left <= 32'd2",
     {"phase"}),
    ("memprop_sequencer.sv", "training_now ? next_train[row] : next_infer[row]", 1,
     "training_now ? next_infer[row] : next_train[row]", {"phase", "busy"}),
    ("memprop_sequencer.sv", "(nudges && negative_next)", 1, "(nudges && !negative_next)",
     {"nudge_sign"}),
    ("memprop_sequencer.sv", "phase_next == NUDGEP || phase_next == SAMPLEP", 1,
     "phase_next == NUDGEP", {"nudge_sign"}),
    ("memprop_sequencer.sv", "phase_next == ADAPT", 1, "phase_next == SAMPLEP", {"nudge_sign"}),
    ("memprop_sequencer.sv", "draw_sign && sign_next[0]", 1, "draw_sign && sign_next[1]",
     {"nudge_sign"}),
    ("memprop_sequencer.sv", "drive_next[MEMPROP_TABLE_DRIVE_SH_EN_LSB +: 3]", 1,
     "{1'b0, drive_next[MEMPROP_TABLE_DRIVE_SH_EN_LSB +: 2]}", {"sh_en"}),
    ("memprop_adc.sv", "adc_start <= 1'b0;", 1, "adc_start <= adc_start;", {"adc_start"}),
    ("memprop_sequencer.sv", "adc_bank <= drive_next[MEMPROP_TABLE_DRIVE_ADC_BANK_LSB +: 2]", 1,
     "adc_bank <= {1'b0, drive_next[MEMPROP_TABLE_DRIVE_ADC_BANK_LSB]}", {"adc_bank"}),
    ("memprop_sequencer.sv", "nudge_en <= drive_next[MEMPROP_TABLE_DRIVE_NUDGE_EN_LSB]", 1,
     "nudge_en <= drive_next[MEMPROP_TABLE_DRIVE_ROW_EN_LSB]", {"nudge_en"}),
    ("memprop_sequencer.sv", "done_next = rst_n && leave_row && idle_next", 1,
     "done_next = leave_row && idle_next", {"done"}),
    ("memprop_sequencer.sv", "busy <= !idle_next", 1, "busy <= !idle", {"busy"}),
    ("memprop_adc.sv", "awaiting <= 1'b0;", 1, "awaiting <= awaiting;", LENGTH | {"adc_group"}),
    ("memprop_image.sv", "if (take && !bank) x_code <= bank0", 1,
     "if (take && !bank) x_code <= bank1", {"x_code"}),
    ("memprop_image.sv", "bank0[index*X_W +: X_W] <= next[X_W-1:0]", 1,
     "bank0[index*X_W +: X_W] <= next[X_W:1]", {"x_code"}),
    ("memprop_latches.sv", "take_negative = take_codes && adc_bank == 2'd2", 1,
     "take_negative = take_codes && adc_bank == 2'd3", LENGTH),
    ("memprop_latches.sv", "swapped = !centred && nudge_negative", 1, "swapped = 1'b0", LENGTH),
    ("memprop_latches.sv", "below = product ? first : ", 1, "below = ", LENGTH),
    ("memprop_latches.sv", "predictive ? positive_now : free_now", 1, "free_now", LENGTH),
    ("memprop_controller.sv", "row_pulse_change = |tile_row_change", 1,
     "row_pulse_change = tile_row_change[0]", {"row_pulse"}),
    ("memprop_functions.svh", "x = x ^ (x >> 17)", 1, "x = x ^ (x >> 16)", LENGTH | {"nudge_sign"}),
    ("memprop_tile.sv", "lane_seed(seed_used, TILE, 32'd1)", 1, "lane_seed(seed_used, TILE, 32'd0)",
     {"row_pulse", "upd_en"}),
    ("memprop_tile.sv", "row_a[ROWS-1] = bias_wide[ROW_W-1:0]", 1, "row_a[ROWS-1] = {ROW_W{1'b0}}",
     LENGTH),
    ("memprop_tile_pulse_count.svh", "pol_now = slot < set_slots", 1,
     "pol_now = slot <= set_slots", PULSES),
    ("memprop_tile_pulse_count.svh", "d = d - y * b", 1, "d = d + y * b", LENGTH),
    ("memprop_tile_pulse_count.svh", "scaled = {{(S_W-16){1'b0}}, max_pulses}", 1,
     "scaled = {{(S_W-16){1'b0}}, max_pulses} + 1'b1", LENGTH),
    ("memprop_tile_pulse_count.svh", "col_state[i] = state", 1,
     "col_state[i] = col_state[i]", LENGTH),
    ("memprop_tile_coincidence.svh", "if (row_negative) x = -x", 1, "if (col_negative) x = -x",
     {"row_pulse", "upd_en"}),
    ("memprop_tile_coincidence.svh", "if (pass_restore) restore_states", 1,
     "if (pass_first) restore_states",
     {"row_pulse", "col_pulse", "upd_en"}),
    ("memprop_tile_coincidence.svh", "row_size > {{ROW_W{1'b0}}, row_threshold}", 1,
     "row_size >= {{ROW_W{1'b0}}, row_threshold}", {"row_pulse", "upd_en"}),
    ("memprop_tile_pulse_count.svh", "finished <= slot == slots && pending == 0", 1,
     "finished <= slot == slots", LENGTH),
    ("memprop_adc.sv", "(sum + {{(SUM_W-5){1'b0}}, half})", 1, "sum", LENGTH),
    ("memprop_adc.sv", "last_group ? {GROUP_W{1'b0}} : adc_group + 1'b1", 1,
     "last_group ? adc_group : adc_group + 1'b1", {"adc_group"}),
    ("memprop_adc.sv", "sums <= last_of_group ? {CHANNELS*SUM_W{1'b0}} : sums_next", 1,
     "sums <= sums_next", LENGTH),
    ("memprop_latches.sv", "adc_group} == k / CHANNELS", 1, "adc_group} >= k / CHANNELS", LENGTH),
    ("memprop_pass_counter.sv", "set = index[1] == group", 1, "set = index[1]", {"upd_pol"}),
    ("memprop_pass_counter.sv", "slot + 16'd1 == length", 1, "slot == length", LENGTH),
]
SOME = (0, 2, 6, 17, 18, 21)


def run_bench(bench, sources, cache, cycles):
    environment = dict(os.environ, MEMPROP_CACHE_DIR=str(cache), MEMPROP_RTL_OPTIMISE="0",
                       SC_COPYRIGHT_MESSAGE="DISABLE")
    return subprocess.run([bench, "--cycles", str(cycles), "--channels", "3", "--top", "memprop_controller",
                           *map(str, sources)], env=environment, capture_output=True, text=True,
                          check=False)


def mutated(folder, target, mutation):
    """Copies the sources with the one change; the .sv files of the copy."""
    name, text, occurrence, replacement, _ = mutation
    for path in folder.iterdir():
        if path.suffix in (".sv", ".svh"):
            shutil.copy(path, target / path.name)
    parts = (target / name).read_text().split(text)
    if len(parts) <= occurrence:
        raise LookupError(f"{name} has no {occurrence}. '{text}': the list of mutations is old")
    changed = text.join(parts[:occurrence]) + replacement + text.join(parts[occurrence:])
    (target / name).write_text(changed)
    return sorted(target.glob("*.sv"))


def try_mutation(bench, folder, scratch, number, mutation):
    """None if it was caught by the right signal, else what happened."""
    target = scratch / f"mutation{number}"
    target.mkdir()
    label = f"{number}: {mutation[0]}: '{mutation[1]}' -> '{mutation[3]}'"
    try:
        sources = mutated(folder, target, mutation)
    except LookupError as error:
        return f"{label}: {error}"
    done = run_bench(bench, sources, scratch / "cache", 3000)
    if done.returncode != 3:
        return f"{label}: not caught (exit code {done.returncode})\n{done.stdout}{done.stderr}"
    found = re.search(r"differ in cycle (\d+) \(.*?\): (\w+)(\S*) is", done.stdout)
    if not found or found.group(2) not in mutation[4]:
        return f"{label}: expected one of {sorted(mutation[4])}\n{done.stdout}"
    print(f"caught  {label}: {found.group(2)}{found.group(3)} in cycle {found.group(1)}",
          flush=True)
    return None


def main():
    bench, folder = sys.argv[1], Path(sys.argv[2])
    if shutil.which("verilator") is None or shutil.which("g++") is None:
        print("not run: needs the packages verilator and g++")
        return NOT_RUN
    chosen = [(k, m) for k, m in enumerate(MUTATIONS) if "--some" not in sys.argv or k in SOME]
    with tempfile.TemporaryDirectory(prefix="mutations-") as scratch:
        scratch = Path(scratch)
        clean = run_bench(bench, sorted(folder.glob("*.sv")), scratch / "cache", 3000)
        if clean.returncode != 0:
            print(f"without a mutation: exit code {clean.returncode}\n{clean.stdout}{clean.stderr}")
            return 1
        print(f"unchanged: {clean.stdout.strip()}", flush=True)
        with ThreadPoolExecutor(2) as pool:
            problems = list(pool.map(
                lambda item: try_mutation(bench, folder, scratch, *item), chosen))
    problems = [p for p in problems if p]
    for problem in problems:
        print(f"MISSED  {problem}")
    print(f"{len(chosen) - len(problems)} of {len(chosen)} caught")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
