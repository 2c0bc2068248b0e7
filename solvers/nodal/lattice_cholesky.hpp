// Exact solution of a lattice (lattice.hpp): factored once, solved for many right-hand sides, or
// reduced to what its terminals see.
//
//     factor(): A = L L^T by nested dissection, about 10 n^3 multiply-adds and 7.75 n^2 log2(n)
//     numbers for n x n lines (George 1973); solve(): two passes over those numbers.
//     reduced(): the terminals' admittance  Y = C_tt - C_ti A^-1 C_it,  i_t = sum_s Y_ts v_s
//     (current that terminal t delivers), the Schur complement left when only terminals remain.
//
// One object does one of the two (Use); both take new values any number of times. Results depend on
// shape and values alone. Not thread-safe: one object has one set of work arrays.
#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>

#include "solvers/matrix.hpp"
#include "solvers/nodal/lattice.hpp"
#include "solvers/span.hpp"

namespace memprop {

// Some nodes have no path to a terminal, or one that rounding hides.
class SingularLattice : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class LatticeCholesky {
 public:
  enum class Use { solve, reduce };

  // Throws InternalError for an empty shape.
  explicit LatticeCholesky(const LatticeShape& shape, Use use = Use::solve);
  ~LatticeCholesky();
  LatticeCholesky(LatticeCholesky&&) noexcept;
  LatticeCholesky& operator=(LatticeCholesky&&) noexcept;

  const LatticeShape& shape() const;
  // Throws SingularLattice. End admittances at ends that the shape leaves out must be zero.
  void factor(const LatticeValues& values);

  // Use::solve: x = A^-1 x for `count` right-hand sides one behind the other, in node numbers.
  // Eight are solved together, so many at once are several times faster than one by one; a value
  // may then differ in the last bits.
  void solve(Span<double> x, std::size_t count = 1);
  // Use::reduce: (m + n) x (m + n), exactly symmetric, of the last factor().
  const Matrix& reduced() const;

  std::size_t factor_entries() const;  // numbers one solve passes over
  std::size_t bytes() const;           // held by this object

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace memprop
