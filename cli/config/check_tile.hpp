// The keys of the tiles that must fit together: wires, faults, noise, ageing.
#pragma once

#include "cli/config/check.hpp"
#include "hw_models/chip_config.hpp"

namespace memprop::config {

// Throws UserError naming the key.
void check_tile(const hw::ChipConfig& chip, const Locate& locate);

}  // namespace memprop::config
