// Reduction of state equations to tables, and the parts that combine with any pulse device: faults,
// endurance, half-select disturb, nonlinear reads.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "analog/memristor/endurance.hpp"
#include "analog/memristor/faults.hpp"
#include "analog/memristor/half_select.hpp"
#include "analog/memristor/nonlinear_iv.hpp"
#include "analog/memristor/presets.hpp"
#include "analog/memristor/state_catalogue.hpp"
#include "analog/memristor/state_reduction.hpp"
#include "analog/test/memristor_fixture.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

using test::all_cells;
using test::wide_device;

ReductionConfig pulses_of(double set_v, double reset_v, double width_s, double read_v,
                          std::size_t pulses) {
  ReductionConfig c;
  c.set_v = set_v;
  c.reset_v = reset_v;
  c.width_s = width_s;
  c.read_v = read_v;
  c.pulses = pulses;
  return c;
}

void report(const std::string& name, const Reduction& r) {
  testing::Test::RecordProperty(name, std::to_string(r.largest_error));
  std::printf(
      "%s: %.4g to %.4g S, %zu nodes, largest error %.3g, rms %.3g, step %.3g of the window\n",
      name.c_str(), r.device.g_min_s, r.device.g_max_s, r.device.table_up.size(), r.largest_error,
      r.rms_error, r.step_error);
}

TEST(Reduction, FollowsSmoothDevices) {
  // VTEAM without window moves by equal steps of R: a curve of G that a table resolves.
  const Reduction ferro =
      reduce_to_table(*make_state_device("ferro-mimo"), pulses_of(-2.6, 2.0, 10e-9, 0.1, 60));
  report("ferro-mimo", ferro);
  EXPECT_LT(ferro.largest_error, 1e-4);
  EXPECT_NO_THROW(check_device(ferro.device));
  EXPECT_EQ(ferro.device.model, DeviceModel::table);
  const Reduction hp =
      reduce_to_table(*make_state_device("hp-2008-biolek"), pulses_of(1.0, -1.0, 8e-3, 0.1, 60));
  report("hp-2008-biolek", hp);
  EXPECT_LT(hp.largest_error, 1e-4);
  const Reduction taox =
      reduce_to_table(*make_state_device("yakopcic-taox"), pulses_of(0.5, -1.0, 50e-3, 0.05, 60));
  report("yakopcic-taox", taox);
  EXPECT_LT(taox.largest_error, 1e-4);
}

TEST(Reduction, ErrorFallsWithTheSquareOfTheSpacing) {
  ReductionConfig config = pulses_of(0.5, -1.0, 50e-3, 0.05, 40);
  const auto device = make_state_device("yakopcic-taox");
  config.tolerance = 0.0;  // even nodes
  config.points = 33;
  const double coarse = reduce_to_table(*device, config).rms_error;
  config.points = 129;
  const double fine = reduce_to_table(*device, config).rms_error;
  // A quarter of the spacing; a sixteenth of the error, less what the trains leave out.
  EXPECT_LT(fine, coarse / 8.0);
}

TEST(Reduction, FollowsHotDevicesUnderGentlePulses) {
  // Short pulses below the runaway of SET.
  ReductionConfig gentle = pulses_of(-0.75, 1.2, 2e-7, 0.1, 30);
  gentle.reset_width_s = 2e-6;
  const Reduction jart = reduce_to_table(*make_state_device("jart-vcm-v1b"), gentle);
  report("jart-vcm-v1b", jart);
  EXPECT_GT(jart.device.g_max_s, 1.01 * jart.device.g_min_s);
  EXPECT_LT(jart.largest_error, 1e-4);
  const Reduction stanford =
      reduce_to_table(*make_state_device("stanford-rram"), pulses_of(1.4, -1.1, 20e-9, 0.1, 60));
  report("stanford-rram", stanford);
  EXPECT_LT(stanford.largest_error, 1e-3);
}

// A SET pulse that runs through the window at once, and a RESET pulse that does so from all but the
// top of it: even nodes miss where, nodes set where they are needed do not.
TEST(Reduction, FollowsARunawayWithNodesWhereTheyAreNeeded) {
  const auto device = make_state_device("jart-vcm-v1b");
  ReductionConfig config = pulses_of(-0.9, 1.5, 1e-6, 0.1, 6);
  config.points = 40;
  config.tolerance = 0.0;
  const Reduction even = reduce_to_table(*device, config);
  report("jart-vcm-v1b, even nodes", even);
  config.points = 120;
  config.tolerance = 1e-3;
  const Reduction adapted = reduce_to_table(*device, config);
  report("jart-vcm-v1b, adapted nodes", adapted);
  EXPECT_LE(adapted.device.table_nodes.size(), 120U);
  EXPECT_NO_THROW(check_device(adapted.device));
  EXPECT_GT(even.step_error, 0.1);
  EXPECT_LT(adapted.step_error, 0.01);
  EXPECT_LT(adapted.largest_error, 0.01);
}

