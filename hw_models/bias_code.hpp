// The constant code of an array's bias row in the update.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw_models/chip_config.hpp"
#include "hw_models/tile_layout.hpp"
#include "learning/network/network.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::hw {

struct BiasCode {
  std::uint32_t code = 0;
  // Of the rate that the biases should learn at: below 1 where the code meets full scale.
  double share = 1.0;
};

// The bias line stands at V_s, an activity of one; where its layer has a forward gain a, that much
// lower, and as much less in the change, which has the factor a: the code is one of 1/a. It has the
// width of the converter beside it and ends at its full scale. t = 0..: index of the tile, which
// has a bias row.
BiasCode bias_code(const ChipConfig& chip, const learning::Network& network,
                   const learning::LearningConfig& learning, const TileLayout& tile, std::size_t t);

// A sentence for every layer whose biases learn at less than their rate because of that.
std::vector<std::string> bias_warnings(const ChipConfig& chip, const learning::Network& network,
                                       const learning::LearningConfig& learning);

}  // namespace memprop::hw
