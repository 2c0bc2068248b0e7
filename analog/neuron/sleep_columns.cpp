#include "analog/neuron/sleep_columns.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "solvers/error.hpp"

namespace memprop::analog {

SleepColumns::SleepColumns(SleepColumnsConfig config)
    : offset_v_(std::move(config.offset_v)),
      voltage_v_(config.capacitance_f.size(), 0.0),
      rail_v_(config.rail_v) {
  const std::size_t n = voltage_v_.size();
  if (offset_v_.empty()) offset_v_.assign(n, 0.0);
  if (config.leak_s.size() != n || offset_v_.size() != n) {
    throw InternalError("sleeping columns: leaks or offsets do not fit the capacitors");
  }
  for (std::size_t i = 0; i < n; ++i) {
    const double g = config.leak_s[i], c = config.capacitance_f[i];
    decay_.push_back(std::exp(-config.drive_s * g / c));
    charge_ohm_.push_back(g > 0.0 ? -std::expm1(-config.pulse_s * g / c) / g : config.pulse_s / c);
  }
}

void SleepColumns::drive(Span<const double> current_a, Span<const double> added_v) {
  for (std::size_t i = 0; i < voltage_v_.size(); ++i) {
    double v = voltage_v_[i] * decay_[i] + current_a[i] * charge_ohm_[i];
    if (added_v.size() > 0) v += added_v[i];
    if (rail_v_ > 0.0) v = std::clamp(v, -rail_v_, rail_v_);
    voltage_v_[i] = v;
  }
}

void SleepColumns::discharge_all() { std::fill(voltage_v_.begin(), voltage_v_.end(), 0.0); }

double averaged_noise(double window_s, double correlation_s) {
  if (!(correlation_s > 0.0)) return 0.0;
  const double x = window_s / correlation_s;
  if (x < 1e-4) return 1.0;
  return std::sqrt(2.0 * (x + std::expm1(-x))) / x;
}

}  // namespace memprop::analog