TEST(Reduction, RefusesPulsesThatMoveNothing) {
  EXPECT_THROW(
      reduce_to_table(*make_state_device("vteam-default"), pulses_of(-0.1, 0.01, 1e-9, 0.01, 5)),
      UserError);
}

TEST(Faults, FractionsAndValues) {
  FaultConfig config;
  config.stuck_low = 0.0904;
  config.stuck_high = 0.0175;
  config.stuck_random = 0.02;
  config.open = 0.01;
  config.shorted = 0.005;
  config.random_from = 0.4;
  config.random_to = 0.6;
  const auto faults = draw_faults(config, 400, 500, 3, "test");
  std::vector<double> count(6, 0.0);
  for (const Fault f : faults) count[static_cast<std::size_t>(f)] += 1.0 / 200000.0;
  const double want[] = {0.8571, 0.0904, 0.0175, 0.02, 0.01, 0.005};
  for (std::size_t k = 0; k < 6; ++k) {
    EXPECT_NEAR(count[k], want[k], 4 * std::sqrt(want[k] / 200000.0));
  }
  EXPECT_EQ(faults, draw_faults(config, 400, 500, 3, "test"));
  const DeviceConfig device = wide_device(DeviceModel::constant_step);
  PulseDeviceArray array(device, faults.size(), 1, "test");
  const std::size_t stuck = apply_faults(array, faults, config, 3, "test");
  const std::vector<double> before(array.conductances().begin(), array.conductances().end());
  array.pulse(all_cells(faults.size()), true, 1);
  std::size_t moved = 0;
  for (std::size_t k = 0; k < faults.size(); ++k) {
    const double g = array.conductance()[k];
    moved += g != before[k];
    switch (faults[k]) {
      case Fault::none:
        break;
      case Fault::stuck_low:
        EXPECT_EQ(g, device.g_min_s);
        break;
      case Fault::stuck_high:
        EXPECT_EQ(g, device.g_max_s);
        break;
      case Fault::stuck_random:
        EXPECT_GE(g, 11.6e-6 - 1e-12);
        EXPECT_LE(g, 12.4e-6 + 1e-12);
        break;
      case Fault::open:
        EXPECT_EQ(g, 0.0);
        break;
      case Fault::shorted:
        EXPECT_EQ(g, 1e-3);
        break;
    }
  }
  EXPECT_EQ(moved + stuck, faults.size());
  config.open = 0.9;
  EXPECT_THROW(draw_faults(config, 2, 2, 1, "test"), UserError);
}

TEST(Faults, ClustersTakeWholeLines) {
  FaultConfig config;
  config.open_columns = 0.1;
  config.stuck_blocks = 0.05;
  const std::size_t rows = 64, columns = 64;
  const auto faults = draw_faults(config, rows, columns, 5, "test");
  std::size_t lines = 0, blocks = 0;
  for (std::size_t c = 0; c < columns; ++c) {
    std::size_t open = 0;
    for (std::size_t r = 0; r < rows; ++r) open += faults[c * rows + r] == Fault::open;
    EXPECT_TRUE(open == 0 || open == rows);
    lines += open == rows;
  }
  EXPECT_GT(lines, 0u);
  for (std::size_t c = 0; c < columns; c += 8) {
    for (std::size_t r = 0; r < rows; r += 8) {
      std::size_t low = 0, open = 0;
      for (std::size_t k = 0; k < 64; ++k) {
        const Fault f = faults[(c + k / 8) * rows + r + k % 8];
        low += f == Fault::stuck_low;
        open += f == Fault::open;
      }
      EXPECT_TRUE(low == 0 || low + open == 64);
      blocks += low > 0;
    }
  }
  EXPECT_GT(blocks, 0u);
}

