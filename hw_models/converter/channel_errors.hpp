// Static errors of the channels of a converter (imperfections 15 to 17 of ep-circuits 3.1): offset,
// gain, and the deviation e_k of level k from the straight line, in steps of the converter:
//
//     DAC    V = (1 + g) (k + e_k) LSB + o
//     ADC    code k while  (k - 1/2 + e_k) LSB <= (V + o)(1 + g) < (k + 1/2 + e_{k+1}) LSB
//     e_k = inl s(x_k) + (dnl / sqrt 2) xi_k
//
// s is a bow over the range x = -1 .. 1, with s(+-1) = 0 and largest value 1: the sum of a parabola
// and a cubic in a proportion that is drawn for the channel, so that `inl` is the peak of its
// integral nonlinearity. xi_k is a standard normal number of its own for each level, so that the
// differential nonlinearity e_{k+1} - e_k has the rms `dnl` (plus the slope of the bow). All of it
// is drawn once from the seed and never changes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw_models/converter/quantizer.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::hw {

class ChannelErrors {
 public:
  // Streams STREAM/offset, /gain, /bow, /steps. from_zero: codes 0 .. 2^bits - 1, else two's
  // complement.
  template <class Converter>
  ChannelErrors(const Converter& config, unsigned bits, bool from_zero, std::size_t channels,
                std::uint64_t seed, const std::string& stream)
      : ChannelErrors({config.offset_v, config.gain_error, config.inl, config.dnl}, bits, from_zero,
                      channels, seed, stream) {}

  std::size_t channels() const { return offset_v_.size(); }
  // The voltage of a DAC's channel for a code that ideally gives `ideal_v`.
  double apply(std::size_t channel, double ideal_v, std::int64_t code, double lsb_v) const {
    if (!curved_ && gain_.empty()) return ideal_v + offset_v_[channel];
    const double level = curved_ ? ideal_v + lsb_v * level_error(channel, code) : ideal_v;
    return (gain_.empty() ? level : gain_[channel] * level) + offset_v_[channel];
  }
  // The code of an ADC's channel for a voltage with noise.
  std::int32_t convert(std::size_t channel, double volts, double noise_v, const SignedScale& scale,
                       std::uint64_t& clipped) const {
    double v = volts + offset_v_[channel] + noise_v;
    if (!gain_.empty()) v *= gain_[channel];
    return curved_ ? curved_code(channel, v, scale, clipped) : scale.to_code(v, clipped);
  }
  // e_k of the channel.
  double level_error(std::size_t channel, std::int64_t code) const;

 private:
  struct Sizes {
    double offset_v, gain, inl, dnl;
  };
  struct Bow {
    double parabola, cubic;
  };
  ChannelErrors(const Sizes& sizes, unsigned bits, bool from_zero, std::size_t channels,
                std::uint64_t seed, const std::string& stream);
  std::int32_t curved_code(std::size_t channel, double volts, const SignedScale& scale,
                           std::uint64_t& clipped) const;
  double bow(std::size_t channel, double x) const;

  std::vector<double> offset_v_;
  std::vector<double> gain_;                        // 1 + g; empty: none
  std::vector<Bow> bow_;                            // times inl; empty: none
  double step_sigma_ = 0.0;                         // dnl / sqrt 2
  double first_code_ = 0.0, codes_per_unit_ = 1.0;  // x = (code - first) / codes_per_unit - 1
  bool curved_ = false;
  RandomStream steps_;
};

}  // namespace memprop::hw
