// Linear step, exponential step, power step, table and the reference device: closed forms and the
// figures of the reference implementation.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "analog/memristor/presets.hpp"
#include "analog/memristor/pulse_device_array.hpp"
#include "analog/test/memristor_fixture.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

using test::all_cells;
using test::weight;
using test::wide_device;

// w of one device after each of `pulses` pulses in one direction, from `from`.
std::vector<double> train(const DeviceConfig& config, double from, bool up, int pulses) {
  PulseDeviceArray array(config, 1, 1, "test");
  const double scale = (config.g_max_s - config.g_min_s) / (config.w_max - config.w_min);
  const std::vector<double> start{config.g_min_s + scale * (from - config.w_min)};
  array.set_conductance(start);
  std::vector<double> w{weight(array, 0)};
  const auto cell = all_cells(1);
  for (int k = 0; k < pulses; ++k) {
    array.pulse(cell, up, static_cast<std::uint64_t>(k));
    w.push_back(weight(array, 0));
  }
  return w;
}

DeviceConfig without_spread(const char* preset) {
  DeviceConfig c = device_preset(preset);
  c.step_spread = c.up_down_spread = c.w_max_spread = c.w_min_spread = 0.0;
  c.gamma_up_spread = c.gamma_down_spread = c.reference_spread = 0.0;
  c.cycle_noise = c.write_noise = 0.0;
  return c;
}

TEST(ExpStep, ReRamEsFollowsTheReferenceImplementation) {
  const DeviceConfig c = without_spread("reram-es");
  const auto up = train(c, 0.0, true, 1000);
  EXPECT_NEAR(up[1], 0.00148125453, 1e-6 * 0.0015);
  EXPECT_NEAR(up[10], 0.0147909456, 1e-6 * 0.015);
  EXPECT_NEAR(up[100], 0.146007534, 1e-6 * 0.15);
  EXPECT_NEAR(up[500], 0.705555444, 1e-6);
  EXPECT_NEAR(up[1000], 1.0, 1e-12);
  EXPECT_NEAR(train(c, 0.0, false, 1)[1], -0.00199143556, 1e-6 * 0.002);
  const auto down = train(c, 1.0, false, 1000);
  EXPECT_NEAR(down[10], 0.884253443, 1e-6);
  EXPECT_NEAR(down[100], 0.377377084, 1e-6);
  EXPECT_NEAR(down[500], -0.406992787, 1e-6);
  EXPECT_NEAR(down[1000], -0.998149653, 1e-6);
  // Up and down steps meet at the symmetry point.
  const double w = -0.217229854;
  EXPECT_NEAR(train(c, w, true, 1)[1] - w, w - train(c, w, false, 1)[1], 1e-9);
}

TEST(LinearStep, ApproachesItsFixedPointGeometrically) {
  DeviceConfig c = wide_device(DeviceModel::linear_step);
  c.step = 0.002;
  c.w_max = 1.25;
  c.gamma_up = 0.4;
  c.gamma_down = 0.8;
  const auto up = train(c, 0.0, true, 300);
  const double goal = 1.25 / 0.4;
  EXPECT_NEAR(up[300], goal * (1 - std::pow(1 - 0.002 / goal, 300)), 1e-10);
  const auto down = train(c, 0.0, false, 300);
  EXPECT_NEAR(down[300], -1.25 * (1 - std::pow(1 - 0.002 / 1.25, 300)), 1e-10);
  // With both slopes at 1 it is the soft-bounds device, bit by bit.
  c.gamma_up = c.gamma_down = 1.0;
  DeviceConfig soft = c;
  soft.model = DeviceModel::soft_bounds;
  EXPECT_EQ(train(c, 0.3, true, 50), train(soft, 0.3, true, 50));
}

