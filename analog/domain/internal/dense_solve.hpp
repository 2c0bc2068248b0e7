// The few dense linear systems of the algebraic nodes.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "solvers/matrix.hpp"

namespace memprop::analog::internal {

// Solves A x = b in place for the trailing block A = a(first.., first..) by Gaussian elimination
// with partial pivoting; b has as many values as the block. False when the block is singular.
inline bool solve_trailing_block(Matrix& a, std::size_t first, double* b) {
  const std::size_t n = a.rows();
  for (std::size_t k = first; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t r = k + 1; r < n; ++r) {
      if (std::abs(a(r, k)) > std::abs(a(pivot, k))) pivot = r;
    }
    if (a(pivot, k) == 0.0 || !std::isfinite(a(pivot, k))) return false;
    if (pivot != k) {
      for (std::size_t c = first; c < n; ++c) std::swap(a(k, c), a(pivot, c));
      std::swap(b[k - first], b[pivot - first]);
    }
    for (std::size_t r = k + 1; r < n; ++r) {
      const double factor = a(r, k) / a(k, k);
      if (factor == 0.0) continue;
      for (std::size_t c = k; c < n; ++c) a(r, c) -= factor * a(k, c);
      b[r - first] -= factor * b[k - first];
    }
  }
  for (std::size_t k = n; k-- > first;) {
    double sum = b[k - first];
    for (std::size_t c = k + 1; c < n; ++c) sum -= a(k, c) * b[c - first];
    b[k - first] = sum / a(k, k);
  }
  return true;
}

}  // namespace memprop::analog::internal
