// What comes out of the fab of a chip's branches, drawn once from the seed (fabrication.hpp has the
// neurons).
#pragma once

#include <cstdint>

#include "analog/neuron/branch_bank.hpp"
#include "hw_models/chip_config.hpp"
#include "hw_models/tile_layout.hpp"

namespace memprop::hw {

// The branches at the columns of a tile: C_b = tau_b g_L (1 + e), g_b = g_L (1 + e), and the
// coupling a g_L / B (1 + e), each with a stream of its own below chip/layerL/basal or /apical. The
// leak is a resistor like that of the neurons and changes with the temperature as theirs does.
analog::BranchBankConfig fabricate_branches(const ChipConfig& chip,
                                            const learning::Network& network,
                                            const TileLayout& tile, std::uint64_t seed);

}  // namespace memprop::hw
