// [chip.faults], [chip.wires], [chip.noise], [chip.retention], [chip.write], [chip.endurance]: the
// cells of the tiles beyond the steps of their devices.
#include "cli/config/describe.hpp"

namespace memprop::config {
namespace {

void describe_faults(Binder& b, analog::FaultConfig& c) {
  b.section("chip.faults",
            "Devices that do not work, drawn once from the seed. Fractions of all devices.");
  b.number("stuck_low", c.stuck_low, within(0, 1), "stuck at g_min");
  b.number("stuck_high", c.stuck_high, within(0, 1), "stuck at g_max");
  b.number("stuck_random", c.stuck_random, within(0, 1), "stuck somewhere in the window");
  b.number("open", c.open, within(0, 1), "dead: no current at all");
  b.number("shorted", c.shorted, within(0, 1), "short circuits of conductance `short`");
  b.quantity("short", c.short_s, Unit::siemens, at_least(0), "conductance of a short circuit");
  b.number("open_rows", c.open_rows, within(0, 1), "fraction of the rows that are broken");
  b.number("open_columns", c.open_columns, within(0, 1), "fraction of the columns");
  b.number("stuck_blocks", c.stuck_blocks, within(0, 1),
           "fraction of the square blocks that are stuck at g_min");
  b.integer("block_size", c.block_size, within(1, 65536), "edge of a block in cells");
}

void describe_wires(Binder& b, hw::WiresConfig& c) {
  using analog::LineEnds;
  using analog::PairPlacement;
  const Names<LineEnds> ends{{LineEnds::near, "one-sided"}, {LineEnds::both, "two-sided"}};
  b.section("chip.wires",
            "Resistance of the tiles' wires (docs/circuits.md). Without `technology`, `row` and "
            "`column` there are no wires.");
  b.name_of("technology", c.technology,
            {"", "130nm", "65nm", "45nm", "32nm", "22nm", "14nm", "7nm"},
            "node whose metal gives `row` and `column` where they are 0; empty: none");
  b.quantity("row", c.row_ohm, Unit::ohm, at_least(0), "of a row, per cell");
  b.quantity("column", c.column_ohm, Unit::ohm, at_least(0), "of a column, per cell");
  b.quantity("driver", c.driver_ohm, Unit::ohm, at_least(0), "of the source of a driven line");
  b.quantity("sense", c.sense_ohm, Unit::ohm, at_least(0),
             "of the amplifier at a sensed line; other than `driver`: feedback is not W^T");
  b.choice("drive", c.drive, ends, "ends at which driven lines have their source");
  b.choice("sense_ends", c.sense, ends, "ends at which sensed lines have their amplifier");
  b.quantity("transistor", c.transistor_ohm, Unit::ohm, at_least(0),
             "on-resistance in series with each device (1T1R); \"0 ohm\": none (1R)");
  b.quantity("transistor_limit", c.transistor_limit_a, Unit::ampere, at_least(0),
             "saturation current of that transistor; \"0 A\": none. With it, or with a "
             "chip.device.nonlinear_voltage, currents are solved for whenever they are needed");
  b.choice("placement", c.placement,
           {{PairPlacement::adjacent_columns, "adjacent-columns"},
            {PairPlacement::separate_arrays, "separate-arrays"}},
           "where the two devices of a pair are");
  b.integer("refresh_every", c.refresh_every, at_least(1),
            "updates between exact solutions of a tile");
  b.boolean("follow", c.follow, "follow the devices to first order in between");
}

void describe_noise(Binder& b, hw::NoiseConfig& c) {
  b.section("chip.noise", "Noise of the cells: white while they are read, and slow.");
  b.number("read", c.read, at_least(0), "relative rms of a cell's conductance");
  b.boolean("thermal", c.thermal, "thermal noise 4 kB T G of every cell, in the same bandwidth");
  b.boolean("shot", c.shot,
            "shot noise, 2 q times the current of every cell, in the same bandwidth (devices that "
            "conduct through a tunnelling gap)");
  b.quantity("correlation_time", c.correlation_time_s, Unit::second, positive(), "of these three");
  b.quantity("grid", c.grid_s, Unit::second, positive(), "grid on which they change");
  b.number("telegraph", c.telegraph, within(0, 1),
           "relative amplitude of a cell's telegraph noise, median");
  b.number("telegraph_spread", c.telegraph_spread, at_least(0),
           "of the amplitude's logarithm, cell to cell");
  b.quantity("capture_time", c.capture_s, Unit::second, positive(),
             "mean time that a trap stays empty (full current)");
  b.quantity("emission_time", c.emission_s, Unit::second, positive(),
             "mean time that it stays occupied");
  b.number("flicker", c.flicker, at_least(0), "1/f noise: S/G^2 at 1 Hz [1/Hz]");
  b.quantity("flicker_fast", c.flicker_fast_s, Unit::second, positive(),
             "shortest time constant of its traps");
  b.quantity("flicker_slow", c.flicker_slow_s, Unit::second, positive(),
             "longest time constant of its traps");
  b.quantity("cell_grid", c.cell_grid_s, Unit::second, positive(),
             "grid on which telegraph noise, 1/f noise and ageing proceed within a sample");
}

void describe_retention(Binder& b, hw::RetentionKeys& c) {
  using hw::RetentionLaw;
  b.section("chip.retention", "How written conductances change while nobody writes.");
  b.choice("law", c.law,
           {{RetentionLaw::none, "none"},
            {RetentionLaw::power, "power-law"},
            {RetentionLaw::pcm, "pcm"},
            {RetentionLaw::decay, "decay"}},
           "G (t/start)^-exponent; the same with the exponents of phase-change memory; or an "
           "exponential decay to a rest conductance");
  b.number("exponent", c.exponent, at_least(0), "mean exponent (power-law)");
  b.number(
      "spread", c.spread, at_least(0),
      "per writing: of the exponent, absolute (power-law); of the logarithm of `time` (decay)");
  b.quantity("start", c.start_s, Unit::second, positive(),
             "time after writing at which it begins (power-law, pcm)");
  b.quantity("time", c.time_s, Unit::second, at_least(0), "time constant (decay)");
  b.number("rest", c.rest, within(0, 1), "where it ends, as part of the window (decay)");
  b.number("activation_energy", c.activation_ev, at_least(0),
           "in eV: ageing at chip.temperature runs faster than at 300 K");
  b.quantity("pause", c.pause_s, Unit::second, at_least(0),
             "time between two samples, for ageing, telegraph and 1/f noise");
  b.quantity("before_test", c.before_test_s, Unit::second, at_least(0),
             "the chip is left alone for so long before each test");
}

void describe_write(Binder& b, analog::WriteEffectsConfig& c) {
  using analog::SelectScheme;
  b.section("chip.write", "What programming pulses do beside their step.");
  b.number("disturb_set", c.disturb.strength_up, within(0, 1),
           "part of a step that a half-selected device takes from a SET pulse");
  b.number("disturb_reset", c.disturb.strength_down, within(0, 1), "the same for a RESET pulse");
  b.choice("scheme", c.disturb.scheme,
           {{SelectScheme::half, "half"}, {SelectScheme::third, "third"}},
           "V/2 on the devices of pulsed lines, or V/3 on them and -V/3 on all others");
  b.number("supply_drop", c.supply_drop, at_least(0),
           "a step is divided by 1 + supply_drop times the further devices that are pulsed at once "
           "on its row and its column");
  b.number("jitter", c.jitter, at_least(0),
           "of the pulse width from slot to slot, relative: all devices of a slot together");
  b.section("chip.endurance", "Wear of devices by pulses.");
  b.boolean("count", c.count_pulses, "count the pulses of every device, for the result");
  b.number("closing", c.endurance.closing, within(0, 1),
           "g_max falls by this part of itself per decade of pulses");
  b.number("closing_pulses", c.endurance.closing_pulses, positive(), "from so many pulses on");
  b.number("failure_pulses", c.endurance.failure_scale, at_least(0),
           "scale of the Weibull distribution of the pulses that a device survives, then it is "
           "stuck; 0: no failures");
  b.number("failure_shape", c.endurance.failure_shape, positive(), "its shape");
}

}  // namespace

void describe_tile(Binder& b, hw::ChipConfig& c) {
  describe_faults(b, c.faults);
  describe_wires(b, c.wires);
  describe_noise(b, c.noise);
  describe_retention(b, c.retention);
  describe_write(b, c.write);
}

}  // namespace memprop::config
