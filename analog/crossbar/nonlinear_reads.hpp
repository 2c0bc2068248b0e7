// What the lines of a tile deliver whose cells bend their current behind wires: Kirchhoff's law of
// all its nodes (docs/circuits.md, Wires), solved whenever currents are asked for.
//
//     wires(W, B) = ends,   i_ij = i(W_ij - B_ij) of CellLaw
// Newton's method from the voltages without wire resistance, each step by conjugate gradients with
// the factors of the slopes at 0 V, which are made once in a sample. A result is therefore a
// function of cells and voltages alone, whatever was read before, to the last bit. A weight's pair
// sits as in WiredPairs.
#pragma once

#include <memory>

#include "analog/crossbar/wired_pairs.hpp"
#include "analog/crossbar/wired_tile.hpp"
#include "solvers/span.hpp"

namespace memprop::analog {

class NonlinearReads {
 public:
  // What is left of Kirchhoff's law, of the largest current of a line (the integration's own
  // tolerance is far above).
  static constexpr double tolerance = 1e-12;

  // Throws UserError for wires without meaning.
  explicit NonlinearReads(const WiredPairsConfig& config);
  ~NonlinearReads();
  NonlinearReads(NonlinearReads&&) noexcept;
  NonlinearReads& operator=(NonlinearReads&&) noexcept;

  // Conductances at small voltages [S], cell = column * rows + row. `factor`: new factors as well,
  // without which a result is as exact but takes more steps. Throws UserError for values below 0.
  void set_cells(Span<const double> plus_s, Span<const double> minus_s, bool factor);

  // out[i] += gain (I+ - I-) of the columns for rows at row_v; of the first out.size() rows for the
  // columns of pairs at column_v and -column_v [A]. Throw AlgebraicSolveFailure where no solution
  // is found.
  void add_forward(const double* row_v, double gain, Span<double> out);
  void add_backward(const double* column_v, double gain, Span<double> out);
  // Power drawn from the drivers of rows (columns) [W].
  double row_power(const double* row_v);
  double column_power(const double* column_v);

  // Of all arrays together; residual_a is the largest.
  WiredStatistics statistics() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace memprop::analog
