#include "analog/crossbar/nonlinear_reads.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "analog/crossbar/internal/wired_solver.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {

struct NonlinearReads::Impl {
  explicit Impl(const WiredPairsConfig& c) : config(c) {
    WiredConfig array = c.wires;
    if (adjacent()) array.columns *= 2;
    for (std::size_t k = 0; k < (adjacent() ? 1U : 2U); ++k) {
      arrays.emplace_back(array);
      arrays.back().newton_tolerance = tolerance;
    }
    row_v.resize(array.rows), row_a.resize(array.rows);
    column_v.resize(array.columns), column_a.resize(array.columns);
  }

  bool adjacent() const { return config.placement == PairPlacement::adjacent_columns; }
  std::size_t step() const { return adjacent() ? 2 : 1; }
  // Solves one array with the present terminal voltages.
  void solve(WiredSolver& array, ReadDirection direction) {
    WiredCircuit& circuit = array.circuit(direction);
    array.set_guess(row_v, column_v);
    array.solve_nonlinear(circuit);
    array.currents(circuit, array.deviation.data(), row_a, column_a);
  }
  void drive_rows(const double* v) {
    std::copy_n(v, row_v.size(), row_v.begin());
    std::fill(column_v.begin(), column_v.end(), 0.0);
  }
  // The columns of the minus devices have the opposite voltage.
  void drive_columns(const double* v, std::size_t array) {
    std::fill(row_v.begin(), row_v.end(), 0.0);
    for (std::size_t i = 0; i < config.wires.columns; ++i) {
      if (adjacent()) {
        column_v[2 * i] = v[i], column_v[2 * i + 1] = -v[i];
      } else {
        column_v[i] = array == 0 ? v[i] : -v[i];
      }
    }
  }

  WiredPairsConfig config;
  std::vector<WiredSolver> arrays;  // one, or one of the plus and one of the minus devices
  std::vector<double> row_v, row_a, column_v, column_a;
};

NonlinearReads::NonlinearReads(const WiredPairsConfig& config) {
  check(config.wires);
  impl_ = std::make_unique<Impl>(config);
}
NonlinearReads::~NonlinearReads() = default;
NonlinearReads::NonlinearReads(NonlinearReads&&) noexcept = default;
NonlinearReads& NonlinearReads::operator=(NonlinearReads&&) noexcept = default;

void NonlinearReads::set_cells(Span<const double> plus_s, Span<const double> minus_s, bool factor) {
  Impl& s = *impl_;
  const std::size_t rows = s.config.wires.rows, columns = s.config.wires.columns;
  if (plus_s.size() != rows * columns || minus_s.size() != plus_s.size()) {
    throw InternalError(s.config.wires.name + ": wrong number of conductances");
  }
  for (std::size_t side = 0; side < 2; ++side) {
    const auto cells = side == 0 ? plus_s : minus_s;
    WiredSolver& array = s.adjacent() ? s.arrays[0] : s.arrays[side];
    for (std::size_t k = 0; k < cells.size(); ++k) {
      if (!std::isfinite(cells[k]) || cells[k] < 0.0) {
        throw UserError(
            fmt::format("{}: expected a conductance of 0 S or more in row {}, column {}, got {} S",
                        s.config.wires.name, k % rows, k / rows, cells[k]));
      }
      array.device(k % rows, s.step() * (k / rows) + (s.adjacent() ? side : 0)) = cells[k];
    }
  }
  for (WiredSolver& array : s.arrays) {
    array.refresh_cells();
    if (!factor) continue;
    for (const auto direction : {ReadDirection::forward, ReadDirection::backward}) {
      const bool forward = direction == ReadDirection::forward;
      if (!(forward ? s.config.forward : s.config.backward)) continue;
      WiredCircuit& circuit = array.circuit(direction);
      circuit.values().cross = array.cell;
      circuit.hold(array.statistics);
    }
  }
}

void NonlinearReads::add_forward(const double* row_v, double gain, Span<double> out) {
  Impl& s = *impl_;
  s.drive_rows(row_v);
  for (std::size_t k = 0; k < s.arrays.size(); ++k) {
    s.solve(s.arrays[k], ReadDirection::forward);
    // What a terminal delivers into the array, it does not sense.
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double current = s.adjacent() ? s.column_a[2 * i] - s.column_a[2 * i + 1]
                                          : (k == 0 ? s.column_a[i] : -s.column_a[i]);
      out[i] -= gain * current;
    }
  }
}

void NonlinearReads::add_backward(const double* column_v, double gain, Span<double> out) {
  Impl& s = *impl_;
  for (std::size_t k = 0; k < s.arrays.size(); ++k) {
    s.drive_columns(column_v, k);
    s.solve(s.arrays[k], ReadDirection::backward);
    for (std::size_t j = 0; j < out.size(); ++j) out[j] -= gain * s.row_a[j];
  }
}

double NonlinearReads::row_power(const double* row_v) {
  Impl& s = *impl_;
  s.drive_rows(row_v);
  double power = 0.0;
  for (WiredSolver& array : s.arrays) {
    s.solve(array, ReadDirection::forward);
    for (std::size_t j = 0; j < s.row_v.size(); ++j) power += s.row_v[j] * s.row_a[j];
  }
  return power;
}

double NonlinearReads::column_power(const double* column_v) {
  Impl& s = *impl_;
  double power = 0.0;
  for (std::size_t k = 0; k < s.arrays.size(); ++k) {
    s.drive_columns(column_v, k);
    s.solve(s.arrays[k], ReadDirection::backward);
    for (std::size_t i = 0; i < s.column_v.size(); ++i) power += s.column_v[i] * s.column_a[i];
  }
  return power;
}

WiredStatistics NonlinearReads::statistics() const {
  WiredStatistics all;
  for (const WiredSolver& array : impl_->arrays) {
    const WiredStatistics& one = array.statistics;
    all.factorisations += one.factorisations;
    all.solves += one.solves;
    all.newton_steps += one.newton_steps;
    all.residual_a = std::max(all.residual_a, one.residual_a);
  }
  return all;
}

}  // namespace memprop::analog
