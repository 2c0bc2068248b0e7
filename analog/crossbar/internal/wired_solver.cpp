#include "analog/crossbar/internal/wired_solver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analog/crossbar/wired_cell.hpp"

namespace memprop::analog {
namespace {

constexpr std::size_t most_newton_steps = 200;
constexpr double refine_above = 10.0;  // times tolerance(): 1e-13 of full scale

double largest(const std::vector<double>& v) {
  double m = 0.0;
  for (double x : v) m = std::max(m, std::abs(x));
  return m;
}

double square_sum(const std::vector<double>& v) {
  double s = 0.0;
  for (double x : v) s += x * x;
  return s;
}

}  // namespace

WiredCircuit& WiredSolver::circuit(ReadDirection direction) {
  const bool forward = direction == ReadDirection::forward || config.reciprocal();
  auto& c = circuits[forward ? 0 : 1];
  if (!c) {
    c.emplace(config, forward ? ReadDirection::forward : ReadDirection::backward);
    apply_lines(*c, forward ? ReadDirection::forward : ReadDirection::backward);
    c->values().cross = cell;
  }
  return *c;
}

// The ends of lines that hang free are not there.
void WiredSolver::apply_lines(WiredCircuit& c, ReadDirection direction) const {
  LatticeValues& v = c.values();
  const LatticeValues all = wire_values(config, direction);
  v.left = all.left, v.right = all.right, v.top = all.top, v.bottom = all.bottom;
  for (std::size_t i = 0; i < connected_rows.size(); ++i) {
    if (connected_rows[i] == 0) v.left[i] = v.right[i] = 0.0;
  }
  for (std::size_t j = 0; j < connected_columns.size(); ++j) {
    if (connected_columns[j] == 0) v.top[j] = v.bottom[j] = 0.0;
  }
}

void WiredSolver::refresh_cells() {
  for (std::size_t i = 0; i < config.rows; ++i) {
    const bool selected = selected_rows.empty() || selected_rows[i] != 0;
    for (std::size_t j = 0; j < config.columns; ++j) {
      cell(i, j) = selected ? cell_conductance(config.cell, device(i, j)) : 0.0;
    }
  }
  for (auto& c : circuits) {
    if (!c) continue;
    c->values().cross = cell;
    c->changed();
  }
}

void WiredSolver::set_guess(Span<const double> row_v, Span<const double> column_v) {
  for (std::size_t i = 0; i < config.rows; ++i) {
    const bool held = connected_rows.empty() || connected_rows[i] != 0;
    std::fill_n(guess.begin() + static_cast<std::ptrdiff_t>(i * config.columns), config.columns,
                held ? row_v[i] : 0.0);
    for (std::size_t j = 0; j < config.columns; ++j) {
      const bool column_held = connected_columns.empty() || connected_columns[j] != 0;
      guess[cells() + i * config.columns + j] = column_held ? column_v[j] : 0.0;
    }
  }
}

WiredSolver::Scale WiredSolver::scale() const {
  Scale most;
  for (std::size_t i = 0; i < config.rows; ++i) {
    double sum = 0.0;
    for (std::size_t j = 0; j < config.columns; ++j) {
      const std::size_t k = i * config.columns + j;
      const double v = std::abs(guess[k] - guess[cells() + k]);
      sum += cell(i, j) * v;
      most.cell_v = std::max(most.cell_v, v);
    }
    most.line_a = std::max(most.line_a, sum);
  }
  return most;
}

// What rounding of the deviations leaves of Kirchhoff's sums: wires conduct g dV, and dV carries
// its last bit.
double WiredSolver::tolerance(const WiredCircuit& c) const {
  const auto [line_a, cell_v] = scale();
  const LatticeValues& v = c.values();
  const double wire_s = std::max(v.horizontal, v.vertical);
  const double length = static_cast<double>(config.rows + config.columns);
  return 1e-14 * line_a + 4e-16 * std::min(wire_s * cell_v, length * line_a);
}

// out = sum of currents into each node at guess + x.
void WiredSolver::kirchhoff(const WiredCircuit& c, const double* x, std::vector<double>& out) {
  const std::size_t n = cells();
  const double* g = guess.data();
  if (config.cell.linear()) {
    lattice_product(c.values(), x, out.data());
    for (std::size_t k = 0; k < n; ++k) {
      const double current = cell.data()[k] * (g[k] - g[n + k]);
      out[k] = -out[k] - current;
      out[n + k] = -out[n + k] + current;
    }
    return;
  }
  if (!wires) wires.emplace(LatticeShape{config.rows, config.columns, {}});
  wires->horizontal = c.values().horizontal, wires->vertical = c.values().vertical;
  wires->left = c.values().left, wires->right = c.values().right;
  wires->top = c.values().top, wires->bottom = c.values().bottom;
  lattice_product(*wires, x, out.data());
  for (std::size_t k = 0; k < n; ++k) {
    const double v = (g[k] - g[n + k]) + (x[k] - x[n + k]);
    const bool on = cell.data()[k] > 0.0;
    const double current = on ? cell_point(config.cell, device.data()[k], v).current_a : 0.0;
    out[k] = -out[k] - current;
    out[n + k] = -out[n + k] + current;
  }
}

// One step of refinement where the residual asks for it: it costs as much as the solve.
void WiredSolver::check_solution(WiredCircuit& c, double* x) {
  kirchhoff(c, x, residual);
  statistics.residual_a = largest(residual);
  if (statistics.residual_a <= refine_above * tolerance(c)) return;
  const double before = statistics.residual_a;
  std::vector<double> correction = residual;
  c.solve_exactly(correction, 1, statistics);
  for (std::size_t k = 0; k < correction.size(); ++k) correction[k] += x[k];
  kirchhoff(c, correction.data(), residual);
  statistics.residual_a = std::min(before, largest(residual));
  if (statistics.residual_a < before) std::copy(correction.begin(), correction.end(), x);
}

void WiredSolver::solve_linear(WiredCircuit& c) {
  std::fill(deviation.begin(), deviation.end(), 0.0);
  kirchhoff(c, deviation.data(), residual);
  c.solve(residual.data(), deviation.data(), tolerance(c), statistics);
  check_solution(c, deviation.data());
}

void WiredSolver::solve_nonlinear(WiredCircuit& c) {
  const std::size_t n = cells();
  const double enough = std::max(tolerance(c), newton_tolerance * scale().line_a);
  std::fill(deviation.begin(), deviation.end(), 0.0);
  kirchhoff(c, deviation.data(), residual);
  double size = square_sum(residual);
  for (std::size_t k = 0; k < most_newton_steps; ++k) {
    statistics.residual_a = largest(residual);
    if (statistics.residual_a <= enough) return;
    for (std::size_t q = 0; q < n; ++q) {
      const double v = (guess[q] - guess[n + q]) + (deviation[q] - deviation[n + q]);
      c.values().cross.data()[q] =
          cell.data()[q] > 0.0 ? cell_point(config.cell, device.data()[q], v).slope_s : 0.0;
    }
    c.changed();
    c.solve(residual.data(), step.data(), std::max(0.1 * enough, 1e-3 * statistics.residual_a),
            statistics);
    ++statistics.newton_steps;
    double fraction = 1.0;
    for (; fraction > 1e-9; fraction *= 0.5) {
      for (std::size_t q = 0; q < trial.size(); ++q) trial[q] = deviation[q] + fraction * step[q];
      kirchhoff(c, trial.data(), residual);
      const double now = square_sum(residual);
      if (now < size) {
        size = now;
        deviation.swap(trial);
        break;
      }
    }
    if (fraction <= 1e-9) {  // rounding, unless it is far from there
      kirchhoff(c, deviation.data(), residual);
      if (largest(residual) <= 100.0 * enough) return;
      break;
    }
  }
  throw AlgebraicSolveFailure(fmt::format("{}: node voltages of the array not found, {} A left",
                                          config.name, statistics.residual_a),
                              0.0, 0);
}

void WiredSolver::currents(const WiredCircuit& c, const double* x, Span<double> row_a,
                           Span<double> column_a) const {
  const LatticeValues& v = c.values();
  const std::size_t n = config.columns, last = (config.rows - 1) * n;
  const double* lower = x + cells();
  for (std::size_t i = 0; i < config.rows; ++i) {
    row_a[i] = -(v.left[i] * x[i * n] + v.right[i] * x[i * n + n - 1]);
  }
  for (std::size_t j = 0; j < n; ++j) {
    column_a[j] = -(v.top[j] * lower[j] + v.bottom[j] * lower[last + j]);
  }
}

}  // namespace memprop::analog
