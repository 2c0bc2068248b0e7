// What the lines of a tile see of its cells: the two matrices that turn voltages of driven lines
// into currents of sensed ones, and the sums over cells that power and noise need. Bare device
// pairs (DevicePairs) are one such thing, pairs behind wires or in the course of time
// (EffectivePairs) another.
#pragma once

#include <cstddef>

#include "solvers/matrix.hpp"

namespace memprop::analog {

class NonlinearReads;

class LineCells {
 public:
  virtual ~LineCells() = default;

  virtual std::size_t rows() const = 0;
  virtual std::size_t columns() const = 0;
  // Columns deliver forward() V for rows at V, rows deliver backward()^T U for columns at U (both
  // columns x rows) [S].
  virtual const Matrix& forward() const = 0;
  virtual const Matrix& backward() const = 0;
  // Not null where cells bend their current behind wires: no matrix times bent voltages gives the
  // currents then, they come from here. The matrices are those of small voltages.
  virtual NonlinearReads* nonlinear_reads() const { return nullptr; }
  // Power drawn when rows or columns are driven [W].
  virtual double row_power(const double* row_v) const = 0;
  virtual double column_power(const double* column_v) const = 0;
  // out[column] = sum over rows of (G+^2 + G-^2) v^2 and the transpose [A^2]: the variance of a
  // line's current when every cell fluctuates by the same relative amount.
  virtual void square_product(const double* row_v, double* out) const = 0;
  virtual void square_product_transposed(const double* column_v, double* out) const = 0;
  // out[column] = sum over rows of (G+ + G-) |v| and the transpose [A]: the magnitudes of the
  // cells' currents, which shot noise adds up.
  virtual void magnitude_product(const double* row_v, double* out) const = 0;
  virtual void magnitude_product_transposed(const double* column_v, double* out) const = 0;
  // Sum of G+ + G- along each column and along each row [S].
  virtual void column_sums(double* out) const = 0;
  virtual void row_sums(double* out) const = 0;
};

}  // namespace memprop::analog
