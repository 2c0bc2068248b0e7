// What pulses do beside their step, and what time, temperature and wires make of a tile's cells.
#include <gtest/gtest.h>

#include <cmath>

#include "analog/crossbar/effective_pairs.hpp"
#include "analog/crossbar/write_effects.hpp"
#include "analog/test/memristor_fixture.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

using test::weight;

DeviceConfig steps_of(double step) {
  DeviceConfig c = test::wide_device(DeviceModel::constant_step);
  c.step = step;
  return c;
}

// Rows 1 and 3 and columns 0 and 2 of a 4 x 3 array carry a pulse at once.
const std::vector<std::uint32_t> crossed{1, 3, 9, 11};

TEST(WriteEffects, HalfVoltageDisturbsCellsOfOnePulsedLine) {
  WriteEffectsConfig config;
  config.disturb.strength_up = 0.1;
  config.disturb.strength_down = 0.05;
  PulseDeviceArray array(steps_of(0.01), 12, 1, "test");
  WriteEffects write(config, 4, 3, 1, "test");
  write.pulse(array, crossed, true, 1);
  for (std::size_t cell = 0; cell < 12; ++cell) {
    const bool row = cell % 4 == 1 || cell % 4 == 3, column = cell / 4 != 1;
    const double want = row && column ? 0.01 : row != column ? 0.001 : 0.0;
    EXPECT_NEAR(weight(array, cell), want, 1e-12) << cell;
  }
}

TEST(WriteEffects, ThirdOfTheVoltageDisturbsAllOthersToo) {
  WriteEffectsConfig config;
  config.disturb.strength_up = 0.1;
  config.disturb.strength_down = 0.04;
  config.disturb.scheme = SelectScheme::third;
  PulseDeviceArray array(steps_of(0.01), 12, 1, "test");
  WriteEffects write(config, 4, 3, 1, "test");
  write.pulse(array, crossed, true, 1);
  for (std::size_t cell = 0; cell < 12; ++cell) {
    const bool row = cell % 4 == 1 || cell % 4 == 3, column = cell / 4 != 1;
    // Cells without a pulsed line see a third of the other sign.
    const double want = row && column ? 0.01 : row != column ? 0.001 : -0.0004;
    EXPECT_NEAR(weight(array, cell), want, 1e-12) << cell;
  }
}

// Imperfection 19: on each line of `crossed` two cells are written at once, so each cell has two
// others beside it.
TEST(WriteEffects, SimultaneousPulsesWeakenEachOther) {
  WriteEffectsConfig config;
  config.supply_drop = 0.25;
  PulseDeviceArray array(steps_of(0.01), 12, 1, "test");
  WriteEffects write(config, 4, 3, 1, "test");
  write.pulse(array, crossed, true, 1);
  for (const auto cell : crossed) EXPECT_NEAR(weight(array, cell), 0.01 / 1.5, 1e-12);
  const std::vector<std::uint32_t> alone{5};
  write.pulse(array, alone, false, 2);
  EXPECT_NEAR(weight(array, 5), -0.01, 1e-12);
}

TEST(WriteEffects, JitterIsCommonToASlot) {
  WriteEffectsConfig config;
  config.jitter = 0.1;
  PulseDeviceArray array(steps_of(1e-6), 12, 1, "test");
  WriteEffects write(config, 4, 3, 1, "test");
  double sum = 0.0, squares = 0.0, before = 0.0;
  constexpr int slots = 4000;
  for (int k = 0; k < slots; ++k) {
    write.pulse(array, crossed, true, static_cast<std::uint64_t>(k));
    EXPECT_EQ(weight(array, 1), weight(array, 11));
    const double step = (weight(array, 1) - before) / 1e-6;
    before = weight(array, 1);
    sum += step / slots;
    squares += step * step / slots;
  }
  EXPECT_NEAR(sum, 1.0, 4 * 0.1 / std::sqrt(slots));
  EXPECT_NEAR(std::sqrt(squares - sum * sum), 0.1, 4 * 0.1 / std::sqrt(2.0 * slots));
}

