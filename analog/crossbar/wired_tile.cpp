#include "analog/crossbar/wired_tile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analog/crossbar/internal/wired_solver.hpp"

namespace memprop::analog {
namespace {

constexpr std::size_t chunk = 8;  // reads solved together

}  // namespace

struct WiredTile::Impl : WiredSolver {
  using WiredSolver::WiredSolver;
};

WiredTile::WiredTile(const WiredConfig& config) {
  check(config);
  impl_ = std::make_unique<Impl>(config);
}
WiredTile::~WiredTile() = default;
WiredTile::WiredTile(WiredTile&&) noexcept = default;
WiredTile& WiredTile::operator=(WiredTile&&) noexcept = default;

const WiredConfig& WiredTile::config() const { return impl_->config; }
const WiredStatistics& WiredTile::statistics() const { return impl_->statistics; }

void WiredTile::set_conductance(Span<const double> device_s) {
  Impl& s = *impl_;
  const std::size_t rows = s.config.rows, columns = s.config.columns;
  if (device_s.size() != rows * columns) {
    throw InternalError(s.config.name + ": wrong number of conductances");
  }
  for (std::size_t k = 0; k < device_s.size(); ++k) {
    if (std::isfinite(device_s[k]) && device_s[k] >= 0.0) continue;
    throw UserError(
        fmt::format("{}: expected a conductance of 0 S or more in row {}, column {}, got {} S",
                    s.config.name, k % rows, k / rows, device_s[k]));
  }
  for (std::size_t j = 0; j < columns; ++j) {
    for (std::size_t i = 0; i < rows; ++i) s.device(i, j) = device_s[j * rows + i];
  }
  s.refresh_cells();
}

void WiredTile::set_lines(Span<const std::uint8_t> selected_rows,
                          Span<const std::uint8_t> connected_rows,
                          Span<const std::uint8_t> connected_columns) {
  Impl& s = *impl_;
  const auto fits = [](Span<const std::uint8_t> list, std::size_t n) {
    return list.empty() || list.size() == n;
  };
  if (!fits(selected_rows, s.config.rows) || !fits(connected_rows, s.config.rows) ||
      !fits(connected_columns, s.config.columns)) {
    throw InternalError(s.config.name + ": wrong number of lines");
  }
  if (!selected_rows.empty() && s.config.cell.access_ohm == 0.0) {
    throw UserError(
        fmt::format("{}: rows are selected by their cells' transistors, got cells without (0 ohm)",
                    s.config.name));
  }
  s.selected_rows.assign(selected_rows.begin(), selected_rows.end());
  s.connected_rows.assign(connected_rows.begin(), connected_rows.end());
  s.connected_columns.assign(connected_columns.begin(), connected_columns.end());
  s.refresh_cells();
  if (s.circuits[0]) s.apply_lines(*s.circuits[0], ReadDirection::forward);
  if (s.circuits[1]) s.apply_lines(*s.circuits[1], ReadDirection::backward);
  // The old factors are no good preconditioner for other ends.
  forget_factors();
}

void WiredTile::solve(ReadDirection direction, Span<const double> row_v,
                      Span<const double> column_v, Span<double> row_a, Span<double> column_a) {
  Impl& s = *impl_;
  if (row_v.size() != s.config.rows || column_v.size() != s.config.columns ||
      row_a.size() != row_v.size() || column_a.size() != column_v.size()) {
    throw InternalError(s.config.name + ": wrong number of terminal voltages");
  }
  WiredCircuit& c = s.circuit(direction);
  s.set_guess(row_v, column_v);
  if (s.config.cell.linear()) {
    s.solve_linear(c);
  } else {
    s.solve_nonlinear(c);
  }
  s.currents(c, s.deviation.data(), row_a, column_a);
}

void WiredTile::read(ReadDirection direction, Span<const double> drive_v, Span<double> current_a,
                     std::size_t count) {
  Impl& s = *impl_;
  const bool forward = direction == ReadDirection::forward;
  const std::size_t driven = forward ? s.config.rows : s.config.columns;
  const std::size_t sensed = forward ? s.config.columns : s.config.rows;
  if (drive_v.size() != driven * count || current_a.size() != sensed * count) {
    throw InternalError(s.config.name + ": wrong size of a read");
  }
  s.zero.assign(sensed, 0.0);
  s.row_out.resize(s.config.rows);
  s.column_out.resize(s.config.columns);
  const auto set_guess = [&](std::size_t k) {
    const auto drive = drive_v.subspan(k * driven, driven);
    if (forward) {
      s.set_guess(drive, s.zero);
    } else {
      s.set_guess(s.zero, drive);
    }
  };
  const auto put_out = [&](const WiredCircuit& c, const double* x, std::size_t k) {
    s.currents(c, x, s.row_out, s.column_out);
    const auto& out = forward ? s.column_out : s.row_out;
    for (std::size_t q = 0; q < sensed; ++q) current_a[k * sensed + q] = -out[q];
  };
  WiredCircuit& c = s.circuit(direction);
  if (count == 1 || !s.config.cell.linear()) {
    for (std::size_t k = 0; k < count; ++k) {
      set_guess(k);
      if (s.config.cell.linear()) {
        s.solve_linear(c);
      } else {
        s.solve_nonlinear(c);
      }
      put_out(c, s.deviation.data(), k);
    }
    return;
  }
  const std::size_t nodes = s.guess.size();
  s.block.resize(chunk * nodes);
  double worst = 0.0;
  for (std::size_t first = 0; first < count; first += chunk) {
    const std::size_t width = std::min(chunk, count - first);
    for (std::size_t k = 0; k < width; ++k) {
      set_guess(first + k);
      std::fill(s.deviation.begin(), s.deviation.end(), 0.0);
      s.kirchhoff(c, s.deviation.data(), s.residual);
      std::copy(s.residual.begin(), s.residual.end(),
                s.block.begin() + static_cast<std::ptrdiff_t>(k * nodes));
    }
    c.solve_exactly({s.block.data(), width * nodes}, width, s.statistics);
    for (std::size_t k = 0; k < width; ++k) {
      set_guess(first + k);
      double* x = s.block.data() + k * nodes;
      s.check_solution(c, x);
      worst = std::max(worst, s.statistics.residual_a);
      put_out(c, x, first + k);
      if (first + k + 1 == count) std::copy_n(x, nodes, s.deviation.begin());
    }
  }
  s.statistics.residual_a = worst;
}

Matrix WiredTile::row_voltage() const {
  const Impl& s = *impl_;
  Matrix v(s.config.rows, s.config.columns);
  for (std::size_t k = 0; k < v.size(); ++k) v.data()[k] = s.guess[k] + s.deviation[k];
  return v;
}

Matrix WiredTile::column_voltage() const {
  const Impl& s = *impl_;
  Matrix v(s.config.rows, s.config.columns);
  const std::size_t n = v.size();
  for (std::size_t k = 0; k < n; ++k) v.data()[k] = s.guess[n + k] + s.deviation[n + k];
  return v;
}

void WiredTile::forget_factors() {
  for (auto& c : impl_->circuits) {
    if (c) c->forget();
  }
}

std::size_t WiredTile::bytes() const {
  const Impl& s = *impl_;
  std::size_t total = sizeof(double) * (s.guess.size() * (s.config.cell.linear() ? 3 : 5) +
                                        s.block.size() + 2 * s.cells());
  for (const auto& c : s.circuits) total += c ? c->bytes() : 0;
  return total;
}

}  // namespace memprop::analog
