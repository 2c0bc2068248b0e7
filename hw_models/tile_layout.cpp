#include "hw_models/tile_layout.hpp"

#include <fmt/format.h>

#include "learning/rule/equilibrium_propagation.hpp"

namespace memprop::hw {

std::vector<std::uint8_t> TileLayout::formed(const learning::Network& network) const {
  if (mask == nullptr) return {};
  const std::size_t n_rows = rows(network);
  std::vector<std::uint8_t> cells(n_rows * columns(network), 1);
  bool all = true;
  for (std::size_t i = 0; i < mask->rows(); ++i) {
    for (std::size_t j = 0; j < mask->cols(); ++j) {
      const bool there = (*mask)(i, j) != 0.0;
      cells[i * n_rows + j] = there ? 1 : 0;
      all = all && there;
    }
  }
  return all ? std::vector<std::uint8_t>{} : cells;
}

std::vector<TileLayout> tile_layout(const learning::Network& network) {
  const auto& d = network.config.dendrites;
  const std::size_t layers = network.layer_count();
  std::vector<TileLayout> tiles;
  for (std::size_t l = 1; l <= layers; ++l) {
    TileLayout tile;
    tile.name = fmt::format("tile{}", l);
    tile.shape = {l - 1, l, d.basal_branches, network.config.bias};
    tile.weight_layer = l;
    tile.bank = fmt::format("layer{}/{}", l, d.on() ? "basal" : "neurons");
    tile.mask = d.on() ? &network.basal_mask[l - 1] : nullptr;
    tile.apical = false;
    tile.trained = true;
    tiles.push_back(tile);
  }
  for (std::size_t l = 1; l < layers && d.on(); ++l) {
    TileLayout tile;
    tile.name = fmt::format("apical{}", l);
    tile.shape = {l + 1, l, d.apical_branches, false};
    tile.weight_layer = l + 1;
    tile.bank = fmt::format("layer{}/apical", l);
    tile.mask = &network.apical_mask[l - 1];
    tile.apical = true;
    tile.trained = network.config.train_feedback;
    tiles.push_back(tile);
  }
  for (std::size_t k = 0; k < network.links.size(); ++k) {
    const learning::Link& link = network.links[k];
    if (link.tied_to != learning::Link::not_tied) continue;
    TileLayout tile;
    tile.name = fmt::format("link{}to{}", link.from, link.to);
    tile.shape = {link.from, link.to, 0, false};
    tile.weight_layer = link.to;
    tile.bank = fmt::format("layer{}/neurons", link.to);
    tile.mask = nullptr;
    tile.apical = false;
    tile.trained = link.trained();
    tile.link = k;
    for (std::size_t b = 0; b < network.links.size(); ++b) {
      if (network.links[b].tied_to == k) tile.back = b;
    }
    tiles.push_back(tile);
  }
  return tiles;
}

double branch_gain(const learning::Network& network, const TileLayout& tile) {
  const std::size_t l = tile.shape.to;
  return tile.apical ? network.config.feedback_gain[l - 1] : network.config.forward_gain[l - 1];
}

double branch_change_scale(const learning::Network& network,
                           const learning::LearningConfig& learning, const TileLayout& tile) {
  if (!tile.trained) return 0.0;
  const double scale = learning::difference_scale(network, learning, tile.shape.to) /
                       static_cast<double>(tile.shape.branches);
  return learning.scale == learning::GradientScale::raw ? scale
                                                        : scale * branch_gain(network, tile);
}

}  // namespace memprop::hw
