#include "digital/tile_shape.hpp"

#include "digital/controller.hpp"

namespace memprop::digital {

std::size_t tile_count(const ControllerConfig& config) {
  return config.shapes.empty() ? config.widths.size() - 1 : config.shapes.size();
}

TileShape tile_shape(const ControllerConfig& config, std::size_t tile) {
  if (!config.shapes.empty()) return config.shapes[tile];
  return {tile, tile + 1, 0, config.bias};
}

std::size_t tile_rows(const ControllerConfig& config, std::size_t tile) {
  const TileShape shape = tile_shape(config, tile);
  return config.widths[shape.from] + (shape.bias ? 1 : 0);
}

std::size_t tile_columns(const ControllerConfig& config, std::size_t tile) {
  const TileShape shape = tile_shape(config, tile);
  return config.widths[shape.to] * (shape.branches > 0 ? shape.branches : 1);
}

}  // namespace memprop::digital
