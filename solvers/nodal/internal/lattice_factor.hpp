// The numbers of a LatticeCholesky: factors, work arrays, and what is done with them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "solvers/nodal/internal/aligned_buffer.hpp"
#include "solvers/nodal/internal/front.hpp"
#include "solvers/nodal/internal/lattice_plan.hpp"
#include "solvers/nodal/lattice_cholesky.hpp"

namespace memprop::nodal {

inline constexpr std::size_t together = 8;  // right-hand sides solved at a time

struct Places {
  std::size_t packed = 0;  // in the factor
  std::size_t schur = 0;   // in the work buffer
};

struct LatticeFactor {
  using Use = LatticeCholesky::Use;
  LatticeFactor(const LatticeShape& shape, Use use_);

  static std::size_t schur_size(const Part& part) {
    return padded(part.boundary.size()) * part.boundary.size();
  }
  std::size_t largest_part() const {
    std::size_t largest = 0;
    for (const Part& part : plan.parts) largest = std::max<std::size_t>(largest, part.count);
    return largest;
  }

  void factor(const LatticeValues& values);
  void factor_leaves(const LatticeValues& values);
  void add_leaf(const Child& child, const Places& at, const Part& part);
  void add_part(const Child& child, const Places& at, const Part& part);
  void finish_reduction(const LatticeValues& values);
  template <std::size_t K>
  void solve(double* x);
  template <std::size_t K>
  void solve_leaves(double* x, bool forward);
  template <std::size_t K, class Leaf, class Separator>
  void each_place(std::size_t count, const Leaf& leaf, const Separator& separator) const;
  template <std::size_t K>
  void gather(const double* x, std::size_t count, double* block) const;
  template <std::size_t K>
  void scatter(const double* block, std::size_t count, double* x) const;

  Use use;
  LatticePlan plan;
  std::vector<Places> places;
  std::vector<std::size_t> leaf_place, schur_place;  // of each group
  std::size_t leaf_factor_size = 0, leaf_schur_size = 0, largest_leaf = 0, widest = 8, tallest = 8,
              front_size = 0;
  std::size_t entries = 0;
  AlignedBuffer leaf_factor, leaf_schur, factor_values, work;
  AlignedBuffer front;  // the one being factored, column-major: L11, then L21
  AlignedBuffer inner;  // the eliminated nodes of the front being solved, and work of its kernel
  AlignedBuffer x1, x8, boundary_values;
  std::vector<double> diagonal;
  Matrix result;
  bool factored = false;
};

}  // namespace memprop::nodal
