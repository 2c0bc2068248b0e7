#include "hw_models/converter/difference_amplifier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "hw_models/fabrication.hpp"
#include "solvers/error.hpp"

namespace memprop::hw {
namespace {

// The key's value of layer l; 0: no amplifier.
double gain_of(const std::vector<double>& gain, std::size_t l) {
  if (gain.empty()) return 0.0;
  return gain.size() == 1 ? gain[0] : gain.at(l - 1);
}

}  // namespace

double difference_gain(const ChipConfig& chip, std::size_t l) {
  const double gain = gain_of(chip.difference_amplifier.gain, l);
  return gain > 0.0 ? gain : 1.0;
}

DifferenceAmplifier::DifferenceAmplifier(const ChipConfig& chip,
                                         const std::vector<std::size_t>& widths,
                                         double voltage_scale_v, std::uint64_t seed)
    : noise_v_(chip.difference_amplifier.noise_v),
      limit_v_(chip.difference_amplifier.saturation * voltage_scale_v),
      noise_(seed, "chip/difference-amplifier/noise") {
  const DifferenceAmplifierConfig& config = chip.difference_amplifier;
  if (config.gain.size() > 1 && config.gain.size() != widths.size()) {
    throw UserError(
        fmt::format("key 'chip.difference_amplifier.gain': expected one gain or one for each of "
                    "the {} layers, got {}",
                    widths.size(), config.gain.size()));
  }
  for (std::size_t l = 1; l <= widths.size(); ++l) {
    const double gain = gain_of(config.gain, l);
    gain_.insert(gain_.end(), widths[l - 1], gain);
    if (gain > 0.0) amplifiers_ += widths[l - 1];
  }
  offset_v_ =
      fabricate_offsets(gain_.size(), config.offset_v, seed, "chip/difference-amplifier/offset");
  draw_.assign(gain_.size(), 0.0);
  if (config.gain_error == 0.0) return;
  const RandomStream stream(seed, "chip/difference-amplifier/gain");
  for (std::size_t k = 0; k < gain_.size(); ++k) {
    // Cut as the other relative spreads: no amplifier that inverts.
    gain_[k] *= std::max(0.1, 1.0 + config.gain_error * stream.normal(k));
  }
}

void DifferenceAmplifier::amplify(Span<double> line_v, Span<const double> free_v, double droop_v,
                                  std::uint64_t sample, std::size_t bank) {
  if (line_v.size() != size() || free_v.size() != size()) {
    throw InternalError("difference amplifier: wrong number of lines");
  }
  // Bank 0 never passes an amplifier, so its numbers are left out of the stream.
  if (noise_v_ > 0.0) noise_.normals(0, 2 * sample + (bank - 1), draw_);
  for (std::size_t k = 0; k < size(); ++k) {
    if (gain_[k] == 0.0) continue;
    const double difference = line_v[k] - (free_v[k] - droop_v);
    double out = gain_[k] * (difference + offset_v_[k] + noise_v_ * draw_[k]);
    if (limit_v_ > 0.0 && std::abs(out) > limit_v_) {
      out = std::copysign(limit_v_, out);
      ++saturated_;
    }
    line_v[k] = out;
  }
  amplified_ += amplifiers_;
}

}  // namespace memprop::hw
