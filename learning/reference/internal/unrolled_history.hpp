// What truncated back-propagation keeps of the last iterations of one block of columns.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "learning/reference/internal/activity_block.hpp"
#include "learning/reference/internal/packed_network.hpp"

namespace memprop::learning::internal {

template <class T>
struct UnrolledHistory {
  UnrolledHistory(const PackedNetwork<T>& net, std::size_t steps) {
    for (std::size_t l = 0; l < net.recurrent; ++l) {
      const std::size_t n = net.config.layers[l + 1];
      delta.emplace_back(n, kBlockColumns);
      back.emplace_back(n, kBlockColumns);
    }
    r.assign(steps, delta);
    v.assign(steps, delta);
    potential.resize(steps);
    std::size_t widest = 1;
    for (std::size_t k = 0; k < net.list.size(); ++k) {
      const std::size_t rows = net.branch_rows(k);
      for (auto& of_step : potential) of_step.emplace_back(rows, rows > 0 ? kBlockColumns : 0);
      widest = std::max({widest, net.panel[k].rows(), net.panel[k].cols()});
    }
    scratch = ActivityBlock<T>(widest, kBlockColumns);
  }
  std::vector<std::vector<ActivityBlock<T>>> r;          // [iteration][layer], before it
  std::vector<std::vector<ActivityBlock<T>>> v;          // [iteration][layer], after it
  std::vector<std::vector<ActivityBlock<T>>> potential;  // [iteration][connection], before it
  std::vector<ActivityBlock<T>> delta;                   // dC/dv after the iteration
  std::vector<ActivityBlock<T>> back;                    // dC/dr, before and after it
  ActivityBlock<T> scratch;
};

// out = (or +=) share x at the branches that are above 0.
template <class T>
void spread(const T* z, const T* x, std::size_t branches, std::size_t neurons, T share, T* out,
            bool add) {
  for (std::size_t i = 0, b = 0; i < neurons; ++i) {
    for (const std::size_t end = b + branches; b < end; ++b) {
      const T value = z[b] > T{0} ? share * x[i] : T{0};
      out[b] = add ? out[b] + value : value;
    }
  }
}

}  // namespace memprop::learning::internal