TEST(WriteEffects, AClosingWindowIsRestoredAsItWas) {
  WriteEffectsConfig config;
  config.endurance.closing = 0.1;
  config.endurance.closing_pulses = 10.0;
  DeviceConfig device = steps_of(0.5);
  PulseDeviceArray array(device, 12, 1, "test");
  WriteEffects write(config, 4, 3, 1, "test");
  for (std::uint64_t k = 0; k < 90; ++k) write.pulse(array, crossed, true, k);
  const auto saved = array.save();
  const auto worn = write.save();
  const double top = array.conductance()[1];
  EXPECT_NEAR(top, device.g_max_s * (1.0 - 0.1 * std::log10(10.0)), 1e-12);  // 1 + 90/10 = 10
  for (std::uint64_t k = 90; k < 900; ++k) write.pulse(array, crossed, true, k);
  EXPECT_LT(array.conductance()[1], top);
  array.restore(saved);
  write.restore(worn, array);
  EXPECT_EQ(array.conductance()[1], top);
  EXPECT_EQ(write.wear().most, 90U);
  PulseDeviceArray other(device, 12, 1, "test");
  WriteEffects other_write(config, 4, 3, 1, "test");
  other.restore(saved);
  other_write.restore(worn, other);
  for (std::uint64_t k = 900; k < 950; ++k) {
    write.pulse(array, crossed, true, k);
    other_write.pulse(other, crossed, true, k);
  }
  EXPECT_EQ(array.save(), other.save());
}

DevicePairsConfig small_pairs() {
  DevicePairsConfig c;
  c.name = "tile1";
  c.rows = 5;
  c.columns = 4;
  c.coding = PairCoding::differential;
  c.device = steps_of(0.01);
  return c;
}

TEST(Faults, OfATileFallOnBothSidesAndOnWholeLines) {
  DevicePairsConfig c = small_pairs();
  c.rows = 200;
  c.columns = 100;
  c.faults.stuck_high = 0.05;
  c.faults.open = 0.1;
  const DevicePairs pairs(c);
  std::size_t open = 0, high = 0, either = 0;
  for (std::size_t k = 0; k < 20000; ++k) {
    bool faulty = false;
    for (const auto* side : {&pairs.plus(), pairs.minus()}) {
      if (!side->stuck(k)) continue;
      faulty = true;
      (side->conductance()[k] == 0.0 ? open : high) += 1;
    }
    either += faulty;
  }
  EXPECT_EQ(pairs.stuck_cells(), either);
  EXPECT_NEAR(static_cast<double>(open) / 40000, 0.1, 0.006);
  EXPECT_NEAR(static_cast<double>(high) / 40000, 0.05, 0.005);
  c.faults = {};
  c.faults.open_rows = 0.2;
  const DevicePairs lines(c);
  for (std::size_t row = 0; row < 200; ++row) {
    // A broken row takes both devices of all its pairs.
    const bool dead = lines.plus().conductance()[row] == 0.0;
    for (std::size_t k = row; k < 20000; k += 200) {
      EXPECT_EQ(lines.plus().conductance()[k] == 0.0, dead);
      EXPECT_EQ(lines.minus()->conductance()[k] == 0.0, dead);
    }
  }
}

EffectivePairsConfig everything() {
  EffectivePairsConfig c;
  c.conductance_gain = 1.1;
  c.telegraph = {0.1, 0.3, 1e-6, 2e-6};
  c.flicker = {1e-4, 1e-6, 1e-3, 3};
  c.retention.nu = 0.05;
  c.retention.nu_spread = 0.02;
  c.retention.t_0_s = 1e-6;
  c.pause_s = 1e-5;
  c.has_wires = true;
  c.wires.wires.row_wire_ohm = c.wires.wires.column_wire_ohm = 50.0;
  c.wires.wires.driver_ohm = 300.0;
  c.wires.refresh_every = 3;
  return c;
}

struct Tile {
  explicit Tile(const EffectivePairsConfig& config)
      : pairs(small_pairs()), cells(config, pairs, "tile1", 3) {}
  void sample(std::uint64_t number) {
    cells.begin_sample();
    cells.advance(1e-6);
    cells.advance(2e-6);
    const std::vector<std::uint32_t> list{0, 7, 13};
    cells.pulse(list, number % 2 == 0, number, 2.5e-6);
    cells.end_sample(3e-6);
  }
  DevicePairs pairs;
  EffectivePairs cells;
};

TEST(EffectivePairs, ARestoredTileGoesOnWithTheSameBits) {
  Tile a(everything()), b(everything());
  for (std::uint64_t k = 0; k < 5; ++k) a.sample(k);
  b.sample(100);  // some other past
  b.pairs.restore(a.pairs.save());
  b.cells.restore(a.cells.save());
  for (std::uint64_t k = 5; k < 12; ++k) {
    a.sample(k);
    b.sample(k);
    EXPECT_EQ(a.cells.forward().values(), b.cells.forward().values()) << k;
    EXPECT_EQ(a.cells.backward().values(), b.cells.backward().values()) << k;
    EXPECT_EQ(a.cells.largest_followed_error(), b.cells.largest_followed_error()) << k;
  }
  EXPECT_EQ(a.pairs.save(), b.pairs.save());
  EXPECT_EQ(a.cells.save(), b.cells.save());
  EXPECT_GT(a.cells.largest_followed_error(), 0.0);
}

