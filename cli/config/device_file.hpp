// A device in a file of its own: the [chip.device] section of a configuration and nothing else, as
// memprop fit-device writes it. Named by chip.device.file.
#pragma once

#include <string>

#include "analog/memristor/device_config.hpp"

namespace memprop::config {

// Sets the keys that the file gives. Throws UserError "FILE:LINE: ...".
void read_device_file(const std::string& path, analog::DeviceConfig& device);

}  // namespace memprop::config
