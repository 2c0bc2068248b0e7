// The state and the work of a WiredTile: terminal voltages in, node voltages and currents out.
//
// Node voltages are guess + deviation; the guess is the tile without wire resistance, the deviation
// is what is solved for.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "analog/crossbar/internal/wired_circuit.hpp"
#include "analog/crossbar/wired_tile.hpp"

namespace memprop::analog {

struct WiredSolver {
  explicit WiredSolver(const WiredConfig& c)
      : config(c),
        device(c.rows, c.columns, 0.0),
        cell(c.rows, c.columns, 0.0),
        guess(2 * c.rows * c.columns),
        deviation(guess.size()),
        residual(guess.size()) {
    if (!c.cell.linear()) {
      step.resize(guess.size());
      trial.resize(guess.size());
    }
  }

  std::size_t cells() const { return config.rows * config.columns; }
  WiredCircuit& circuit(ReadDirection direction);
  void apply_lines(WiredCircuit& c, ReadDirection direction) const;
  void refresh_cells();
  void set_guess(Span<const double> row_v, Span<const double> column_v);
  struct Scale {
    double line_a = 0.0, cell_v = 0.0;  // largest current of a line, largest voltage across a cell
  };
  Scale scale() const;  // without wire resistance
  double tolerance(const WiredCircuit& c) const;
  void kirchhoff(const WiredCircuit& c, const double* x, std::vector<double>& out);
  void check_solution(WiredCircuit& c, double* x);
  void solve_linear(WiredCircuit& c);
  void solve_nonlinear(WiredCircuit& c);
  void currents(const WiredCircuit& c, const double* x, Span<double> row_a,
                Span<double> column_a) const;

  WiredConfig config;
  double newton_tolerance = 0.0;  // of a line's current; at least rounding, tolerance()
  Matrix device;                  // memristors [S], rows x columns
  Matrix cell;                    // cells at 0 V [S]; unselected: 0
  std::vector<std::uint8_t> selected_rows, connected_rows, connected_columns;
  std::array<std::optional<WiredCircuit>, 2> circuits;  // forward, backward
  std::optional<LatticeValues> wires;                   // for nonlinear cells: without cells
  std::vector<double> guess, deviation, residual, step, trial, block;
  std::vector<double> zero, row_out, column_out;
  WiredStatistics statistics;
};

}  // namespace memprop::analog