// A pulse goes on from what drift has left, and starts the cell's clock anew.
TEST(EffectivePairs, PulsesMeetTheDriftedConductance) {
  EffectivePairsConfig config;
  config.retention.nu = 0.1;
  config.retention.t_0_s = 1.0;
  Tile tile(config);
  const double fresh = tile.pairs.plus().conductance()[0];
  tile.cells.wait(100.0);
  tile.cells.begin_sample();
  const double drifted = fresh * std::pow(100.0, -0.1);
  EXPECT_NEAR(tile.cells.plus_s()[0], drifted, 1e-12 * fresh);
  const double step = 0.01 * 2e-6;  // of 4 uS for w from -1 to 1
  const std::vector<std::uint32_t> cell{0};
  tile.cells.pulse(cell, true, 0, 0.0);
  // The window's lower bound stops what has drifted below it.
  const double low = small_pairs().device.g_min_s;
  EXPECT_NEAR(tile.pairs.plus().conductance()[0], std::max(drifted, low) + step, 1e-12 * fresh);
  tile.cells.end_sample(0.0);
  tile.cells.wait(10.0);
  tile.cells.begin_sample();
  EXPECT_NEAR(tile.cells.plus_s()[0], (std::max(drifted, low) + step) * std::pow(10.0, -0.1),
              1e-12 * fresh);
  EXPECT_NEAR(tile.cells.plus_s()[1], fresh * std::pow(110.0, -0.1), 1e-12 * fresh);
}

TEST(EffectivePairs, DecayEndsAtItsRest) {
  EffectivePairsConfig config;
  config.retention.of = DriftOf::decay;
  config.retention.decay_s = 2.0;
  config.retention.rest_s = 11e-6;
  Tile tile(config);
  const double fresh = tile.pairs.plus().conductance()[3];
  tile.cells.wait(3.0);
  tile.cells.begin_sample();
  EXPECT_NEAR(tile.cells.plus_s()[3], 11e-6 + (fresh - 11e-6) * std::exp(-1.5), 1e-18);
}

TEST(EffectivePairs, SumsAndPowersAreThoseOfItsCells) {
  EffectivePairsConfig config;
  config.conductance_gain = 1.25;
  Tile tile(config);
  tile.cells.begin_sample();
  const std::vector<double> row{0.1, -0.2, 0.05, 0.0, 0.3}, column{0.1, 0.2, -0.1, 0.05};
  EXPECT_NEAR(tile.cells.row_power(row.data()) / tile.pairs.row_power(row.data()), 1.25, 1e-12);
  EXPECT_NEAR(tile.cells.column_power(column.data()) / tile.pairs.column_power(column.data()), 1.25,
              1e-12);
  std::vector<double> a(5), b(5);
  tile.cells.square_product(row.data(), a.data());
  tile.pairs.square_product(row.data(), b.data());
  EXPECT_NEAR(a[2] / b[2], 1.25 * 1.25, 1e-12);
  tile.cells.square_product_transposed(column.data(), a.data());
  tile.pairs.square_product_transposed(column.data(), b.data());
  EXPECT_NEAR(a[4] / b[4], 1.25 * 1.25, 1e-12);
  tile.cells.magnitude_product(row.data(), a.data());
  tile.pairs.magnitude_product(row.data(), b.data());
  EXPECT_NEAR(a[2] / b[2], 1.25, 1e-12);
  double sum = 0.0;
  for (std::size_t j = 0; j < 5; ++j) {
    sum += (tile.cells.plus_s()[10 + j] + tile.cells.minus_s()[10 + j]) * std::fabs(row[j]);
  }
  EXPECT_NEAR(a[2], sum, 1e-12 * sum);
  tile.cells.magnitude_product_transposed(column.data(), a.data());
  tile.pairs.magnitude_product_transposed(column.data(), b.data());
  EXPECT_NEAR(a[4] / b[4], 1.25, 1e-12);
  sum = 0.0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t k = 5 * i + 4;
    sum += (tile.cells.plus_s()[k] + tile.cells.minus_s()[k]) * std::fabs(column[i]);
  }
  EXPECT_NEAR(a[4], sum, 1e-12 * sum);
  tile.cells.row_sums(a.data());
  tile.pairs.row_sums(b.data());
  EXPECT_NEAR(a[1] / b[1], 1.25, 1e-12);
  tile.cells.column_sums(a.data());
  tile.pairs.column_sums(b.data());
  EXPECT_NEAR(a[3] / b[3], 1.25, 1e-12);
}

}  // namespace
}  // namespace memprop::analog
