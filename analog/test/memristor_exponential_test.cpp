#include "analog/memristor/exponential.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "analog/memristor/presets.hpp"
#include "analog/test/memristor_fixture.hpp"

namespace memprop::analog {
namespace {

using test::all_cells;
using test::statistics;

DeviceConfig silver_without_noise() {
  DeviceConfig c = device_preset("neurosim-ag-a-si");
  c.window_cycle_noise = 0.0;
  return c;
}

// The table of MLP+NeuroSim, as printed with six digits.
TEST(Exponential, LabelLawGivesTheTableOfNeuroSim) {
  const struct {
    double label, a;
  } table[] = {{1, 1.251653},    {2, 0.609035}, {2.4, 0.499181}, {3, 0.386830}, {4, 0.269089},
               {4.88, 0.200303}, {5, 0.192406}, {6, 0.135619},   {8, 0.052781}, {9, 0.022810}};
  for (const auto& entry : table) {
    EXPECT_NEAR(curvature_of_label(entry.label), entry.a, 1.1e-6) << entry.label;
    EXPECT_EQ(curvature_of_label(-entry.label), -curvature_of_label(entry.label));
  }
  EXPECT_TRUE(std::isinf(curvature_of_label(0.0)));
  // Nearly straight: the deviation of the curve is 1/(8a).
  EXPECT_NEAR(curvature_of_label(1e-3) * 8 * 0.098995e-3, 1.0, 1e-3);
}

TEST(Exponential, FollowsTheReferenceSeriesOfSilver) {
  const DeviceConfig c = silver_without_noise();
  PulseDeviceArray array(c, 1, 1, "test");
  const auto run = [&array](bool up, int from, int to) {
    for (int i = from; i < to; ++i) array.pulse(all_cells(1), up, 0);
    return array.conductance()[0] * 1e9;
  };
  array.set_conductance(std::vector<double>{c.g_min_s});
  EXPECT_NEAR(run(true, 0, 1) / 3.91297144, 1.0, 1e-5);
  EXPECT_NEAR(run(true, 1, 10) / 10.7090296, 1.0, 1e-5);
  EXPECT_NEAR(run(true, 10, 48) / 28.8009618, 1.0, 1e-5);
  EXPECT_NEAR(run(true, 48, 97) / 38.462, 1.0, 1e-5);
  array.set_conductance(std::vector<double>{c.g_max_s});
  EXPECT_NEAR(run(false, 0, 1) / 36.7270153, 1.0, 1e-5);
  EXPECT_NEAR(run(false, 1, 10) / 24.4602277, 1.0, 1e-5);
  EXPECT_NEAR(run(false, 10, 50) / 5.77054551, 1.0, 1e-5);
  EXPECT_NEAR(run(false, 50, 100) / 3.0769, 1.0, 1e-5);
}

// The published way (pulse number by a logarithm, one more or less, conductance by an exponential)
// in long double, from arbitrary conductances.
TEST(Exponential, OnePulseIsOneMoreOnTheCurve) {
  const DeviceConfig c = silver_without_noise();
  const long double window = static_cast<long double>(c.g_max_s) - c.g_min_s;
  for (const bool up : {true, false}) {
    const long double levels = up ? 97 : 100;
    const long double a =
        (up ? curvature_of_label(2.4) : -static_cast<long double>(curvature_of_label(4.88))) *
        levels;
    const long double b = window / (1 - std::exp(-levels / a));
    const std::size_t n = 50;
    std::vector<double> start(n);
    for (std::size_t k = 0; k < n; ++k) {
      start[k] = c.g_min_s + static_cast<double>(window) * (0.1 + 0.8 * static_cast<double>(k) / n);
    }
    PulseDeviceArray array(c, n, 1, "test");
    EXPECT_EQ(array.set_conductance(start), 0u);
    array.pulse(all_cells(n), up, 0);
    for (std::size_t k = 0; k < n; ++k) {
      const long double p = -a * std::log(1 - (start[k] - c.g_min_s) / b);
      const long double next = c.g_min_s + b * (1 - std::exp(-(p + (up ? 1 : -1)) / a));
      EXPECT_NEAR(array.conductance()[k] / static_cast<double>(next), 1.0, 1e-13);
    }
  }
}

TEST(Exponential, LabelZeroIsLinear) {
  const DeviceConfig c = device_preset("neurosim-ideal");
  PulseDeviceArray array(c, 1, 1, "test");
  EXPECT_NEAR(array.nominal_states(), 64.0, 1e-9);
  array.set_conductance(std::vector<double>{c.g_min_s});
  for (int i = 1; i <= 64; ++i) {
    array.pulse(all_cells(1), true, 0);
    EXPECT_NEAR(array.conductance()[0], 0.1e-6 + 4.9e-6 * i / 64, 1e-18);
  }
  for (int i = 63; i >= 0; --i) {
    array.pulse(all_cells(1), false, 0);
    EXPECT_NEAR(array.conductance()[0], 0.1e-6 + 4.9e-6 * i / 64, 1e-18);
  }
}

TEST(Exponential, CycleNoiseIsRelativeToTheWindowAndClipped) {
  const DeviceConfig c = device_preset("neurosim-ag-a-si");
  const double window = c.g_max_s - c.g_min_s;
  const std::size_t n = 40000;
  PulseDeviceArray array(c, n, 3, "test");
  array.pulse(all_cells(n), true, 0);
  std::vector<double> g(array.conductance(), array.conductance() + n);
  const auto s = statistics(g);
  EXPECT_NEAR(s.sd, 0.035 * window, 0.035 * window * 4.5 / std::sqrt(2.0 * n));
  DeviceConfig quiet = c;
  quiet.window_cycle_noise = 0.0;
  PulseDeviceArray reference(quiet, 1, 3, "test");
  reference.pulse(all_cells(1), true, 0);
  EXPECT_NEAR(s.mean, reference.conductance()[0], 0.035 * window * 4.5 / std::sqrt(double{n}));
  for (int i = 1; i < 300; ++i) {
    array.pulse(all_cells(n), i % 3 != 0, static_cast<std::uint64_t>(i));
    if (i % 50 != 0) continue;
    for (std::size_t k = 0; k < n; ++k) {
      ASSERT_GE(array.conductance()[k], c.g_min_s);
      ASSERT_LE(array.conductance()[k], c.g_max_s);
    }
  }
  EXPECT_GT(array.counters().saturated, 0u);
}

// The label of each device is read back from its largest step, at the lower end of the window.
TEST(Exponential, LabelsSpreadFromDeviceToDevice) {
  DeviceConfig c = silver_without_noise();
  c.nonlinearity_spread = 0.5;
  const double window = c.g_max_s - c.g_min_s;
  const std::size_t n = 4000;
  PulseDeviceArray array(c, n, 4, "test");
  array.set_conductance(std::vector<double>(n, c.g_min_s));
  array.pulse(all_cells(n), true, 0);
  std::vector<double> label(n);
  for (std::size_t k = 0; k < n; ++k) {
    const double step = (array.conductance()[k] - c.g_min_s) / window;
    double low = 1e-4, high = 8.0;
    for (int i = 0; i < 60; ++i) {
      const double middle = 0.5 * (low + high);
      const double a = curvature_of_label(middle);
      const double first = (1 - std::exp(-1 / (a * 97))) / (1 - std::exp(-1 / a));
      (first < step ? low : high) = middle;
    }
    label[k] = low;
  }
  EXPECT_NEAR(statistics(label).mean, 2.4, 4.5 * 0.5 / std::sqrt(double{n}));
  EXPECT_NEAR(statistics(label).sd, 0.5, 4.5 * 0.5 / std::sqrt(2.0 * n));
}

}  // namespace
}  // namespace memprop::analog
