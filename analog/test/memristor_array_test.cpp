#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "analog/memristor/presets.hpp"
#include "analog/test/memristor_fixture.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

using test::all_cells;
using test::wide_device;

std::vector<double> read(const PulseDeviceArray& array) {
  return {array.conductance(), array.conductance() + array.size()};
}

// Lists of pulses as training makes them: sparse, in both directions.
void train(PulseDeviceArray& array, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t event = first; event < last; ++event) {
    std::vector<std::uint32_t> cells;
    for (std::uint32_t k = static_cast<std::uint32_t>(event % 3); k < array.size();
         k += 2 + static_cast<std::uint32_t>(event % 5)) {
      cells.push_back(k);
    }
    array.pulse(cells, event % 2 == 0, event);
  }
}

class EveryPreset : public testing::TestWithParam<std::string> {};

TEST_P(EveryPreset, DependsOnSeedStreamAndEventAlone) {
  const DeviceConfig c = device_preset(GetParam());
  PulseDeviceArray a(c, 500, 1, "chip/tile1/plus"), b(c, 500, 1, "chip/tile1/plus");
  train(a, 0, 40);
  train(b, 0, 40);
  EXPECT_EQ(read(a), read(b));
  PulseDeviceArray other_seed(c, 500, 2, "chip/tile1/plus");
  PulseDeviceArray other_stream(c, 500, 1, "chip/tile1/minus");
  train(other_seed, 0, 40);
  train(other_stream, 0, 40);
  const bool random = c.cycle_noise != 0 || c.window_cycle_noise != 0;
  EXPECT_EQ(read(a) != read(other_seed), random);
  EXPECT_EQ(read(a) != read(other_stream), random);
}

TEST_P(EveryPreset, OrderAndSplitOfAListDoNotMatter) {
  const DeviceConfig c = device_preset(GetParam());
  const std::size_t n = 1003;
  PulseDeviceArray whole(c, n, 1, "test"), reversed(c, n, 1, "test"), single(c, n, 1, "test");
  auto cells = all_cells(n);
  auto backwards = cells;
  std::reverse(backwards.begin(), backwards.end());
  for (std::uint64_t event = 0; event < 5; ++event) {
    whole.pulse(cells, event % 2 == 0, event);
    reversed.pulse(backwards, event % 2 == 0, event);
    for (const std::uint32_t& k : cells) {
      single.pulse(Span<const std::uint32_t>(&k, 1), event % 2 == 0, event);
    }
  }
  EXPECT_EQ(read(whole), read(reversed));
  EXPECT_EQ(read(whole), read(single));
  EXPECT_EQ(whole.counters().saturated, single.counters().saturated);
  EXPECT_NEAR(whole.counters().up_conductance_s / single.counters().up_conductance_s, 1.0, 1e-12);
}

TEST_P(EveryPreset, ResumesFromASavedState) {
  const DeviceConfig c = device_preset(GetParam());
  PulseDeviceArray whole(c, 300, 1, "test");
  whole.stick(7, 0.0);
  whole.stick(8, c.g_max_s);
  train(whole, 0, 20);
  const std::vector<double> saved = whole.save();
  PulseDeviceArray resumed(c, 300, 1, "test");
  resumed.stick(9, c.g_min_s);  // not stuck in the saved array
  resumed.restore(saved);
  EXPECT_EQ(read(resumed), read(whole));
  EXPECT_TRUE(resumed.stuck(7));
  EXPECT_FALSE(resumed.stuck(9));
  train(whole, 20, 40);
  train(resumed, 20, 40);
  EXPECT_EQ(read(resumed), read(whole));
  EXPECT_EQ(resumed.save(), whole.save());
  EXPECT_EQ(resumed.counters().up, whole.counters().up);
  EXPECT_THROW(resumed.restore(std::vector<double>(17)), UserError);
}

TEST_P(EveryPreset, StuckCellsKeepTheirConductance) {
  const DeviceConfig c = device_preset(GetParam());
  PulseDeviceArray array(c, 64, 1, "test");
  array.stick(0, 0.0);
  array.stick(33, 0.3 * c.g_max_s);
  EXPECT_TRUE(array.stuck(33));
  train(array, 0, 50);
  std::vector<double> target(64, 0.5 * (c.g_min_s + c.g_max_s));
  EXPECT_GE(array.set_conductance(target), 2u);
  EXPECT_EQ(array.conductance()[0], 0.0);
  EXPECT_EQ(array.conductance()[33], 0.3 * c.g_max_s);
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const DevicePreset& preset : device_presets()) names.push_back(preset.name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Presets, EveryPreset, testing::ValuesIn(preset_names()),
                         [](const testing::TestParamInfo<std::string>& tested) {
                           std::string text = tested.param;
                           std::replace(text.begin(), text.end(), '-', '_');
                           return text;
                         });