TEST(PowerStep, StepsByThePowerOfTheDistance) {
  DeviceConfig c = wide_device(DeviceModel::power_step);
  c.step = 0.01;
  c.gamma_up = 1.0;
  c.gamma_down = 2.0;
  const auto up = train(c, -1.0, true, 200);
  EXPECT_NEAR(1.0 - up[200], 2.0 * std::pow(1 - 0.01 / 2.0, 200), 1e-10);
  // d' = -(step/range) d^2 in units of the range tends to 1/(1/d0 + n step/range) for small steps;
  // halving the step halves the distance from it.
  const auto error = [&](double step) {
    c.step = step;
    const int n = static_cast<int>(std::lround(4.0 / step));
    const double got = (train(c, 1.0, false, n).back() + 1.0) / 2.0;
    return std::fabs(got - 1.0 / (1.0 + 2.0));
  };
  EXPECT_LT(error(0.01), 2e-3);
  EXPECT_NEAR(error(0.005) / error(0.01), 0.5, 0.02);
}

TEST(Table, ReproducesTheDeviceItWasTakenFrom) {
  DeviceConfig soft = wide_device(DeviceModel::soft_bounds);
  soft.step = 0.01;
  DeviceConfig table = soft;
  table.model = DeviceModel::table;
  table.table_up.clear();
  table.table_down.clear();
  for (int k = 0; k <= 10; ++k) {
    const double w = -1.0 + 0.2 * k;
    table.table_up.push_back(1.0 - w);
    table.table_down.push_back(1.0 + w);
  }
  const auto a = train(soft, -0.9, true, 400), b = train(table, -0.9, true, 400);
  for (std::size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(a[k], b[k], 1e-11);
  const auto c = train(soft, 0.9, false, 400), d = train(table, 0.9, false, 400);
  for (std::size_t k = 0; k < c.size(); ++k) EXPECT_NEAR(c[k], d[k], 1e-11);
  table.table_down.pop_back();
  EXPECT_THROW(check_device(table), UserError);
}

// Seen from a reference at the symmetry point, up and down steps at 0 are equal for every device.
TEST(ReferenceDevice, SitsAtTheSymmetryPoint) {
  for (const char* name : {"reram-array-om", "reram-array-hfo2"}) {
    DeviceConfig c = device_preset(name);
    c.g_min_s = 10e-6;
    c.g_max_s = 14e-6;
    c.step *= 0.01;  // far from the bounds
    c.cycle_noise = c.write_noise = c.reference_spread = 0.0;
    PulseDeviceArray up(c, 1000, 1, "test"), down(c, 1000, 1, "test");
    up.pulse(all_cells(1000), true, 1);
    down.pulse(all_cells(1000), false, 1);
    double largest = 0.0;
    std::size_t compared = 0;
    for (std::size_t k = 0; k < 1000; ++k) {
      // Where a bound is nearly 0 the pulse ends on it.
      if (up.conductance()[k] >= up.high_s(k) || down.conductance()[k] <= down.low_s(k)) continue;
      ++compared;
      largest = std::max(largest, weight(up, k));
      EXPECT_NEAR(weight(up, k), -weight(down, k), 1e-9) << name << " " << k;
    }
    EXPECT_GT(largest, c.step);
    EXPECT_GT(compared, 900u);
  }
  DeviceConfig wrong = device_preset("reram-array-om");
  wrong.cycle_noise_additive = true;
  EXPECT_THROW(check_device(wrong), UserError);
  wrong.cycle_noise_additive = false;
  wrong.model = DeviceModel::constant_step;
  EXPECT_THROW(check_device(wrong), UserError);
}

TEST(ReferenceDevice, MissesItByTheStatedSpread) {
  DeviceConfig c = device_preset("reram-array-om");
  c.g_min_s = 10e-6;
  c.g_max_s = 14e-6;
  constexpr std::size_t n = 100000;
  const PulseDeviceArray with(c, n, 3, "test");
  c.reference_spread = 0.0;
  const PulseDeviceArray without(c, n, 3, "test");
  std::vector<double> shift(n);
  const double scale = 4e-6 / 2.0;
  for (std::size_t k = 0; k < n; ++k) shift[k] = (without.low_s(k) - with.low_s(k)) / scale;
  const test::Statistics s = test::statistics(shift);
  EXPECT_NEAR(s.mean, 0.0, 0.01 * 0.05);
  EXPECT_NEAR(s.sd, 0.05, 0.02 * 0.05);
}

}  // namespace
}  // namespace memprop::analog
