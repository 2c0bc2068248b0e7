#include "hw_models/converter/channel_errors.hpp"

#include <algorithm>
#include <cmath>

#include "hw_models/fabrication.hpp"

namespace memprop::hw {
namespace {

const double cubic_scale = 1.5 * std::sqrt(3.0);  // the peak of x (1 - x^2) is 1 over this

double shape(double parabola, double cubic, double x) {
  return (parabola + cubic * x) * (1.0 - x * x);
}

// The largest |shape| on [-1, 1], at a zero of the derivative -3 c x^2 - 2 p x + c.
double peak(double parabola, double cubic) {
  if (std::abs(cubic) < 1e-12) return std::abs(parabola);
  const double root = std::sqrt(parabola * parabola + 3.0 * cubic * cubic);
  double largest = 0.0;
  for (const double x : {(-parabola + root) / (3.0 * cubic), (-parabola - root) / (3.0 * cubic)}) {
    if (std::abs(x) <= 1.0) largest = std::max(largest, std::abs(shape(parabola, cubic, x)));
  }
  return largest;
}

}  // namespace

ChannelErrors::ChannelErrors(const Sizes& sizes, unsigned bits, bool from_zero,
                             std::size_t channels, std::uint64_t seed, const std::string& stream)
    : offset_v_(fabricate_offsets(channels, sizes.offset_v, seed, stream + "/offset")),
      steps_(seed, stream + "/steps") {
  if (sizes.gain != 0.0) {
    gain_.resize(channels);
    RandomStream(seed, stream + "/gain").normals(0, 0, gain_);
    for (double& g : gain_) g = 1.0 + sizes.gain * g;
  }
  if (bits == 0) return;  // an ideal converter's levels are no levels of a circuit
  const double half = std::ldexp(1.0, static_cast<int>(bits) - 1);
  first_code_ = from_zero ? 0.0 : -half;
  codes_per_unit_ = from_zero ? half - 0.5 : half;
  step_sigma_ = sizes.dnl / std::sqrt(2.0);
  curved_ = sizes.inl != 0.0 || sizes.dnl != 0.0;
  if (sizes.inl == 0.0) return;
  const RandomStream angle(seed, stream + "/bow");
  for (std::size_t k = 0; k < channels; ++k) {
    const double phi = 2.0 * 3.14159265358979323846 * angle.uniform(k);
    const double parabola = std::cos(phi), cubic = cubic_scale * std::sin(phi);
    const double scale = sizes.inl / peak(parabola, cubic);
    bow_.push_back({scale * parabola, scale * cubic});
  }
}

double ChannelErrors::bow(std::size_t channel, double x) const {
  if (bow_.empty()) return 0.0;
  const double inside = std::clamp(x, -1.0, 1.0);
  return shape(bow_[channel].parabola, bow_[channel].cubic, inside);
}

double ChannelErrors::level_error(std::size_t channel, std::int64_t code) const {
  double error = bow(channel, (static_cast<double>(code) - first_code_) / codes_per_unit_ - 1.0);
  if (step_sigma_ > 0.0) {
    error += step_sigma_ * steps_.normal(channel, static_cast<std::uint64_t>(code));
  }
  return error;
}

// From the code that the bow alone would give to the first one whose two thresholds hold the
// voltage.
std::int32_t ChannelErrors::curved_code(std::size_t channel, double volts, const SignedScale& scale,
                                        std::uint64_t& clipped) const {
  constexpr int most_moves = 64;
  const double steps = volts / scale.lsb_v();
  const double straight = std::clamp(steps, 2.0 * scale.smallest(), 2.0 * scale.largest());
  auto code = static_cast<std::int64_t>(
      std::nearbyint(straight - bow(channel, (straight - first_code_) / codes_per_unit_ - 1.0)));
  const auto threshold = [&](std::int64_t k) {
    return static_cast<double>(k) - 0.5 + level_error(channel, k);
  };
  int moves = 0;
  while (steps < threshold(code) && moves++ < most_moves) --code;
  while (steps >= threshold(code + 1) && moves++ < most_moves) ++code;
  if (code < scale.smallest() || code > scale.largest()) ++clipped;
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(code, scale.smallest(), scale.largest()));
}

}  // namespace memprop::hw
