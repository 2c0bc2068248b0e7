// The lines of a tile: which layer its rows and columns belong to.
#pragma once

#include <cstddef>
#include <cstdint>

#include "solvers/span.hpp"

namespace memprop::digital {

struct ControllerConfig;

// Rows carry the codes of layer `from` (0: the input), columns belong to layer `to`: its neurons
// or, with branches above 0, so many branches of each neuron, one neuron's beside each other.
struct TileShape {
  std::size_t from = 0, to = 1, branches = 0;
  bool bias = false;  // a row more, of constant code
};

// The tiles of the description, or those of the chain: tile l - 1 between layers l - 1 and l.
std::size_t tile_count(const ControllerConfig& config);
TileShape tile_shape(const ControllerConfig& config, std::size_t tile);
std::size_t tile_rows(const ControllerConfig& config, std::size_t tile);
std::size_t tile_columns(const ControllerConfig& config, std::size_t tile);

// Comparators at the branches: whether each was above zero when sample k (0 free, 1 positive, 2
// negative) was taken. An update counts the code of a branch's neuron only where its bit is set.
class BranchGates {
 public:
  virtual ~BranchGates() = default;
  // A byte of 0 or 1 per column of a tile with branches.
  virtual Span<const std::uint8_t> gates(std::size_t tile, std::size_t sample) const = 0;
};

}  // namespace memprop::digital
