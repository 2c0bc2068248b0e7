// Three banks of sample-and-hold capacitors (free, positive, negative phase) behind the activity
// lines of all neurons (ep-circuits 2.5):
//     V_held = V_r + dV_inj + n_kTC,   n_kTC = sqrt(k_B T / C_h) xi.
// Bank k tracks while sh_en[k] is high and holds from its falling edge on.
#pragma once

#include <functional>
#include <systemc>
#include <vector>

#include "hw_models/analog_bridge.hpp"
#include "hw_models/chip_config.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::hw {

inline constexpr std::size_t sample_banks = 3;

class SampleHold : public sc_core::sc_module {
 public:
  sc_core::sc_in<std::uint32_t> sh_en{"sh_en"};

  // `lines` are the domain's line ranges of layers 1..L.
  SampleHold(sc_core::sc_module_name module_name, AnalogBridge& bridge,
             std::function<std::vector<analog::Range>()> lines, const SampleHoldConfig& config,
             double temperature_k, std::uint64_t seed);

  void begin_sample(std::uint64_t sample) { sample_ = sample; }
  Span<const double> held(std::size_t bank) const { return held_v_[bank]; }  // [V]
  // Called when a bank begins to track: the end of a phase, its sources still on.
  void on_tracking(std::function<void(std::size_t bank)> callback) { callback_ = callback; }
  std::size_t width();

 private:
  void on_enable();
  void capture(std::size_t bank);

  AnalogBridge& bridge_;
  std::function<std::vector<analog::Range>()> find_lines_;
  std::vector<analog::Range> lines_;
  double injection_v_;
  double thermal_v_;
  RandomStream noise_;
  std::vector<double> held_v_[sample_banks], draw_;
  std::function<void(std::size_t)> callback_;
  std::uint64_t sample_ = 0;
  std::uint32_t before_ = 0;
};

}  // namespace memprop::hw