TEST(PulseDeviceArray, WritesWithinEachDevicesOwnBounds) {
  DeviceConfig c = wide_device(DeviceModel::constant_step);
  c.w_max_spread = 0.1;  // no device ends below w = 0.25, half of them end below 1
  const std::size_t n = 1000;
  PulseDeviceArray array(c, n, 1, "test");
  EXPECT_EQ(array.set_conductance(std::vector<double>(n, 12.5e-6)), 0u);
  for (const double g : read(array)) EXPECT_NEAR(g, 12.5e-6, 1e-18);
  const std::size_t cut = array.set_conductance(std::vector<double>(n, c.g_max_s));
  std::size_t below = 0;
  for (std::size_t k = 0; k < n; ++k) {
    EXPECT_NEAR(array.conductance()[k], std::min(c.g_max_s, array.high_s(k)), 1e-17);
    below += array.high_s(k) < c.g_max_s;
  }
  EXPECT_EQ(cut, below);
  EXPECT_GT(cut, n / 3);
  EXPECT_LT(cut, 2 * n / 3);
}

TEST(PulseDeviceArray, CountsPulsesAndTheirEnergy) {
  DeviceConfig c = wide_device(DeviceModel::constant_step);
  c.step = 0.1;  // 0.2 uS
  c.set_voltage_v = 2.0;
  c.reset_voltage_v = 3.0;
  c.pulse_width_s = 10e-9;
  PulseDeviceArray array(c, 4, 1, "test");
  array.stick(3, 1e-6);
  array.pulse(std::vector<std::uint32_t>{0, 1, 3}, true, 0);
  array.pulse(std::vector<std::uint32_t>{1}, false, 1);
  EXPECT_EQ(array.counters().up, 3u);
  EXPECT_EQ(array.counters().down, 1u);
  EXPECT_EQ(array.counters().saturated, 0u);
  EXPECT_NEAR(array.counters().up_conductance_s, 12.1e-6 + 12.1e-6 + 1e-6, 1e-17);
  EXPECT_NEAR(array.counters().down_conductance_s, 12.1e-6, 1e-17);
  EXPECT_NEAR(array.write_energy_j(), 10e-9 * (4.0 * 25.2e-6 + 9.0 * 12.1e-6), 1e-24);
}

TEST(PulseDeviceArray, PulsesOnlyTheListedCells) {
  const DeviceConfig c = device_preset("gokmen-vlasov");
  PulseDeviceArray array(c, 100, 1, "test");
  const auto before = read(array);
  array.pulse(std::vector<std::uint32_t>{99, 3, 50}, true, 0);
  const auto after = read(array);
  for (std::size_t k = 0; k < 100; ++k) {
    EXPECT_EQ(before[k] != after[k], k == 3 || k == 50 || k == 99) << k;
  }
  array.pulse(Span<const std::uint32_t>(), true, 1);
  EXPECT_EQ(read(array), after);
  EXPECT_THROW(array.pulse(std::vector<std::uint32_t>{100}, true, 2), InternalError);
}

TEST(PulseDeviceArray, OnlyTheIdealDeviceTakesAnExactWrite) {
  const DeviceConfig c = device_preset("ideal");
  PulseDeviceArray array(c, 3, 1, "test");
  array.set_conductance(std::vector<double>{1e-6, 2e-6, 4.9e-6});
  array.add(std::vector<std::uint32_t>{0, 2}, std::vector<double>{-0.123e-6, 1e-6});
  EXPECT_EQ(array.conductance()[0], 1e-6 - 0.123e-6);
  EXPECT_EQ(array.conductance()[1], 2e-6);
  EXPECT_EQ(array.conductance()[2], 5e-6);
  EXPECT_EQ(array.counters().saturated, 1u);
  EXPECT_EQ(array.counters().up, 1u);
  EXPECT_EQ(array.counters().down, 1u);
  PulseDeviceArray real(device_preset("gokmen-vlasov"), 3, 1, "test");
  EXPECT_THROW(real.add(std::vector<std::uint32_t>{0}, std::vector<double>{1e-9}), UserError);
}

TEST(PulseDeviceArray, RefusesImpossibleDevices) {
  const auto error_of = [](auto&& change) -> std::string {
    DeviceConfig c;
    change(c);
    try {
      check_device(c);
    } catch (const UserError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(error_of([](DeviceConfig&) {}), "accepted");
  EXPECT_EQ(error_of([](DeviceConfig& c) { c.g_min_s = 6e-6; }),
            "device: expected 0 <= g_min < g_max, got g_min = 6 uS, g_max = 5 uS");
  EXPECT_EQ(error_of([](DeviceConfig& c) { c.step = 0; }), "device: expected step above 0, got 0");
  EXPECT_EQ(error_of([](DeviceConfig& c) {
              c.model = DeviceModel::exponential;
              c.nonlinearity_up = 9.5;
            }),
            "device: expected nonlinearity_up from 0 to 9, got 9.5");
  EXPECT_EQ(error_of([](DeviceConfig& c) { c.w_min = 0.5; }),
            "device: expected w_min <= 0 <= w_max, got w_min = 0.5, w_max = 1");
  EXPECT_NE(error_of([](DeviceConfig& c) { c.cycle_noise = std::nan(""); }), "accepted");
}

}  // namespace
}  // namespace memprop::analog
