#include "analog/crossbar/crossbar_tile.hpp"

#include <algorithm>
#include <cmath>

#include "analog/crossbar/nonlinear_reads.hpp"
#include "solvers/error.hpp"
#include "solvers/math/dense.hpp"

namespace memprop::analog {
namespace {

constexpr double boltzmann = 1.380649e-23;             // [J/K]
constexpr double elementary_charge = 1.602176634e-19;  // [C]

}  // namespace

CrossbarTile::CrossbarTile(CrossbarTileConfig config, const LineCells& pairs,
                           const LineCells* feedback)
    : Element(config.name),
      config_(std::move(config)),
      pairs_(pairs),
      feedback_(feedback),
      inputs_(pairs.rows() - (config_.bias_line_v != 0.0 ? 1 : 0)),
      row_v_(pairs.rows(), 0.0),
      static_current_(pairs.columns(), 0.0),
      static_variance_(pairs.columns(), 0.0),
      static_magnitude_(pairs.columns(), 0.0),
      forward_noise_a_(pairs.columns(), 0.0),
      backward_noise_a_(inputs_, 0.0),
      scratch_(std::max(pairs.rows(), pairs.columns()), 0.0),
      line_sums_s_(scratch_.size(), 0.0),
      magnitude_a_(scratch_.size(), 0.0),
      bent_(scratch_.size(), 0.0),
      drive_(pairs.rows(), config_.bias_line_v) {
  if (config_.bias_line_v != 0.0) row_v_.back() = config_.bias_line_v;
  if (noisy()) {
    forward_noise_ = std::make_unique<LineNoise>(pairs.columns(), config_.noise_correlation_s,
                                                 config_.noise_grid_s, config_.seed,
                                                 "chip/" + config_.name + "/read-noise/forward");
    if (config_.backward_gain != 0.0) {
      backward_noise_ = std::make_unique<LineNoise>(
          inputs_, config_.noise_correlation_s, config_.noise_grid_s, config_.seed,
          "chip/" + config_.name + "/read-noise/backward");
    }
  }
}

void CrossbarTile::connect(const Netlist& netlist) {
  out_nodes_ = netlist.inputs(config_.output_bank + "/v");
  out_lines_ = netlist.lines(config_.output_bank + "/r");
  if (out_nodes_.count != pairs_.columns()) throw InternalError(name() + ": wrong output width");
  if (clamped()) return;
  in_nodes_ = netlist.inputs(config_.input_bank + "/v");
  in_lines_ = netlist.lines(config_.input_bank + "/r");
  if (in_nodes_.count != inputs_) throw InternalError(name() + ": wrong input width");
}

double CrossbarTile::forward_gain_now() const {
  if (!config_.slots || clamped() || mean_currents_) return config_.forward_gain;
  return forward_slot_ ? config_.forward_gain / config_.forward_share : 0.0;
}

double CrossbarTile::backward_gain_now() const {
  if (!config_.slots || mean_currents_) return config_.backward_gain;
  return forward_slot_ ? 0.0 : config_.backward_gain / (1.0 - config_.forward_share);
}

// Line voltages as the cells see them; v itself where they are linear.
const double* CrossbarTile::bend(const double* v, std::size_t n, std::vector<double>& out) const {
  if (config_.nonlinear_v == 0.0) return v;
  for (std::size_t k = 0; k < n; ++k) {
    out[k] = config_.nonlinear_v * std::sinh(v[k] / config_.nonlinear_v);
  }
  return out.data();
}

void CrossbarTile::set_static_rows(Span<const double> row_v) {
  if (row_v.size() != inputs_) throw InternalError(name() + ": wrong number of row voltages");
  std::copy(row_v.begin(), row_v.end(), row_v_.begin());
  find_static_current();
}

void CrossbarTile::find_static_current() {
  static_power_w_ = -1.0;
  std::fill(static_current_.begin(), static_current_.end(), 0.0);
  const double* drive = bend(row_v_.data(), row_v_.size(), bent_);
  if (auto* reads = pairs_.nonlinear_reads()) {
    reads->add_forward(row_v_.data(), 1.0, static_current_);
  } else {
    add_product(pairs_.forward().data(), pairs_.columns(), pairs_.rows(), pairs_.rows(), drive, 1.0,
                static_current_.data());
  }
  if (forward_noise_) pairs_.square_product(drive, static_variance_.data());
  if (config_.shot) pairs_.magnitude_product(drive, static_magnitude_.data());
}

void CrossbarTile::cells_changed(const double* line) {
  if (clamped()) find_static_current();
  if (driven_) refresh_noise(line);
}

void CrossbarTile::begin_sample(std::uint64_t sample) {
  if (forward_noise_) forward_noise_->begin_sample(sample);
  if (backward_noise_) backward_noise_->begin_sample(sample);
}

Ticks CrossbarTile::next_change(Ticks now) const {
  return forward_noise_ ? forward_noise_->next_change(now) : never;
}

void CrossbarTile::change(Ticks, const double*, const double* line) {
  // Every grid point takes its draw, driven or not: the noise is keyed by the grid alone.
  forward_noise_->step();
  if (backward_noise_) backward_noise_->step();
  if (driven_) refresh_noise(line);
}

double CrossbarTile::noise_amplitude_a(double variance, double conductance_s,
                                       double current_a) const {
  if (config_.thermal_k == 0.0 && !config_.shot) return config_.read_noise * std::sqrt(variance);
  const double white =
      boltzmann * config_.thermal_k * conductance_s + 0.5 * elementary_charge * current_a;
  return std::sqrt(config_.read_noise * config_.read_noise * variance +
                   white / config_.noise_correlation_s);
}

void CrossbarTile::refresh_noise(const double* line) {
  if (!forward_noise_) return;
  const bool thermal = config_.thermal_k > 0.0;
  double *variance = scratch_.data(), *magnitude = magnitude_a_.data();
  if (clamped()) {
    variance = static_variance_.data();
    magnitude = static_magnitude_.data();
  } else {
    std::copy_n(line + in_lines_.first, inputs_, row_v_.begin());
    const double* drive = bend(row_v_.data(), row_v_.size(), bent_);
    pairs_.square_product(drive, variance);
    if (config_.shot) pairs_.magnitude_product(drive, magnitude);
  }
  if (thermal) pairs_.column_sums(line_sums_s_.data());
  const auto& forward = forward_noise_->value();
  for (std::size_t i = 0; i < forward_noise_a_.size(); ++i) {
    forward_noise_a_[i] =
        noise_amplitude_a(variance[i], line_sums_s_[i], magnitude[i]) * forward[i];
  }
  if (!backward_noise_) return;
  const double* drive = bend(line + out_lines_.first, pairs_.columns(), bent_);
  backward_pairs().square_product_transposed(drive, scratch_.data());
  if (config_.shot) backward_pairs().magnitude_product_transposed(drive, magnitude_a_.data());
  if (thermal) backward_pairs().row_sums(line_sums_s_.data());
  const auto& backward = backward_noise_->value();
  for (std::size_t j = 0; j < inputs_; ++j) {
    backward_noise_a_[j] =
        noise_amplitude_a(scratch_[j], line_sums_s_[j], magnitude_a_[j]) * backward[j];
  }
}

void CrossbarTile::add_forward(const double* line, double gain, double* above) const {
  const std::size_t columns = pairs_.columns(), stride = pairs_.rows();
  if (clamped()) {
    for (std::size_t i = 0; i < columns; ++i) above[i] += gain * static_current_[i];
    return;
  }
  if (auto* reads = pairs_.nonlinear_reads()) {
    std::copy_n(line + in_lines_.first, inputs_, drive_.begin());
    return reads->add_forward(drive_.data(), gain, {above, columns});
  }
  const double* drive = bend(line + in_lines_.first, inputs_, bent_);
  add_product(pairs_.forward().data(), columns, inputs_, stride, drive, gain, above);
  if (config_.bias_line_v == 0.0) return;
  const double* bias = pairs_.forward().data() + inputs_;
  const double bias_v = *bend(&config_.bias_line_v, 1, bent_);
  for (std::size_t i = 0; i < columns; ++i) above[i] += gain * bias_v * bias[i * stride];
}

void CrossbarTile::add_backward(const double* line, double gain, double* below) const {
  const std::size_t columns = pairs_.columns();
  const double* drive = line + out_lines_.first;
  if (auto* reads = backward_pairs().nonlinear_reads()) {
    return reads->add_backward(drive, gain, {below, inputs_});
  }
  add_transposed_product(backward_pairs().backward().data(), columns, inputs_, pairs_.rows(),
                         bend(drive, columns, bent_), gain, below);
}

void CrossbarTile::add_currents(double, const double*, const double* line, double* current) const {
  if (!driven_) return;
  double* above = current + out_nodes_.first;
  const double forward = forward_gain_now();
  if (forward != 0.0) {
    add_forward(line, forward, above);
    if (forward_noise_ && !mean_currents_) {
      for (std::size_t i = 0; i < pairs_.columns(); ++i) above[i] += forward * forward_noise_a_[i];
    }
  }
  const double backward = backward_gain_now();
  if (backward == 0.0) return;
  double* below = current + in_nodes_.first;
  add_backward(line, backward, below);
  if (!backward_noise_ || mean_currents_) return;
  for (std::size_t j = 0; j < inputs_; ++j) below[j] += backward * backward_noise_a_[j];
}

// What stands for the voltages where power is a sum of G V^2: the root of V times the bent V.
const double* CrossbarTile::power_drive(const double* v, std::size_t n) {
  const double* bent = bend(v, n, bent_);
  if (bent == v) return v;
  for (std::size_t k = 0; k < n; ++k) bent_[k] = std::sqrt(v[k] * bent[k]);
  return bent_.data();
}

double CrossbarTile::row_power() {
  if (auto* reads = pairs_.nonlinear_reads()) return reads->row_power(row_v_.data());
  return pairs_.row_power(power_drive(row_v_.data(), row_v_.size()));
}

double CrossbarTile::column_power(const double* column_v) {
  if (auto* reads = backward_pairs().nonlinear_reads()) return reads->column_power(column_v);
  return backward_pairs().column_power(power_drive(column_v, pairs_.columns()));
}

double CrossbarTile::power(const double* line) {
  if (!driven_) return 0.0;
  if (!clamped()) std::copy_n(line + in_lines_.first, inputs_, row_v_.begin());
  // Clamped rows keep their voltages, and the cells their conductances, for the whole sample.
  const bool known = clamped() && static_power_w_ >= 0.0;
  const double rows_w = known ? static_power_w_ : row_power();
  if (clamped()) static_power_w_ = rows_w;
  if (config_.backward_gain == 0.0) return rows_w;
  const double columns_w = column_power(line + out_lines_.first);
  // One array is driven one way at a time; two arrays are driven all the time.
  if (feedback_ != nullptr) return rows_w + columns_w;
  return config_.forward_share * rows_w + (1.0 - config_.forward_share) * columns_w;
}

}  // namespace memprop::analog
