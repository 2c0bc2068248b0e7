// The order in which an epoch visits the training samples: the same for chip and references.
#pragma once

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "solvers/random_stream.hpp"

namespace memprop::bench {

// A Fisher-Yates shuffle keyed by epoch; 0, 1, 2, ... without shuffling.
inline std::vector<std::uint32_t> sample_order(std::size_t samples, bool shuffle,
                                               std::uint64_t seed, std::uint64_t epoch) {
  std::vector<std::uint32_t> order(samples);
  std::iota(order.begin(), order.end(), 0U);
  if (!shuffle) return order;
  const RandomStream stream(seed, "order");
  for (std::size_t k = samples; k > 1; --k) {
    const auto pick = static_cast<std::size_t>(stream.uniform(k, epoch) * static_cast<double>(k));
    std::swap(order[k - 1], order[pick < k ? pick : k - 1]);
  }
  return order;
}

}  // namespace memprop::bench
