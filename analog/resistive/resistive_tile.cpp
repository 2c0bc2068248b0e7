#include "analog/resistive/resistive_tile.hpp"

#include <algorithm>

#include "solvers/error.hpp"
#include "solvers/math/dense.hpp"

namespace memprop::analog {

ResistiveTile::ResistiveTile(ResistiveTileConfig config, const double* conductance_s)
    : Element(config.name),
      config_(std::move(config)),
      conductance_s_(conductance_s),
      source_v_(config_.columns, 0.0),
      static_current_(config_.rows, 0.0),
      row_sum_s_(config_.rows, 0.0),
      column_sum_s_(config_.columns, 0.0),
      back_(config_.columns, 0.0) {
  if (!clamped() && config_.back_gain.size() != config_.columns) {
    throw InternalError(name() + ": lists of different lengths");
  }
  refresh();
}

void ResistiveTile::connect(const Netlist& netlist) {
  above_nodes_ = netlist.nodes(config_.above + "/v");
  above_lines_ = netlist.lines(config_.above + "/r");
  if (above_nodes_.count != config_.rows) throw InternalError(name() + ": wrong height");
  if (clamped()) return;
  below_nodes_ = netlist.nodes(config_.below + "/v");
  below_lines_ = netlist.lines(config_.below + "/a");
  if (below_nodes_.count != config_.columns) throw InternalError(name() + ": wrong width");
}

void ResistiveTile::set_sources(Span<const double> volts) {
  if (volts.size() != config_.columns) throw InternalError(name() + ": wrong number of sources");
  std::copy(volts.begin(), volts.end(), source_v_.begin());
  refresh();
}

void ResistiveTile::refresh() {
  std::fill(column_sum_s_.begin(), column_sum_s_.end(), 0.0);
  std::fill(static_current_.begin(), static_current_.end(), 0.0);
  for (std::size_t i = 0; i < config_.rows; ++i) {
    const double* g = conductance_s_ + i * config_.columns;
    double sum = 0.0;
    for (std::size_t j = 0; j < config_.columns; ++j) {
      sum += g[j];
      column_sum_s_[j] += g[j];
    }
    row_sum_s_[i] = sum;
  }
  if (!clamped()) return;
  add_product(conductance_s_, config_.rows, config_.columns, config_.columns, source_v_.data(), 1.0,
              static_current_.data());
}

void ResistiveTile::add_currents(double, const double*, const double* line, double* current) const {
  if (!driven_) return;
  const double* v = line + above_lines_.first;
  double* above = current + above_nodes_.first;
  if (clamped()) {
    for (std::size_t i = 0; i < config_.rows; ++i) {
      above[i] += static_current_[i] - row_sum_s_[i] * v[i];
    }
    return;
  }
  const double* a = line + below_lines_.first;
  for (std::size_t i = 0; i < config_.rows; ++i) above[i] -= row_sum_s_[i] * v[i];
  add_product(conductance_s_, config_.rows, config_.columns, config_.columns, a, 1.0, above);
  for (std::size_t j = 0; j < config_.columns; ++j) back_[j] = -column_sum_s_[j] * a[j];
  add_transposed_product(conductance_s_, config_.rows, config_.columns, config_.columns, v, 1.0,
                         back_.data());
  double* below = current + below_nodes_.first;
  for (std::size_t j = 0; j < config_.columns; ++j) below[j] += config_.back_gain[j] * back_[j];
}

double ResistiveTile::power(const double* line) const {
  const double* v = line + above_lines_.first;
  const double* a = clamped() ? source_v_.data() : line + below_lines_.first;
  double power = 0.0;
  for (std::size_t i = 0; i < config_.rows; ++i) {
    const double* g = conductance_s_ + i * config_.columns;
    double sum = 0.0;
#pragma omp simd reduction(+ : sum)
    for (std::size_t j = 0; j < config_.columns; ++j) {
      const double drop = a[j] - v[i];
      sum += g[j] * drop * drop;
    }
    power += sum;
  }
  return power;
}

}  // namespace memprop::analog
