#include "analog/memristor/endurance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "solvers/error.hpp"

namespace memprop::analog {

Endurance::Endurance(const EnduranceConfig& config, std::size_t cells, std::uint64_t seed,
                     std::string_view stream)
    : config_(config),
      pulses_(cells, 0),
      lifetime_(cells, std::numeric_limits<double>::infinity()) {
  if (!(config.closing >= 0.0 && config.closing_pulses > 0.0 && config.failure_scale >= 0.0 &&
        config.failure_shape > 0.0)) {
    throw UserError(
        "endurance: expected a closing and a failure scale of 0 or more and positive "
        "closing_pulses and failure_shape, got other values");
  }
  if (config.failure_scale == 0.0) return;
  const RandomStream random(seed, std::string(stream) + "/endurance");
  for (std::size_t k = 0; k < cells; ++k) {
    lifetime_[k] =
        config.failure_scale * std::pow(-std::log(random.uniform(k)), 1.0 / config.failure_shape);
  }
}

void Endurance::after_pulse(PulseDeviceArray& array, Span<const std::uint32_t> list) {
  for (const std::uint32_t k : list) {
    const double count = static_cast<double>(++pulses_[k]);
    if (config_.closing > 0.0) close_window(array, k);
    if (count > lifetime_[k] && count - 1.0 <= lifetime_[k]) {
      array.stick(k, array.conductance()[k]);
      ++failed_;
    }
  }
}

void Endurance::close_window(PulseDeviceArray& array, std::size_t cell) const {
  const DeviceConfig& c = array.config();
  array.lower_bound_to(cell, worn_g_max_s(cell, c.g_min_s, c.g_max_s));
}

Endurance::Wear Endurance::wear() const {
  Wear sum;
  sum.devices = pulses_.size();
  sum.failed = failed_;
  for (const std::uint64_t n : pulses_) {
    sum.pulses += n;
    sum.most = std::max(sum.most, n);
  }
  return sum;
}

double Endurance::worn_g_max_s(std::size_t cell, double g_min_s, double g_max_s) const {
  const double n = static_cast<double>(pulses_[cell]);
  const double worn =
      g_max_s * (1.0 - config_.closing * std::log10(1.0 + n / config_.closing_pulses));
  return std::max(worn, g_min_s);
}

std::vector<double> Endurance::save() const {
  std::vector<double> saved;
  for (const std::uint64_t n : pulses_) saved.push_back(static_cast<double>(n));
  return saved;
}

void Endurance::restore(Span<const double> saved, PulseDeviceArray* array) {
  if (saved.size() != pulses_.size()) {
    throw UserError("expected the pulse counts of " + std::to_string(pulses_.size()) +
                    " devices, got " + std::to_string(saved.size()) + " numbers");
  }
  failed_ = 0;
  for (std::size_t k = 0; k < saved.size(); ++k) {
    pulses_[k] = static_cast<std::uint64_t>(saved[k]);
    failed_ += saved[k] > lifetime_[k];
    if (array != nullptr && config_.closing > 0.0) close_window(*array, k);
  }
}

}  // namespace memprop::analog
