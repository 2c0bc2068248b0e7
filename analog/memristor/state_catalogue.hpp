// The state-equation devices by name, with the published parameter sets.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analog/memristor/state_device.hpp"

namespace memprop::analog {

struct StateDeviceEntry {
  std::string name;
  std::string summary;  // one line
  std::string source;
  std::string caveat;  // what is assumed or left out; "" for nothing
  // A drive that shows the device: amplitudes [V] of both polarities and one period [s].
  double positive_v, negative_v, period_s;
  std::unique_ptr<StateDevice> (*make)();
};

const std::vector<StateDeviceEntry>& state_devices();

// Throws UserError naming the known devices.
std::unique_ptr<StateDevice> make_state_device(std::string_view name);

}  // namespace memprop::analog
