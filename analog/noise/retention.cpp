#include "analog/noise/retention.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

constexpr double kVoltPerKelvin = 1.380649e-23 / 1.602176634e-19;
constexpr double kSmallest = 1e-12;  // of a relative conductance, for its logarithm

double polynomial(const double (&c)[5], double x) {
  return c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * c[4])));
}

}  // namespace

double pcm_nu_mean(double g) {
  return std::clamp(-0.0155 * std::log(std::max(g, kSmallest)) + 0.0244, 0.049, 0.1);
}

double pcm_nu_spread(double g) {
  return std::clamp(-0.0125 * std::log(std::max(g, kSmallest)) - 0.0059, 0.008, 0.045);
}

double pcm_programming_sigma_s(double g) {
  return std::max(0.26348 + g * (1.9650 - 1.1731 * g), 0.0) * 1e-6;
}

double pcm_read_sigma(double g, double t_s) {
  constexpr double read_s = 250e-9;
  const double q = std::min(0.0088 / std::pow(std::max(g, kSmallest), 0.65), 0.2);
  return q * std::sqrt(std::log((std::max(t_s, read_s) + read_s) / (2.0 * read_s)));
}

double rram_relaxation_sigma_s(double g, double t_s) {
  static constexpr double second[5] = {0.348, 16.030, -43.853, 45.393, -16.815};
  static constexpr double day[5] = {0.701, 22.086, -50.773, 47.095, -16.458};
  static constexpr double two_days[5] = {0.782, 20.274, -43.507, 37.062, -11.934};
  constexpr double day_s = 86400.0;
  if (!(t_s >= 1.0 && t_s <= 2.0 * day_s)) {
    throw UserError("relaxation of RRAM: expected a time from 1 s to 2 days, got " +
                    std::to_string(t_s) + " s");
  }
  const bool early = t_s <= day_s;
  const double from = polynomial(early ? second : day, g);
  const double to = polynomial(early ? day : two_days, g);
  const double part = early ? std::log(t_s) / std::log(day_s) : std::log2(t_s / day_s);
  return std::max(from + part * (to - from), 0.0) * 1e-6;
}

double rram_relaxation_sigma_crosssim_s(double conductance_s) {
  const double g = conductance_s * 1e6;
  return std::max(1.053 + g * (0.2374 + g * (-1.167e-2 + g * 1.536e-4)), 0.0) * 1e-6;
}

double arrhenius_factor(double activation_ev, double temperature_k, double reference_k) {
  return std::exp(activation_ev / kVoltPerKelvin * (1.0 / temperature_k - 1.0 / reference_k));
}

Retention::Retention(const RetentionConfig& config, std::size_t cells, std::uint64_t seed,
                     std::string_view stream)
    : config_(config),
      speed_(1.0),
      drift_(seed, std::string(stream) + "/drift"),
      programmed_s_(cells, 0.0),
      at_s_(cells, 0.0),
      nu_(cells, 0.0),
      count_(cells, 0) {
  if (!(config.nu >= 0.0 && config.nu_spread >= 0.0 && config.t_0_s > 0.0 && config.g_max_s > 0.0 &&
        config.decay_s >= 0.0 && config.rest_s >= 0.0 && config.reference_k > 0.0 &&
        config.temperature_k > 0.0 && config.activation_ev >= 0.0)) {
    throw UserError(
        "retention: expected exponents, spread and activation energy of 0 or more and positive "
        "t_0, g_max and temperatures, got other values");
  }
  speed_ = 1.0 / arrhenius_factor(config.activation_ev, config.temperature_k, config.reference_k);
}

void Retention::program(Span<const std::uint32_t> list, Span<const double> conductance_s,
                        double now_s) {
  if (list.size() != conductance_s.size()) throw InternalError("retention: lengths differ");
  for (std::size_t k = 0; k < list.size(); ++k) {
    const std::size_t cell = list[k];
    const double g = conductance_s[k] / config_.g_max_s;
    const bool pcm = config_.of == DriftOf::pcm;
    const double mean = pcm ? pcm_nu_mean(g) : config_.nu;
    const double spread = pcm ? pcm_nu_spread(g) : config_.nu_spread;
    const double xi = spread != 0.0 ? drift_.normal(cell, ++count_[cell]) : 0.0;
    nu_[cell] = config_.of == DriftOf::decay ? config_.decay_s * std::exp(spread * xi)
                : spread != 0.0              ? std::fabs(mean + spread * xi)
                                             : mean;
    programmed_s_[cell] = conductance_s[k];
    at_s_[cell] = now_s;
  }
}

double Retention::present(std::size_t cell, double programmed_s, double now_s) const {
  const double passed = (now_s - at_s_[cell]) * speed_;
  if (config_.of == DriftOf::decay) {
    if (!(nu_[cell] > 0.0)) return programmed_s;
    return config_.rest_s + (programmed_s - config_.rest_s) * std::exp(-passed / nu_[cell]);
  }
  const double age = passed / config_.t_0_s;
  return age > 1.0 ? programmed_s * std::pow(age, -nu_[cell]) : programmed_s;
}

void Retention::read(double now_s, Span<double> out) const {
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = present(k, programmed_s_[k], now_s);
}

std::vector<double> Retention::save() const {
  std::vector<double> saved;
  for (const auto* list : {&programmed_s_, &at_s_, &nu_}) {
    saved.insert(saved.end(), list->begin(), list->end());
  }
  for (const std::uint64_t n : count_) saved.push_back(static_cast<double>(n));
  return saved;
}

void Retention::restore(Span<const double> saved) {
  const std::size_t n = nu_.size();
  if (saved.size() != 4 * n) throw InternalError("retention: a saved state of another size");
  std::size_t from = 0;
  for (auto* list : {&programmed_s_, &at_s_, &nu_}) {
    for (double& value : *list) value = saved[from++];
  }
  for (std::uint64_t& value : count_) value = static_cast<std::uint64_t>(saved[from++]);
}

}  // namespace memprop::analog