TEST(Endurance, WeibullFailuresAndClosingWindow) {
  EnduranceConfig config;
  config.failure_scale = 200.0;
  config.failure_shape = 2.0;
  config.closing = 0.1;
  config.closing_pulses = 10.0;
  constexpr std::size_t cells = 20000;
  DeviceConfig device = wide_device(DeviceModel::constant_step);
  device.step = 1e-4;
  PulseDeviceArray array(device, cells, 1, "test");
  Endurance wear(config, cells, 1, "test");
  for (std::uint64_t k = 1; k <= 200; ++k) {
    array.pulse(all_cells(cells), true, k);
    wear.after_pulse(array, all_cells(cells));
    if (k % 50 == 0) {
      const double x = static_cast<double>(k) / 200.0;
      const double want = -std::expm1(-x * x);
      EXPECT_NEAR(static_cast<double>(wear.failed()) / cells, want, 0.015);
    }
  }
  std::size_t stuck = 0;
  for (std::size_t k = 0; k < cells; ++k) {
    EXPECT_EQ(wear.pulses(k), 200u);
    stuck += array.stuck(k);
    if (!array.stuck(k)) continue;
    // Where it stood when it failed: after as many pulses as it survives, rounded up.
    const double w = std::ceil(wear.lifetime(k)) * 1e-4;
    ASSERT_NEAR(test::weight(array, k), w, 1e-9);
  }
  EXPECT_EQ(stuck, wear.failed());
  EXPECT_NEAR(wear.worn_g_max_s(0, 1e-6, 10e-6), 10e-6 * (1 - 0.1 * std::log10(21.0)), 1e-15);
  Endurance other(config, cells, 1, "test");
  other.restore(wear.save());
  EXPECT_EQ(other.failed(), wear.failed());
  const Endurance off({}, 2, 1, "test");
  EXPECT_TRUE(std::isinf(off.lifetime(0)));
  EXPECT_EQ(off.worn_g_max_s(0, 1e-6, 10e-6), 10e-6);
}

TEST(HalfSelect, TouchesTheRowAndTheColumnOnly) {
  DeviceConfig device = wide_device(DeviceModel::constant_step);
  device.step = 0.01;
  HalfSelectConfig config;
  config.strength_up = 0.05;
  HalfSelect disturb(config, 5, 4);
  PulseDeviceArray array(device, 20, 1, "test");
  const std::vector<std::uint32_t> list{7, 13};  // (row 2, column 1), (row 3, column 2)
  array.pulse(list, true, 1);
  disturb.after_pulse(array, list, true);
  for (std::uint32_t cell = 0; cell < 20; ++cell) {
    const std::uint32_t row = cell % 5, column = cell / 5;
    double want = 0.0;
    for (const std::uint32_t other : list) {
      if (cell == other) {
        want += 0.01;
      } else {
        want += 0.05 * 0.01 * (row == other % 5) + 0.05 * 0.01 * (column == other / 5);
      }
    }
    EXPECT_NEAR(test::weight(array, cell), want, 1e-12) << cell;
  }
  const std::vector<double> before(array.conductances().begin(), array.conductances().end());
  disturb.after_pulse(array, list, false);  // off in this direction
  EXPECT_EQ(std::vector<double>(array.conductances().begin(), array.conductances().end()), before);
  EXPECT_EQ(array.counters().up, 2u);  // disturbs are no pulses
  config.strength_up = 2.0;
  EXPECT_THROW(HalfSelect(config, 2, 2), UserError);
}

TEST(HalfSelect, StrengthFromTheStateEquation) {
  // 0.5 V against 1 V on VTEAM's positive side: (0.5/0.02 - 1)/(1/0.02 - 1) of the step in R.
  const auto vteam = make_state_device("vteam-default");
  const double strength = half_select_strength(*vteam, {1e-9}, 1.0, 1e-13, 0.5, 0.01);
  EXPECT_NEAR(strength, 24.0 / 49.0, 1e-3);
  // At half of 0.25 V on the negative side the device does not feel it.
  EXPECT_EQ(half_select_strength(*vteam, {1e-9}, -0.25, 1e-10, 0.5, 0.01), 0.0);
  // Seven decades in 0.4 V: what a third less does to JART is next to nothing.
  const auto jart = make_state_device("jart-vcm-v1b");
  const double half = half_select_strength(*jart, {0.02}, -0.8, 1e-8, 0.5, 0.1);
  EXPECT_GE(half, 0.0);
  EXPECT_LT(half, 1e-4);
}

TEST(NonlinearIv, IsOddAndOhmicByDefault) {
  const NonlinearIv ohmic;
  EXPECT_EQ(ohmic.current(1e-6, 0.3), 0.3e-6);
  EXPECT_EQ(ohmic.slope(1e-6, 0.3), 1e-6);
  EXPECT_EQ(ohmic.read_gain(0.3), 1.0);
  NonlinearIv law;
  law.sinh_v = 0.25;
  law.cubic_v = 2.0;
  for (const double v : {0.01, 0.1, 0.4}) {
    EXPECT_EQ(law.current(1e-6, -v), -law.current(1e-6, v));
    EXPECT_NEAR(law.current(1e-6, v), 1e-6 * 0.25 * std::sinh(v / 0.25) * (1 + v * v / 4), 1e-18);
    const double h = 1e-5;
    EXPECT_NEAR(law.slope(1e-6, v), (law.current(1e-6, v + h) - law.current(1e-6, v - h)) / (2 * h),
                1e-14);
  }
  EXPECT_NEAR(law.read_gain(1e-6), 1.0, 1e-9);
}

}  // namespace
}  // namespace memprop::analog
