// From the description of a chip to what its tiles' cells are made of.
#pragma once

#include "analog/crossbar/device_pairs.hpp"
#include "analog/crossbar/effective_pairs.hpp"
#include "hw_models/chip_config.hpp"

namespace memprop::hw {

// Which ways an array is read.
struct ReadWays {
  bool forward = true, backward = true;
};

analog::EffectivePairsConfig tile_effects(const ChipConfig& chip, ReadWays ways);

// Conductance of a cell at the chip's temperature, relative to that at 300 K.
double conductance_gain(const ChipConfig& chip);

}  // namespace memprop::hw
