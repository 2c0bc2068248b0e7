// Named devices with the source of their numbers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analog/memristor/device_config.hpp"

namespace memprop::analog {

// Where the numbers come from.
enum class Grade {
  published,  // as given by the cited paper or by the cited open implementation of it
  derived,    // computed from published numbers, or one of them replaced
  designed,   // chosen for this program
};

std::string_view name(Grade grade);

struct DevicePreset {
  std::string name;
  std::string summary;  // one line
  std::string source;
  Grade grade = Grade::designed;
  std::string caveat;   // what is assumed or left out
  DeviceConfig config;  // with config.preset = name
};

const std::vector<DevicePreset>& device_presets();

// Throws UserError naming the presets nearest to the name.
DeviceConfig device_preset(std::string_view name);

}  // namespace memprop::analog
