#include <algorithm>

#include "solvers/nodal/internal/lattice_factor.hpp"

namespace memprop::nodal {

template <std::size_t K>
void LatticeFactor::solve_leaves(double* x, bool forward) {
  double* t = boundary_values.data();
  for (std::size_t g = 0; g < plan.groups.size(); ++g) {
    const LeafGroup& group = plan.groups[g];
    const LeafProgram& program = group.program;
    const std::size_t boundary = program.boundary();
    for (std::size_t batch = 0; batch < group.batches(); ++batch) {
      const double* l = leaf_factor.data() + leaf_place[g] + batch * program.factor_size() * lanes;
      const std::uint32_t* at = group.boundary.data() + batch * boundary * lanes;
      double* interior = x + (group.position + batch * program.interior() * lanes) * K;
      if (forward) {
        std::fill_n(t, boundary * lanes * K, 0.0);
        program.forward<K>(l, interior, t);
        for (std::size_t b = 0; b < boundary; ++b) {
          for (std::size_t q = 0; q < lanes; ++q) {
            double* target = x + std::size_t{at[b * lanes + q]} * K;
            for (std::size_t k = 0; k < K; ++k) target[k] += t[(b * K + k) * lanes + q];
          }
        }
      } else {
        for (std::size_t b = 0; b < boundary; ++b) {
          for (std::size_t q = 0; q < lanes; ++q) {
            const double* source = x + std::size_t{at[b * lanes + q]} * K;
            for (std::size_t k = 0; k < K; ++k) t[(b * K + k) * lanes + q] = source[k];
          }
        }
        program.backward<K>(l, interior, t);
      }
    }
  }
}

template <std::size_t K>
void LatticeFactor::solve(double* x) {
  double* t = boundary_values.data();
  double* y = inner.data();
  double* scratch = y + tallest * together;
  solve_leaves<K>(x, true);
  for (std::size_t p = 0; p < plan.parts.size(); ++p) {
    const Part& part = plan.parts[p];
    const std::size_t k = part.count, b = part.boundary.size();
    double* own = x + std::size_t{part.position} * K;
    std::copy_n(own, k * K, y);
    std::fill(y + k * K, y + padded(k) * K, 0.0);
    std::fill_n(t, padded(b) * K, 0.0);
    front_forward<K>(factor_values.data() + places[p].packed, k, b, y, t);
    std::copy_n(y, k * K, own);
    for (std::size_t r = 0; r < b; ++r) {
      double* target = x + std::size_t{part.boundary[r]} * K;
      const double* source = t + r * K;
#pragma omp simd
      for (std::size_t q = 0; q < K; ++q) target[q] += source[q];
    }
  }
  for (std::size_t p = plan.parts.size(); p-- > 0;) {
    const Part& part = plan.parts[p];
    const std::size_t k = part.count, b = part.boundary.size();
    double* own = x + std::size_t{part.position} * K;
    std::copy_n(own, k * K, y);
    std::fill(y + k * K, y + padded(k) * K, 0.0);
    for (std::size_t r = 0; r < b; ++r) {
      const double* source = x + std::size_t{part.boundary[r]} * K;
      double* target = t + r * K;
#pragma omp simd
      for (std::size_t q = 0; q < K; ++q) target[q] = source[q];
    }
    std::fill(t + b * K, t + padded(b) * K, 0.0);
    front_backward<K>(factor_values.data() + places[p].packed, k, b, y, t, scratch);
    std::copy_n(y, k * K, own);
  }
  std::fill_n(x + std::size_t{plan.idle} * K, K, 0.0);
  solve_leaves<K>(x, false);
}

// Between node numbers and positions. In a block of K right-hand sides, leaves have the right-hand
// side before the lane, separators have it innermost.
template <std::size_t K, class Leaf, class Separator>
void LatticeFactor::each_place(std::size_t count, const Leaf& leaf,
                               const Separator& separator) const {
  const std::size_t nodes = plan.shape.nodes();
  const std::uint32_t* node = plan.node_at.data();
  // One right-hand side after the other within a batch: they lie a power of two apart more often
  // than not, where one cache set would have to hold them all.
  for (const LeafGroup& group : plan.groups) {
    const std::size_t size = group.program.interior() * lanes;
    for (std::size_t batch = 0; batch < group.batches(); ++batch) {
      const std::size_t first = group.position + batch * size;
      for (std::size_t k = 0; k < count; ++k) {
        for (std::size_t p = first; p < first + size; p += lanes) {
          leaf(p * K + k * lanes, node + p, k * nodes);
        }
      }
    }
  }
  for (const Part& part : plan.parts) {
    for (std::size_t k = 0; k < count; ++k) {
      for (std::size_t p = part.position; p < part.position + part.count; ++p) {
        separator(p * K + k, k * nodes + node[p]);
      }
    }
  }
}

template <std::size_t K>
void LatticeFactor::gather(const double* x, std::size_t count, double* block) const {
  each_place<K>(
      count,
      [&](std::size_t to, const std::uint32_t* node, std::size_t base) {
        for (std::size_t q = 0; q < lanes; ++q) {
          block[to + q] = node[q] == LatticePlan::nowhere ? 0.0 : x[base + node[q]];
        }
      },
      [&](std::size_t to, std::size_t at) { block[to] = x[at]; });
  std::fill_n(block + std::size_t{plan.idle} * K, K, 0.0);
}

template <std::size_t K>
void LatticeFactor::scatter(const double* block, std::size_t count, double* x) const {
  each_place<K>(
      count,
      [&](std::size_t from, const std::uint32_t* node, std::size_t base) {
        for (std::size_t q = 0; q < lanes; ++q) {
          if (node[q] != LatticePlan::nowhere) x[base + node[q]] = block[from + q];
        }
      },
      [&](std::size_t from, std::size_t at) { x[at] = block[from]; });
}

template void LatticeFactor::solve<1>(double*);
template void LatticeFactor::solve<together>(double*);
template void LatticeFactor::gather<1>(const double*, std::size_t, double*) const;
template void LatticeFactor::gather<together>(const double*, std::size_t, double*) const;
template void LatticeFactor::scatter<1>(const double*, std::size_t, double*) const;
template void LatticeFactor::scatter<together>(const double*, std::size_t, double*) const;

}  // namespace memprop::nodal
