// The crossbar tiles of a network on a chip: one between neighbouring layers and one for every link
// beyond them that has weights; with dendritic neurons, whose columns are branches, also one for
// each layer that feedback reaches.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "digital/tile_shape.hpp"
#include "learning/network/network.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::hw {

struct TileLayout {
  static constexpr std::size_t none = learning::Link::not_tied;

  std::string name;          // "tile2", "link1to4", or "apical1" of the feedback onto layer 1
  digital::TileShape shape;  // layers and branches
  std::size_t weight_layer;  // 1..L: whose learning rate and largest weight it has
  std::string bank;          // that its columns lead to: "layer1/neurons", "layer1/basal", ...
  const Matrix* mask;        // which cells there are, without the bias row; null: all
  bool apical;               // feedback that a branch of its own receives
  bool trained;
  std::size_t link = none;  // of the network: its weights are those of the tile
  std::size_t back = none;  // the link that reads the same cells the other way round

  std::size_t rows(const learning::Network& network) const {
    return network.width(shape.from) + (shape.bias ? 1 : 0);
  }
  std::size_t columns(const learning::Network& network) const {
    return network.width(shape.to) * (shape.branches > 0 ? shape.branches : 1);
  }
  // A byte per cell for DevicePairsConfig::formed; empty: all.
  std::vector<std::uint8_t> formed(const learning::Network& network) const;
};

// Tiles 1..L of the chain, behind them those of links or, with dendrites, those onto layers
// 1..L-1. Refers to the network's masks.
std::vector<TileLayout> tile_layout(const learning::Network& network);

// Gain in front of what layer `to` of the tile receives: a_l of basal, b_l of apical branches.
double branch_gain(const learning::Network& network, const TileLayout& tile);

// The factor of code products in a change of the tile's weights: 1/(D reach_l) of differences at
// the layer, its gain and the mean over the branches.
double branch_change_scale(const learning::Network& network,
                           const learning::LearningConfig& learning, const TileLayout& tile);

}  // namespace memprop::hw
