// Neurons without an amplifier: what takes one, or a virtual ground at the end of the lines.
#pragma once

#include "cli/config/check.hpp"
#include "hw_models/chip_config.hpp"

namespace memprop::config {

// Throws UserError naming the key.
void check_passive(const hw::ChipConfig& chip, const Locate& locate);

}  // namespace memprop::config
