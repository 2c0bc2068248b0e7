// Three banks of sample-and-hold capacitors (free, positive, negative phase) behind the activity
// lines of all neurons (ep-circuits 2.5):
//     V_held = V_r + dV_inj + e_inj V_r + n_kTC,   n_kTC = sqrt(k_B T / C_h) xi,
//     V(t) = V_held - (I_leak / C_h) (t - t_hold).
// Bank k tracks while sh_en[k] is high and holds from its falling edge on. With twins (a second
// copy of the neurons) each bank has a switch for the copy that it looks at. Banks 1 and 2 may have
// difference amplifiers before them: V_r is then what those make of it.
#pragma once

#include <functional>
#include <memory>
#include <systemc>
#include <utility>
#include <vector>

#include "hw_models/analog_bridge.hpp"
#include "hw_models/chip_config.hpp"
#include "hw_models/converter/difference_amplifier.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::hw {

inline constexpr std::size_t sample_banks = 3;

class SampleHold : public sc_core::sc_module {
 public:
  sc_core::sc_in<std::uint32_t> sh_en{"sh_en"};

  // `lines` are the domain's line ranges of layers 1..L, of the originals or of their twins.
  SampleHold(sc_core::sc_module_name module_name, AnalogBridge& bridge,
             std::function<std::vector<analog::Range>(bool twin)> lines,
             const SampleHoldConfig& config, double temperature_k, std::uint64_t seed);

  // Before the first sample.
  void set_difference_amplifier(std::unique_ptr<DifferenceAmplifier> amplifier) {
    amplifier_ = std::move(amplifier);
  }
  // Null without.
  DifferenceAmplifier* difference_amplifier() { return amplifier_.get(); }
  const DifferenceAmplifier* difference_amplifier() const { return amplifier_.get(); }
  void begin_sample(std::uint64_t sample) { sample_ = sample; }
  Span<const double> held(std::size_t bank) const { return held_v_[bank]; }  // at t_hold [V]
  // What has leaked from a bank's capacitors when a conversion of that length, begun now, ends [V].
  double droop(std::size_t bank, analog::Ticks conversion) const;
  // The bank looks at the twins from now on, or at the originals.
  void set_twin(std::size_t bank, bool twin) { twin_[bank] = twin; }
  // Called when a bank begins to track: the end of a phase, its sources still on.
  void on_tracking(std::function<void(std::size_t bank)> callback) {
    callback_ = std::move(callback);
  }
  std::size_t width();

 private:
  void on_enable();
  void capture(std::size_t bank);

  AnalogBridge& bridge_;
  std::function<std::vector<analog::Range>(bool twin)> find_lines_;
  std::vector<analog::Range> lines_[2];  // of the originals, of their twins
  double injection_v_, injection_gain_;
  double leakage_v_s_;  // I_leak / C_h
  double thermal_v_;
  RandomStream noise_;
  std::unique_ptr<DifferenceAmplifier> amplifier_;
  std::vector<double> held_v_[sample_banks], draw_;
  std::function<void(std::size_t)> callback_;
  std::uint64_t sample_ = 0;
  std::uint32_t before_ = 0;
  analog::Ticks held_since_[sample_banks] = {0, 0, 0};
  bool twin_[sample_banks] = {false, false, false};
};

}  // namespace memprop::hw
