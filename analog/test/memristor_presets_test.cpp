#include "analog/memristor/presets.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "analog/memristor/pulse_device_array.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

TEST(DevicePresets, AreValidNamedAndSourced) {
  std::set<std::string> names;
  for (const DevicePreset& preset : device_presets()) {
    EXPECT_NO_THROW(check_device(preset.config)) << preset.name;
    EXPECT_EQ(preset.config.preset, preset.name);
    EXPECT_FALSE(preset.summary.empty()) << preset.name;
    EXPECT_FALSE(preset.source.empty()) << preset.name;
    EXPECT_TRUE(names.insert(preset.name).second) << preset.name;
    EXPECT_EQ(device_preset(preset.name).preset, preset.name);
  }
  for (const char* name : {"ideal", "gokmen-vlasov", "idealized", "soft-bounds-1200", "reram-sb",
                           "linear-64", "neurosim-ideal", "neurosim-ag-a-si"}) {
    EXPECT_EQ(names.count(name), 1u) << name;
  }
}

// The figures that the sources state beside the parameters.
TEST(DevicePresets, HaveTheStatedNumbersOfStates) {
  const auto states = [](const char* name) {
    return PulseDeviceArray(device_preset(name), 1, 1, "test").nominal_states();
  };
  EXPECT_NEAR(states("gokmen-vlasov"), 1250.0, 1e-6);  // "1200 states"
  EXPECT_NEAR(states("idealized"), 10000.0, 1e-5);
  EXPECT_NEAR(states("soft-bounds-1200"), 1250.0, 1e-6);
  EXPECT_NEAR(states("linear-64"), 64.0, 1e-9);
  EXPECT_NEAR(states("neurosim-ideal"), 64.0, 1e-9);
}

TEST(DevicePresets, UnknownNameListsTheNearest) {
  try {
    device_preset("gokmen-vlasow");
    FAIL() << "accepted";
  } catch (const UserError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("nearest: gokmen-vlasov,"), std::string::npos) << text;
    EXPECT_NE(text.find("got \"gokmen-vlasow\""), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace memprop::analog
