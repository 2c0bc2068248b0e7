// The order in which an epoch visits the training samples: the same for chip and references.
#pragma once

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "learning/rule/learning_config.hpp"
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

// The order that an epoch of a run follows: shuffled samples, or batches that keep their samples
// (those of epoch 0) in shuffled order; a last, smaller batch stays the last.
inline std::vector<std::uint32_t> epoch_order(std::size_t samples,
                                              const learning::LearningConfig& learning,
                                              std::uint64_t seed, std::uint64_t epoch) {
  const bool kept = learning.batch_contents == learning::BatchContents::kept;
  if (!kept || !learning.shuffle || epoch == 0) {
    return sample_order(samples, learning.shuffle, seed, epoch);
  }
  const std::size_t whole = samples / learning.batch;
  std::vector<std::uint32_t> first = sample_order(samples, true, seed, 0), order;
  order.reserve(samples);
  for (const std::uint32_t b : sample_order(whole, true, seed, epoch)) {
    const auto begin = first.begin() + static_cast<std::ptrdiff_t>(b * learning.batch);
    order.insert(order.end(), begin, begin + static_cast<std::ptrdiff_t>(learning.batch));
  }
  order.insert(order.end(), first.begin() + static_cast<std::ptrdiff_t>(whole * learning.batch),
               first.end());
  return order;
}

}  // namespace memprop::bench
