// A tile of device pairs with wires, reduced to what its lines' terminals see: two matrices in the
// place of G+ - G-, so that wires cost an integration nothing.
//
// For a linear array all node voltages but those of the terminals can be eliminated; with rows at V
// and columns at virtual ground the columns deliver I = E V, with the columns driven the rows
// deliver B^T U (E and B: columns x rows; B = E where both directions have the same ends). A
// weight's pair sits in two columns side by side on the same rows, or in two arrays.
//
// Reducing costs about as much as factoring (docs/circuits.md), so after an update of the devices
// the matrices may be followed to first order instead, with the exact ones every N updates:
//     dE_ij = a_ij dG_ij,   a_ij = E_ij / G_ij of the last reduction, within [0, 1]
// (the share of the voltage that reaches the cell times the share of its current that is sensed).
// What that missed is measured at each refresh.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "analog/crossbar/device_pairs.hpp"
#include "analog/crossbar/wired_config.hpp"
#include "solvers/matrix.hpp"
#include "solvers/span.hpp"

namespace memprop::analog {

enum class PairPlacement { adjacent_columns, separate_arrays };

struct WiredPairsConfig {
  WiredConfig wires;  // columns: of pairs
  PairPlacement placement = PairPlacement::adjacent_columns;
  std::uint64_t refresh_every = 1;  // updates
  bool follow = true;               // to first order in between; false: keep the last reduction
  bool forward = true, backward = true;  // which of the two matrices is wanted; the other stays 0
};

class WiredPairs {
 public:
  // Throws UserError for wires without meaning, nonlinear cells, or refresh_every = 0.
  explicit WiredPairs(const WiredPairsConfig& config);
  ~WiredPairs();
  WiredPairs(WiredPairs&&) noexcept;
  WiredPairs& operator=(WiredPairs&&) noexcept;

  // Conductances [S], cell = column * rows + row: the exact reduction, now.
  void refresh(Span<const double> plus_s, Span<const double> minus_s);
  // The same after an update of the devices: every refresh_every-th is exact, the others follow.
  // Returns whether it was exact.
  bool update(Span<const double> plus_s, Span<const double> minus_s);
  // Follows devices that have moved without an update (noise, drift): counts as none.
  void track(Span<const double> plus_s, Span<const double> minus_s);
  // With the devices of `pairs`.
  void refresh(const DevicePairs& pairs);
  bool update(const DevicePairs& pairs);

  // I_i = sum_j forward()(i, j) V_j and I_j = sum_i backward()(i, j) U_i [S].
  const Matrix& forward() const;
  const Matrix& backward() const;
  // As of the last reduction, of one side of the pairs: what its cells add to forward() or take.
  const Matrix& forward_side(bool plus) const;
  const Matrix& backward_side(bool plus) const;
  // Power drawn from the drivers of rows (columns) by the array [W], as of the last reduction.
  double row_power(const double* row_v) const;
  double column_power(const double* column_v) const;

  // Largest error that forward() had just before the last refresh of update(), of its largest
  // entry; 0 before the first one and while every update is exact.
  double followed_error() const;
  std::uint64_t reductions() const;

  // What a resume needs besides the devices: restore() leaves the same bits.
  std::vector<double> save() const;
  void restore(Span<const double> state, Span<const double> plus_s, Span<const double> minus_s);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace memprop::analog
