// Pictures of devices, drawn by memprop.device_plot of the Python package.
#pragma once

#include <string>
#include <vector>

#include "analog/fit/population.hpp"
#include "analog/memristor/presets.hpp"
#include "analog/memristor/state_catalogue.hpp"

namespace memprop::cli {

// Throws UserError unless the name ends as a picture does.
void check_plot_name(const std::string& path);

// All become the Python interpreter and come back only with an error.
[[noreturn]] void plot_preset(const analog::DevicePreset& preset, const std::string& path);
// The I-V loop under the catalogue's drive, and a train of pulses of its amplitudes, as long as it
// takes to cross the window in some thirty of them.
[[noreturn]] void plot_state_device(const analog::StateDeviceEntry& entry, const std::string& path);
[[noreturn]] void plot_fit(const analog::fit::PopulationFit& fit,
                           const std::vector<analog::fit::Residual>& rows, const std::string& data,
                           const std::string& path);

}  // namespace memprop::cli
