// The settings of the digital optimiser in front of the accumulators (optimiser_engine.hpp), and
// what it costs.
#pragma once

#include <cstdint>
#include <vector>

#include "solvers/math/optimiser.hpp"

namespace memprop::digital {

struct OptimiserTile {
  float change_per_code = 0.0F;   // wanted change of a weight per unit of the code product
  float rate = 0.0F;              // learning rate
  double units_per_weight = 0.0;  // accumulated units that a change of 1 of a weight stands for

  bool learns() const { return change_per_code != 0.0F && rate != 0.0F; }
};

struct OptimiserUnit {
  bool on = false;
  OptimiserConfig optimiser;
  std::uint64_t batch = 1;  // samples per step
  std::vector<OptimiserTile> tile;
};

struct OptimiserCounters {
  std::uint64_t updates = 0;      // ends of batches
  std::uint64_t words = 0;        // of 32 bits, read and written: sums and state, not accumulators
  std::uint64_t memory_bits = 0;  // for sums and state of all cells
};

}  // namespace memprop::digital
