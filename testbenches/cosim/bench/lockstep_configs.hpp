// Configurations of one small chip that between them reach every corner of a controller: update
// circuits, schedules, forms, lengths.
#pragma once

#include <string>
#include <vector>

#include "digital/controller.hpp"

namespace memprop::bench::cosim {

struct NamedConfig {
  std::string name;  // e.g. "U2 centred product"
  digital::ControllerConfig config;
};

// All of the same widths, converters and bias rows, so that one model in Verilog serves all.
// channels: converters, 0 for one per neuron; some of the configurations average conversions.
std::vector<NamedConfig> lockstep_configs(const std::vector<std::size_t>& widths, bool bias,
                                          std::size_t channels = 0);

}  // namespace memprop::bench::cosim
