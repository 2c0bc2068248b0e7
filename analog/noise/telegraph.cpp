#include "analog/noise/telegraph.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "solvers/error.hpp"

namespace memprop::analog {

TelegraphNoise::TelegraphNoise(const TelegraphConfig& config, std::size_t cells, std::uint64_t seed,
                               std::string_view stream)
    : config_(config),
      trap_(seed, std::string(stream) + "/trap"),
      amplitude_(cells, config.amplitude),
      factor_(cells, 1.0),
      low_(cells, 0) {
  if (!(config.tau_c_s > 0.0 && config.tau_e_s > 0.0 && config.amplitude >= 0.0 &&
        config.amplitude <= 1.0 && config.amplitude_spread >= 0.0)) {
    throw UserError(
        "telegraph noise: expected positive dwell times, an amplitude from 0 to 1 and a spread of "
        "0 or more, got other values");
  }
  const RandomStream fabrication(seed, std::string(stream) + "/fabrication");
  const double stationary = config.tau_e_s / (config.tau_c_s + config.tau_e_s);
  for (std::size_t k = 0; k < cells; ++k) {
    if (config.amplitude_spread != 0.0) {
      amplitude_[k] = std::min(
          config.amplitude * std::exp(config.amplitude_spread * fabrication.normal(k, 0)), 1.0);
    }
    low_[k] = trap_.uniform(k, 0) < stationary;
  }
  refresh();
}

void TelegraphNoise::advance(double dt_s) {
  ++step_;
  const double total = config_.tau_c_s + config_.tau_e_s;
  const double rate = 1.0 / config_.tau_c_s + 1.0 / config_.tau_e_s;
  const double settled = -std::expm1(-dt_s * rate);
  const double to_low = config_.tau_e_s / total * settled;
  const double to_high = config_.tau_c_s / total * settled;
  for (std::size_t k = 0; k < low_.size(); ++k) {
    const double u = trap_.uniform(k, step_);
    low_[k] = low_[k] != 0 ? !(u < to_high) : u < to_low;
  }
  refresh();
}

void TelegraphNoise::refresh() {
  for (std::size_t k = 0; k < low_.size(); ++k) {
    factor_[k] = low_[k] != 0 ? 1.0 - amplitude_[k] : 1.0;
  }
}

double TelegraphNoise::density(const TelegraphConfig& config, double amplitude,
                               double frequency_hz) {
  const double total = config.tau_c_s + config.tau_e_s;
  const double tau = config.tau_c_s * config.tau_e_s / total;
  const double w = 2.0 * 3.14159265358979323846 * frequency_hz * tau;
  return 4.0 * amplitude * amplitude * tau * tau / (total * (1.0 + w * w));
}

std::vector<double> TelegraphNoise::save() const {
  std::vector<double> saved{static_cast<double>(step_)};
  saved.insert(saved.end(), low_.begin(), low_.end());
  return saved;
}

void TelegraphNoise::restore(Span<const double> saved) {
  if (saved.size() != low_.size() + 1) {
    throw UserError("expected the saved state of " + std::to_string(low_.size()) +
                    " telegraph cells, got " + std::to_string(saved.size()) + " numbers");
  }
  step_ = static_cast<std::uint64_t>(saved[0]);
  for (std::size_t k = 0; k < low_.size(); ++k) low_[k] = saved[k + 1] != 0.0;
  refresh();
}

}  // namespace memprop::analog
