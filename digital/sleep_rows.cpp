#include "digital/sleep_rows.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "digital/shift_register.hpp"
#include "solvers/error.hpp"

namespace memprop::digital {
namespace {

constexpr std::uint64_t kAlways = 65536;

}  // namespace

SleepRows::SleepRows(const SleepRowConfig& config)
    : config_(config), register_(config.rows), threshold_(config.rows, 0) {
  if (config.gain_mantissa > 0x10000U || config.gain_shift > 47) {
    throw UserError("sleep rows: expected a gain mantissa up to 65536 and a shift up to 47");
  }
  side_ = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(config.rows))));
  if (config.window > 0 && (side_ * side_ != config.rows || config.window > side_)) {
    throw UserError("sleep rows: expected a window within a square image, got one of side " +
                    std::to_string(config.window) + " for " + std::to_string(config.rows) +
                    " rows");
  }
  for (std::size_t j = 0; j < config.rows; ++j) {
    register_[j] = register_seed(config.seed, 0, Lane::sleep_input, static_cast<std::uint32_t>(j));
  }
  for (std::uint32_t k = 0; k < 2; ++k) {
    window_register_[k] = register_seed(config.seed, 0, Lane::sleep_window, k);
  }
}

void SleepRows::load(Span<const std::uint16_t> codes) {
  if (codes.size() != threshold_.size()) throw InternalError("sleep rows: wrong number of codes");
  for (std::size_t j = 0; j < codes.size(); ++j) {
    const std::uint64_t product = std::uint64_t{codes[j]} * config_.gain_mantissa;
    threshold_[j] = static_cast<std::uint32_t>(std::min(kAlways, product >> config_.gain_shift));
  }
}

void SleepRows::draw(BitVector& rows) {
  rows.clear();
  std::size_t first[2] = {0, 0};
  if (config_.window > 0) {
    for (std::size_t k = 0; k < 2; ++k) {
      window_register_[k] = advance(window_register_[k]);
      const std::uint64_t places = side_ - config_.window + 1;
      first[k] = static_cast<std::size_t>((draw16(window_register_[k]) * places) >> 16);
    }
  }
  for (std::size_t j = 0; j < register_.size(); ++j) {
    register_[j] = advance(register_[j]);
    if (draw16(register_[j]) >= threshold_[j]) continue;
    if (config_.window > 0) {
      const std::size_t y = j / side_, x = j % side_;
      if (y < first[0] || y >= first[0] + config_.window) continue;
      if (x < first[1] || x >= first[1] + config_.window) continue;
    }
    rows.set(j);
  }
}

std::vector<std::uint64_t> SleepRows::save() const {
  std::vector<std::uint64_t> state(register_.begin(), register_.end());
  state.insert(state.end(), window_register_, window_register_ + 2);
  return state;
}

void SleepRows::restore(Span<const std::uint64_t> state) {
  const std::size_t n = register_.size();
  if (state.size() != n + 2) throw InternalError("sleep rows: a saved state of another size");
  for (std::size_t j = 0; j < n; ++j) register_[j] = static_cast<std::uint32_t>(state[j]);
  window_register_[0] = static_cast<std::uint32_t>(state[n]);
  window_register_[1] = static_cast<std::uint32_t>(state[n + 1]);
}

}  // namespace memprop::digital
