// The difference amplifiers in front of the hold capacitors of the nudged phases: neuron i's stores
//     V_held = sat( A (1 + e_i) (V_r - V_0 + o_i + n) )                                      [V]
// instead of V_r, where V_0 is what bank 0 holds of the free phase at that moment, droop included.
// So the converter sees the small difference of the phases A times larger, and what comes behind
// the amplifier (kT/C of these capacitors, noise and resolution of the converter) is A times
// smaller in units of the activity. What comes before it is not: kT/C of bank 0 and the offset o_i
// are the same in both nudged phases and cancel in the difference of the two; the amplifier's own
// noise n, drawn once per sample and phase, does not. sat limits the output to +-saturation V_s; a
// difference that is too large for it, or for the converter behind it, is cut, and counted.
//
// A is a number per layer (ep-circuits 2.1: up to 1 / (b_l .. b_{L-1}) in layer l); a layer with
// gain 0 has no such amplifier.
#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/chip_config.hpp"
#include "solvers/random_stream.hpp"
#include "solvers/span.hpp"

namespace memprop::hw {

// A of layer l = 1..L; 1 where there is no amplifier. Differences of the nudged phases' codes stand
// for that many times smaller differences of activities.
double difference_gain(const ChipConfig& chip, std::size_t l);

class DifferenceAmplifier {
 public:
  // widths: neurons of layers 1..L. Streams chip/difference-amplifier/gain, /offset, /noise.
  DifferenceAmplifier(const ChipConfig& chip, const std::vector<std::size_t>& widths,
                      double voltage_scale_v, std::uint64_t seed);

  std::size_t size() const { return gain_.size(); }
  std::size_t amplifiers() const { return amplifiers_; }
  // In place: from the voltages of the lines to those of the hold capacitors, of the bank's phase
  // of the sample. free_v: what bank 0 holds; droop_v: what has leaked from it since.
  void amplify(Span<double> line_v, Span<const double> free_v, double droop_v, std::uint64_t sample,
               std::size_t bank);

  // Differences that have been cut, of all amplified ones.
  std::uint64_t saturated() const { return saturated_; }
  std::uint64_t amplified() const { return amplified_; }
  void restore(std::uint64_t saturated, std::uint64_t amplified) {
    saturated_ = saturated;
    amplified_ = amplified;
  }

 private:
  std::vector<double> gain_;      // A (1 + e_i); 0: none
  std::vector<double> offset_v_;  // o_i
  std::vector<double> draw_;
  double noise_v_;
  double limit_v_;  // 0: none
  std::size_t amplifiers_ = 0;
  RandomStream noise_;
  std::uint64_t saturated_ = 0, amplified_ = 0;
};

}  // namespace memprop::hw
