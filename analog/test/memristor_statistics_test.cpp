// 1e5 devices of every preset that steps in w: means within 1 % and spreads within 2 % of the
// distributions as defined, with floors and log-normal factors; a mean of 0 within 1 % of the
// spread.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "analog/memristor/presets.hpp"
#include "analog/memristor/pulse_device_array.hpp"
#include "analog/test/memristor_fixture.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::analog {
namespace {

using test::all_cells;
using test::Statistics;
using test::statistics;
using test::weight;
using test::weights;

constexpr std::size_t kDevices = 100000;

// Mean and spread of max(m + s xi, 0).
Statistics floored_normal(double m, double s) {
  if (s == 0.0) return {std::max(m, 0.0), 0.0};
  const double a = m / s;
  const double density = std::exp(-0.5 * a * a) / std::sqrt(2.0 * 3.14159265358979323846);
  const double share = 0.5 * std::erfc(-a / std::sqrt(2.0));
  const double mean = m * share + s * density;
  const double square = (m * m + s * s) * share + m * s * density;
  return {mean, std::sqrt(square - mean * mean)};
}

void expect_statistics(const std::vector<double>& got, const Statistics& want,
                       const std::string& what) {
  const Statistics s = statistics(got);
  const double mean_error = want.mean != 0.0 ? 0.01 * std::fabs(want.mean) : 0.01 * want.sd;
  EXPECT_NEAR(s.mean, want.mean, mean_error + 1e-12) << what;
  EXPECT_NEAR(s.sd, want.sd, 0.02 * want.sd + 1e-9 * std::fabs(want.mean)) << what;
}

// Bounds so far away, alike for all, that no step meets them; what depends on the state stays at
// w = 0. The conductance never reaches 0.
DeviceConfig far_bounds(DeviceConfig c) {
  c.w_max = 1e3;
  c.w_min = -1e3;
  c.w_max_spread = c.w_min_spread = 0.0;
  c.g_min_s = 10e-6;
  c.g_max_s = 14e-6;
  c.reference_at_symmetry = false;
  c.reference_spread = 0.0;
  return c;
}

DeviceConfig quiet(DeviceConfig c) {
  c.cycle_noise = c.write_noise = 0.0;
  return c;
}

DeviceConfig uniform(DeviceConfig c) {
  c.step_spread = c.up_down_spread = c.gamma_up_spread = c.gamma_down_spread = 0.0;
  return c;
}

std::vector<double> after_pulses(const DeviceConfig& c, bool up, int pulses) {
  PulseDeviceArray array(c, kDevices, 11, "statistics");
  for (int k = 0; k < pulses; ++k)
    array.pulse(all_cells(kDevices), up, 5 + static_cast<unsigned>(k));
  return weights(array);
}

// Mean of the draws behind the cycle noise of after_pulses(), itself 0 within its own spread.
double mean_cycle_draw(int pulses) {
  const RandomStream cycle(11, "statistics/cycle");
  const double draws = static_cast<double>(kDevices) * pulses;
  double mean = 0.0;
  for (int k = 0; k < pulses; ++k) {
    std::vector<double> xi(kDevices);
    cycle.normals_at(all_cells(kDevices), 5 + static_cast<unsigned>(k), xi);
    for (const double x : xi) mean += x / draws;
  }
  EXPECT_LT(std::fabs(mean), 4.0 / std::sqrt(draws));
  return mean;
}

// The step at w = 0 of a device without spread.
double nominal_step(const DeviceConfig& c, bool up) {
  PulseDeviceArray array(uniform(quiet(c)), 1, 11, "statistics");
  array.pulse(all_cells(1), up, 5);
  return weight(array, 0);
}

class StepPresets : public testing::TestWithParam<std::string> {};

TEST_P(StepPresets, DeviceSpreadsAreThoseOfTheDefinition) {
  const DeviceConfig preset = device_preset(GetParam());
  for (const bool up : {true, false}) {
    const DeviceConfig c = far_bounds(quiet(preset));
    const double bias = up ? std::min(c.up_down, 0.0) : -std::max(c.up_down, 0.0);
    const double step = nominal_step(c, up) / (1.0 + bias);
    Statistics want;
    const double s = c.step_spread, s_ud = c.up_down_spread;
    if (c.step_spread_lognormal) {
      want.mean = std::exp(0.5 * s * s) + bias;
      want.sd = std::sqrt(std::expm1(s * s) * std::exp(s * s) + s_ud * s_ud);
    } else {
      want = floored_normal(1.0 + bias, std::hypot(s, s_ud));
    }
    std::vector<double> factor = after_pulses(c, up, 1);
    for (double& f : factor) f /= step;
    expect_statistics(factor, want, up ? "step up" : "step down");
  }
  DeviceConfig c = preset;
  c.g_min_s = 10e-6;
  c.g_max_s = 14e-6;
  c.reference_at_symmetry = false;
  c.reference_spread = 0.0;
  const PulseDeviceArray array(c, kDevices, 11, "statistics");
  const double scale = (c.g_max_s - c.g_min_s) / (c.w_max - c.w_min);
  std::vector<double> high(kDevices), low(kDevices);
  for (std::size_t k = 0; k < kDevices; ++k) {
    high[k] = c.w_min + (array.high_s(k) - c.g_min_s) / scale;
    low[k] = c.w_min + (array.low_s(k) - c.g_min_s) / scale;
  }
  const auto scaled = [](Statistics s, double by) {
    return Statistics{s.mean * by, s.sd * std::fabs(by)};
  };
  expect_statistics(high, scaled(floored_normal(1.0, c.w_max_spread), c.w_max), "upper bound");
  expect_statistics(low, scaled(floored_normal(1.0, c.w_min_spread), c.w_min), "lower bound");
}

TEST_P(StepPresets, CycleAndWriteNoiseAreThoseOfTheDefinition) {
  const DeviceConfig preset = far_bounds(uniform(device_preset(GetParam())));
  const bool curved = preset.model == DeviceModel::exp_step;
  for (const bool up : {true, false}) {
    const double step = nominal_step(preset, up);
    DeviceConfig c = preset;
    c.write_noise = 0.0;
    const double floor = curved ? c.cycle_noise_floor : 0.0;
    const std::vector<double> one = after_pulses(c, up, 1);
    const double sd = c.cycle_noise * (std::fabs(step) + floor);
    EXPECT_NEAR(statistics(one).sd, sd, 0.02 * sd + 1e-9 * std::fabs(step));
    // The noise of a pulse, up to several times its step, hides the mean: 20 pulses, whose
    // state-dependent part is left out, less what the mean of their own draws has added.
    c.cycle_noise_slope = 0.0;
    const double noise = floor != 0.0 ? sd : c.cycle_noise * step;
    const double mean =
        statistics(after_pulses(c, up, 20)).mean / 20.0 - noise * mean_cycle_draw(20);
    EXPECT_NEAR(mean, step, 0.01 * std::fabs(step));
    c = preset;
    c.cycle_noise = 0.0;
    std::vector<double> seen = after_pulses(c, up, 1);
    for (double& w : seen) w -= step;
    // What the preset's conductance shows beside its state.
    expect_statistics(seen, {0.0, c.write_noise * c.step}, "write noise");
  }
}

INSTANTIATE_TEST_SUITE_P(Presets, StepPresets,
                         testing::Values("gokmen-vlasov", "idealized", "soft-bounds-1200",
                                         "reram-sb", "reram-es", "reram-array-om",
                                         "reram-array-hfo2", "capacitor", "ecram-li", "ecram-mo",
                                         "pcm-one-sided", "exp-step-default", "power-step-1200"),
                         [](const auto& preset) {
                           std::string name = preset.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

// The exponents and slopes of single devices.
TEST(DeviceStatistics, SlopesOfLinearStep) {
  DeviceConfig c = quiet(test::wide_device(DeviceModel::linear_step));
  c.step = 0.01;
  c.gamma_up = 0.4152;
  c.gamma_up_spread = 0.05;
  c.step_spread = c.up_down_spread = 0.0;
  PulseDeviceArray array(c, kDevices, 4, "statistics");
  std::vector<double> half(kDevices, c.g_min_s + 0.75 * (c.g_max_s - c.g_min_s));
  array.set_conductance(half);
  array.pulse(all_cells(kDevices), true, 1);
  std::vector<double> gamma = weights(array);
  for (double& g : gamma) g = (1.0 - (g - 0.5) / 0.01) / 0.5;
  expect_statistics(gamma, {0.4152, 0.4152 * 0.05}, "gamma_up");
}

}  // namespace
}  // namespace memprop::analog
