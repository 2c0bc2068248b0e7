#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "analog/test/memristor_fixture.hpp"

namespace memprop::analog {
namespace {

using test::all_cells;
using test::statistics;
using test::weight;
using test::weights;
using test::wide_device;

constexpr std::size_t kMany = 40000;
// Relative limits of 4.5 standard errors.
const double kMeanLimit = 4.5 / std::sqrt(double{kMany});
const double kSdLimit = 4.5 / std::sqrt(2.0 * kMany);

void pulses(PulseDeviceArray& array, bool up, int count, std::uint64_t first_event = 0) {
  const auto cells = all_cells(array.size());
  for (int i = 0; i < count; ++i) {
    array.pulse(cells, up, first_event + static_cast<std::uint64_t>(i));
  }
}

std::vector<double> change_of_one_pulse(PulseDeviceArray& array, bool up, std::uint64_t event) {
  const auto before = weights(array);
  pulses(array, up, 1, event);
  auto change = weights(array);
  for (std::size_t k = 0; k < change.size(); ++k) change[k] -= before[k];
  return change;
}

// Values computed from the equations and confirmed against the reference C++ tile.
TEST(SoftBounds, FollowsTheReferenceSeries) {
  DeviceConfig c = wide_device(DeviceModel::soft_bounds);
  c.w_min = -0.75;
  c.w_max = 1.25;
  c.step = 0.002;
  PulseDeviceArray array(c, 1, 1, "test");
  EXPECT_NEAR(weight(array, 0), 0.0, 1e-15);
  pulses(array, true, 1);
  EXPECT_NEAR(weight(array, 0), 0.002, 1e-12);
  pulses(array, true, 99);
  EXPECT_NEAR(weight(array, 0), 0.184956744, 5e-10);
  pulses(array, true, 900);
  EXPECT_NEAR(weight(array, 0), 0.997952525, 5e-10);
  // Downwards from 0: b_min (1 - (1 - dw/|b_min|)^n).
  PulseDeviceArray down(c, 1, 1, "test");
  pulses(down, false, 500);
  EXPECT_NEAR(weight(down, 0), -0.75 * (1 - std::pow(1 - 0.002 / 0.75, 500)), 1e-11);
}

TEST(SoftBounds, StepsBalanceAtTheSymmetryPoint) {
  DeviceConfig c = wide_device(DeviceModel::soft_bounds);
  c.w_min = -0.75;
  c.w_max = 1.25;
  c.step = 0.002;
  c.up_down = 0.3;  // dw+ = 0.002, dw- = 0.0014
  const double symmetry = (0.002 - 0.0014) / (0.002 / 1.25 + 0.0014 / 0.75);
  PulseDeviceArray array(c, 1, 1, "test");
  pulses(array, true, 1000);
  for (int i = 0; i < 5000; ++i) {
    pulses(array, true, 1);
    pulses(array, false, 1);
  }
  EXPECT_NEAR(weight(array, 0), symmetry, 0.001);
}

TEST(ConstantStep, AsymmetryEntersOneDirectionOnly) {
  for (const double up_down : {0.2, -0.2, 0.0}) {
    DeviceConfig c = wide_device(DeviceModel::constant_step);
    c.step = 0.01;
    c.up_down = up_down;
    PulseDeviceArray array(c, 1, 1, "test");
    pulses(array, true, 1);
    EXPECT_NEAR(weight(array, 0), 0.01 * (1 + std::min(up_down, 0.0)), 1e-13);
    pulses(array, false, 1);
    EXPECT_NEAR(weight(array, 0),
                0.01 * (1 + std::min(up_down, 0.0)) - 0.01 * (1 - std::max(up_down, 0.0)), 1e-13);
  }
}

TEST(ConstantStep, SixtyFourStepsCrossTheWindow) {
  DeviceConfig c = wide_device(DeviceModel::constant_step);
  c.step = 2.0 / 64;
  PulseDeviceArray array(c, 1, 1, "test");
  EXPECT_NEAR(array.nominal_states(), 64.0, 1e-9);
  EXPECT_NEAR(array.nominal_step_s(), 4e-6 / 64, 1e-18);
  array.set_conductance(std::vector<double>{c.g_min_s});
  pulses(array, true, 63);
  EXPECT_NEAR(array.conductance()[0], c.g_max_s - 4e-6 / 64, 1e-17);
  pulses(array, true, 5);
  EXPECT_NEAR(array.conductance()[0], c.g_max_s, 1e-17);
  EXPECT_GE(array.counters().saturated, 4u);
  EXPECT_LE(array.counters().saturated, 5u);
}

TEST(LinearStep, StepsSpreadFromDeviceToDeviceAndShareTheDraw) {
  DeviceConfig c = wide_device(DeviceModel::constant_step);
  c.step = 0.01;
  c.step_spread = 0.2;  // far enough from the floor at 0
  PulseDeviceArray array(c, kMany, 5, "test");
  const auto up = change_of_one_pulse(array, true, 0);
  const auto down = change_of_one_pulse(array, false, 1);
  const auto s = statistics(up);
  EXPECT_NEAR(s.mean, 0.01, 0.01 * 0.2 * kMeanLimit);
  EXPECT_NEAR(s.sd, 0.002, 0.002 * kSdLimit);
  for (std::size_t k = 0; k < kMany; ++k) ASSERT_NEAR(up[k], -down[k], 1e-13);
}

TEST(LinearStep, UpDownSpreadHasOppositeSignInTheTwoDirections) {
  DeviceConfig c = wide_device(DeviceModel::constant_step);
  c.step = 0.01;
  c.step_spread = 0.2;
  c.up_down_spread = 0.05;
  PulseDeviceArray array(c, kMany, 5, "test");
  const auto up = change_of_one_pulse(array, true, 0);
  const auto down = change_of_one_pulse(array, false, 1);
  std::vector<double> difference(kMany), sum(kMany);
  for (std::size_t k = 0; k < kMany; ++k) {
    difference[k] = 0.5 * (up[k] + down[k]) / 0.01;
    sum[k] = 0.5 * (up[k] - down[k]) / 0.01;
  }
  EXPECT_NEAR(statistics(difference).sd, 0.05, 0.05 * kSdLimit);
  EXPECT_NEAR(statistics(difference).mean, 0.0, 0.05 * kMeanLimit);
  EXPECT_NEAR(statistics(sum).sd, 0.2, 0.2 * kSdLimit);
}

TEST(LinearStep, WideNormalSpreadStopsAtZeroAndLogNormalStaysPositive) {
  DeviceConfig c = wide_device(DeviceModel::constant_step);
  c.step = 0.001;
  c.step_spread = 0.7829;
  PulseDeviceArray normal(c, kMany, 6, "test");
  const auto change = change_of_one_pulse(normal, true, 0);
  double zero = 0;
  for (const double x : change) {
    EXPECT_GE(x, -1e-15);
    zero += std::fabs(x) < 1e-15;
  }
  const double p = 0.5 * std::erfc(1 / 0.7829 / std::sqrt(2.0));
  EXPECT_NEAR(zero / kMany, p, 4.5 * std::sqrt(p * (1 - p) / kMany));

  c.step_spread_lognormal = true;
  PulseDeviceArray lognormal(c, kMany, 6, "test");
  auto log_change = change_of_one_pulse(lognormal, true, 0);
  for (double& x : log_change) x = std::log(x / 0.001);
  EXPECT_NEAR(statistics(log_change).mean, 0.0, 0.7829 * kMeanLimit);
  EXPECT_NEAR(statistics(log_change).sd, 0.7829, 0.7829 * kSdLimit);
}

TEST(LinearStep, BoundsSpreadFromDeviceToDevice) {
  DeviceConfig c = wide_device(DeviceModel::constant_step);
  c.step = 0.05;
  c.w_max_spread = 0.1;
  c.w_min_spread = 0.2;
  PulseDeviceArray array(c, kMany, 7, "test");
  pulses(array, true, 40);
  auto s = statistics(weights(array));
  EXPECT_NEAR(s.mean, 1.0, 0.1 * kMeanLimit);
  EXPECT_NEAR(s.sd, 0.1, 0.1 * kSdLimit);
  for (std::size_t k = 0; k < kMany; ++k) ASSERT_EQ(array.conductance()[k], array.high_s(k));
  EXPECT_GT(array.counters().saturated, kMany * 15u);
  pulses(array, false, 80);
  s = statistics(weights(array));
  EXPECT_NEAR(s.mean, -1.0, 0.2 * kMeanLimit);
  EXPECT_NEAR(s.sd, 0.2, 0.2 * kSdLimit);
}

TEST(LinearStep, ConductanceStopsAtZero) {
  DeviceConfig c = wide_device(DeviceModel::constant_step);
  c.g_min_s = 0.1e-6;
  c.g_max_s = 5e-6;
  c.step = 0.05;
  c.w_min_spread = 0.3;
  PulseDeviceArray array(c, 2000, 8, "test");
  pulses(array, false, 60);
  std::size_t at_zero = 0;
  for (std::size_t k = 0; k < array.size(); ++k) {
    ASSERT_GE(array.conductance()[k], 0.0);
    at_zero += array.conductance()[k] < 1e-18;
  }
  // G = 0 lies at w = -1.0408: P(bound below) = P(xi > 0.136) = 0.4459.
  EXPECT_NEAR(static_cast<double>(at_zero) / 2000, 0.4459, 4.5 * std::sqrt(0.25 / 2000));
  // No wind-up beyond it: one pulse up leaves zero.
  pulses(array, true, 1);
  for (std::size_t k = 0; k < array.size(); ++k) {
    ASSERT_NEAR(array.conductance()[k] - array.low_s(k), 0.05 * 4.9e-6 / 2, 1e-15);
  }
}

TEST(LinearStep, CycleNoiseIsRelativeToTheStepAndIndependentFromPulseToPulse) {
  DeviceConfig c = wide_device(DeviceModel::constant_step);
  c.step = 0.001;
  c.cycle_noise = 0.3;
  PulseDeviceArray array(c, kMany, 9, "test");
  const auto first = change_of_one_pulse(array, true, 0);
  EXPECT_NEAR(statistics(first).mean, 0.001, 0.0003 * kMeanLimit);
  EXPECT_NEAR(statistics(first).sd, 0.0003, 0.0003 * kSdLimit);
  pulses(array, true, 99, 1);
  const auto s = statistics(weights(array));
  EXPECT_NEAR(s.mean, 0.1, 0.003 * kMeanLimit);
  EXPECT_NEAR(s.sd, 0.003, 0.003 * kSdLimit);
}

TEST(SoftBounds, AdditiveCycleNoiseDoesNotShrinkTowardsTheBound) {
  DeviceConfig c = wide_device(DeviceModel::soft_bounds);
  c.step = 0.002;
  c.cycle_noise = 0.5;
  const double target = c.g_min_s + 0.95 * 4e-6;  // w = 0.9
  for (const bool additive : {false, true}) {
    c.cycle_noise_additive = additive;
    PulseDeviceArray array(c, kMany, 10, "test");
    array.set_conductance(std::vector<double>(kMany, target));
    const auto s = statistics(change_of_one_pulse(array, true, 3));
    const double sd = additive ? 0.001 : 0.001 * 0.1;
    EXPECT_NEAR(s.mean, 0.0002, sd * kMeanLimit);
    EXPECT_NEAR(s.sd, sd, sd * kSdLimit);
  }
}

TEST(LinearStep, WriteNoiseIsSeenByReadsOnlyAndRedrawnByPulses) {
  DeviceConfig c = wide_device(DeviceModel::constant_step);
  c.step = 0.001;
  c.write_noise = 5.0;
  PulseDeviceArray array(c, kMany, 11, "test");
  for (std::size_t k = 0; k < kMany; ++k) ASSERT_NEAR(weight(array, k), 0.0, 1e-12);
  pulses(array, true, 1, 0);
  const auto first = weights(array);
  EXPECT_NEAR(statistics(first).mean, 0.001, 0.005 * kMeanLimit);
  EXPECT_NEAR(statistics(first).sd, 0.005, 0.005 * kSdLimit);
  // After a hundred pulses the spread is still that of one draw: the state itself has none.
  pulses(array, true, 99, 1);
  EXPECT_NEAR(statistics(weights(array)).sd, 0.005, 0.005 * kSdLimit);
  EXPECT_NEAR(statistics(weights(array)).mean, 0.1, 0.005 * kMeanLimit);
  // A pulse elsewhere leaves what a read sees.
  const double before = array.conductance()[17];
  array.pulse(std::vector<std::uint32_t>{16, 18}, true, 200);
  EXPECT_EQ(array.conductance()[17], before);
}

}  // namespace
}  // namespace memprop::analog
