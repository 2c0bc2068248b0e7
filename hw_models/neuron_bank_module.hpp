// A layer of analog neurons as a SystemC module: holds, releases and nudges it by pins.
#pragma once

#include <systemc>

#include "analog/neuron/neuron_bank.hpp"
#include "hw_models/analog_bridge.hpp"

namespace memprop::hw {

class NeuronBankModule : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> row_en{"row_en"};  // low: neurons hold their charge
  sc_core::sc_in<bool> nudge_en{"nudge_en"};
  sc_core::sc_in<bool> nudge_sign{"nudge_sign"};  // high: negative

  // Nudging conductance G_beta = beta_c g_L [S]; zero for hidden layers.
  NeuronBankModule(sc_core::sc_module_name module_name, AnalogBridge& bridge,
                   analog::NeuronBankConfig config, double nudge_conductance_s)
      : sc_module(module_name),
        bridge_(bridge),
        bank_(std::move(config)),
        nudge_conductance_s_(nudge_conductance_s) {
    bridge_.domain().add(bank_);
    SC_HAS_PROCESS(NeuronBankModule);
    SC_METHOD(on_control);
    sensitive << row_en << nudge_en << nudge_sign;
    dont_initialize();
  }

  analog::NeuronBank& bank() { return bank_; }
  const analog::NeuronBank& bank() const { return bank_; }
  // Precharges the membrane capacitors to V_ref.
  void precharge() { bridge_.domain().set_nodes(bank_.nodes(), 0.0); }

 private:
  void on_control() {
    bridge_.guard([this] {
      const bool held = !row_en.read();
      const double nudge = nudge_en.read()
                               ? (nudge_sign.read() ? -nudge_conductance_s_ : nudge_conductance_s_)
                               : 0.0;
      if (held == bank_.held() && nudge == nudge_now_s_) return;
      bridge_.advance();
      bank_.set_held(held);
      bank_.set_nudge(nudge);
      nudge_now_s_ = nudge;
      bridge_.domain().source_changed();
    });
  }

  AnalogBridge& bridge_;
  analog::NeuronBank bank_;
  double nudge_conductance_s_;
  double nudge_now_s_ = 0.0;
};

}  // namespace memprop::hw
