// The adaptation circuits of all neurons as a SystemC module: hold capacitors that track the
// membranes with the first sample-and-hold bank (sh_en[0], the end of the free phase), and the
// conductances that are closed while the sequencer is in ADAPT. The hold capacitors are those of
// chip.sample_hold: kT/C noise, charge injection, leakage.
#pragma once

#include <functional>
#include <memory>
#include <systemc>
#include <utility>
#include <vector>

#include "analog/neuron/adaptation_bank.hpp"
#include "hw_models/analog_bridge.hpp"
#include "hw_models/chip_config.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::hw {

class NeuronAdaptation : public sc_core::sc_module {
 public:
  sc_core::sc_in<std::uint32_t> phase{"phase"};
  sc_core::sc_in<std::uint32_t> sh_en{"sh_en"};

  NeuronAdaptation(sc_core::sc_module_name module_name, AnalogBridge& bridge,
                   const ChipConfig& config, const std::vector<analog::AdaptationBankConfig>& banks,
                   std::uint64_t seed);

  // precharge: the slow variables start at V_ref, as the membranes do.
  void begin_sample(std::uint64_t sample, bool precharge);
  // Called before the window opens: the end of taught phase number 1, 2 of the sample, its sources
  // still on.
  void on_window(std::function<void(std::size_t number)> callback) {
    callback_ = std::move(callback);
  }

  bool open() const { return open_; }
  std::size_t neurons() const { return draw_.size(); }
  const analog::AdaptationBank& bank(std::size_t l) const { return *banks_[l - 1]; }

 private:
  void on_control();
  void capture();

  AnalogBridge& bridge_;
  double injection_v_, injection_gain_, thermal_v_;
  RandomStream noise_;
  std::vector<std::unique_ptr<analog::AdaptationBank>> banks_;
  std::vector<double> draw_, held_;
  std::function<void(std::size_t)> callback_;
  std::uint64_t sample_ = 0;
  std::size_t windows_ = 0;  // opened in this sample
  bool tracking_ = false;
  bool open_ = false;
};

}  // namespace memprop::hw
