#include "analog/noise/flicker.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

constexpr double kPi = 3.14159265358979323846;

}  // namespace

FlickerNoise::FlickerNoise(const FlickerConfig& config, std::size_t cells, std::uint64_t seed,
                           std::string_view stream)
    : trap_(seed, std::string(stream) + "/trap"), height_(0.0), blocks_(0), factor_(cells, 1.0) {
  if (!(config.level >= 0.0 && config.tau_1_s > 0.0 && config.tau_2_s > config.tau_1_s &&
        config.traps_per_decade >= 1)) {
    throw UserError(
        "1/f noise: expected a level of 0 or more, 0 < tau_1 < tau_2 and one trap per decade or "
        "more, got other values");
  }
  height_ = std::sqrt(4.0 * std::log(10.0) * config.level / config.traps_per_decade);
  const double decades = std::log10(config.tau_2_s / config.tau_1_s);
  const auto traps = static_cast<std::size_t>(std::lround(decades * config.traps_per_decade)) + 1;
  for (std::size_t k = 0; k < traps; ++k) {
    const double part = traps > 1 ? static_cast<double>(k) / static_cast<double>(traps - 1) : 0.0;
    tau_s_.push_back(config.tau_1_s * std::pow(config.tau_2_s / config.tau_1_s, part));
  }
  blocks_ = (traps + 3) / 4;
  high_.assign(cells * blocks_ * 4, 0);
  flip_.assign(blocks_ * 4, 0);
  for (std::size_t block = 0; block < cells * blocks_; ++block) {
    const std::array<std::uint32_t, 4> words = trap_.words(block, 0);
    for (std::size_t k = 0; k < 4; ++k) high_[4 * block + k] = words[k] >= 0x80000000U;
  }
  refresh();
}

void FlickerNoise::advance(double dt_s) {
  ++step_;
  // A symmetric trap flips over dt with probability (1 - exp(-dt/tau))/2, at most a half.
  for (std::size_t k = 0; k < tau_s_.size(); ++k) {
    flip_[k] = static_cast<std::uint32_t>(-0.5 * std::expm1(-dt_s / tau_s_[k]) * 4294967296.0);
  }
  for (std::size_t block = 0; block < factor_.size() * blocks_; ++block) {
    const std::array<std::uint32_t, 4> words = trap_.words(block, step_);
    const std::uint32_t* const threshold = &flip_[4 * (block % blocks_)];
    for (std::size_t k = 0; k < 4; ++k) {
      high_[4 * block + k] =
          high_[4 * block + k] ^ static_cast<unsigned char>(words[k] < threshold[k]);
    }
  }
  refresh();
}

void FlickerNoise::refresh() {
  for (std::size_t cell = 0; cell < factor_.size(); ++cell) {
    const unsigned char* const high = &high_[4 * blocks_ * cell];
    int up = 0;
    for (std::size_t k = 0; k < tau_s_.size(); ++k) up += high[k];
    const double excess = up - 0.5 * static_cast<double>(tau_s_.size());
    factor_[cell] = std::max(1.0 + height_ * excess, 0.0);
  }
}

std::vector<double> FlickerNoise::save() const {
  std::vector<double> saved{static_cast<double>(step_)};
  for (std::size_t first = 0; first < high_.size(); first += 32) {
    std::uint32_t word = 0;
    const std::size_t n = std::min<std::size_t>(32, high_.size() - first);
    for (std::size_t k = 0; k < n; ++k) word |= static_cast<std::uint32_t>(high_[first + k]) << k;
    saved.push_back(word);
  }
  return saved;
}

void FlickerNoise::restore(Span<const double> saved) {
  if (saved.size() != 1 + (high_.size() + 31) / 32) {
    throw InternalError("1/f noise: a saved state of another size");
  }
  step_ = static_cast<std::uint64_t>(saved[0]);
  for (std::size_t k = 0; k < high_.size(); ++k) {
    high_[k] = (static_cast<std::uint32_t>(saved[1 + k / 32]) >> (k % 32)) & 1U;
  }
  refresh();
}

double FlickerNoise::density(double frequency_hz) const {
  double sum = 0.0;
  for (const double tau : tau_s_) {
    const double w = 2.0 * kPi * frequency_hz * tau;
    sum += tau / (1.0 + w * w);
  }
  return height_ * height_ * sum;
}

double FlickerNoise::sampled_density(double frequency_hz, double dt_s) const {
  double sum = 0.0;
  for (const double tau : tau_s_) {
    const double keep = std::exp(-dt_s / tau);
    const double cosine = std::cos(2.0 * kPi * frequency_hz * dt_s);
    sum += (1.0 - keep * keep) / (1.0 - 2.0 * keep * cosine + keep * keep);
  }
  // Variance d^2/4 of each, two-sided density variance * dt, one-sided twice that.
  return 0.5 * height_ * height_ * dt_s * sum;
}

}  // namespace memprop::analog
