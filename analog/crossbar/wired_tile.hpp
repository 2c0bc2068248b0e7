// One crossbar array with wire resistance, solved for all its node voltages (docs/circuits.md).
//
// Every cell has a node on its row and one on its column; Kirchhoff's law at each:
//     row:    sum over neighbours (W_ij - W_ik)/R_row + i(W_ij - B_ij) = (V_i - W_ij)/R_end at ends
//     column: sum over neighbours (B_ij - B_kj)/R_col - i(W_ij - B_ij) = (U_j - B_ij)/R_end at ends
// V_i and U_j are the terminal voltages of rows and columns; a sensed line's is its virtual ground.
//
// Linear cells: factored once, any number of reads. After a change of conductances the old factors
// serve as preconditioner until refactoring is cheaper. Nonlinear cells: Newton's method, its
// linear systems solved the same way. Unknowns are the deviations from a wire without resistance,
// so small voltage drops keep their digits.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "analog/crossbar/wired_config.hpp"
#include "solvers/error.hpp"
#include "solvers/matrix.hpp"
#include "solvers/span.hpp"

namespace memprop::analog {

// What the solves so far took, and how well the last one satisfies Kirchhoff's law.
struct WiredStatistics {
  std::uint64_t factorisations = 0;
  std::uint64_t solves = 0;        // with the factors
  std::uint64_t newton_steps = 0;  // of nonlinear cells
  double residual_a = 0.0;         // largest sum of currents into a node, last solve
};

class WiredTile {
 public:
  // Throws UserError for a config without meaning (check()).
  explicit WiredTile(const WiredConfig& config);
  ~WiredTile();
  WiredTile(WiredTile&&) noexcept;
  WiredTile& operator=(WiredTile&&) noexcept;

  const WiredConfig& config() const;

  // Conductances of the memristors [S], not negative, cell = column * rows + row (as DevicePairs
  // numbers them). Throws UserError for a negative or non-finite value, naming the cell.
  void set_conductance(Span<const double> device_s);
  // Lines with a 0 hang free, without driver or amplifier; a 0 in selected_rows closes the row's
  // transistors (1T1R only: UserError otherwise). Empty: all lines.
  void set_lines(Span<const std::uint8_t> selected_rows, Span<const std::uint8_t> connected_rows,
                 Span<const std::uint8_t> connected_columns);

  // Currents out of the sensed lines into their virtual grounds [A], for voltages on the driven
  // lines [V]; `count` reads one behind the other. Throws UserError where lines hang free without
  // any cell that holds them.
  void read(ReadDirection direction, Span<const double> drive_v, Span<double> current_a,
            std::size_t count = 1);
  // All terminals at given voltages, with the end resistances of that direction: currents from the
  // terminals into rows and columns [A].
  void solve(ReadDirection direction, Span<const double> row_v, Span<const double> column_v,
             Span<double> row_a, Span<double> column_a);

  // Voltages of the last read: on the row and the column side of each cell (rows x columns) [V].
  Matrix row_voltage() const;
  Matrix column_voltage() const;
  // Lets the next solve of each direction factor afresh. A result depends on the factors kept only
  // in its last bits; where bits count (after a resume), call this at both places.
  void forget_factors();

  const WiredStatistics& statistics() const;
  std::size_t bytes() const;  // of factors and work arrays

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace memprop::analog
