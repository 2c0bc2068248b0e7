// A layer of analog neurons as a SystemC module: holds, releases and nudges it by pins. Nudging has
// its errors (imperfection 17 of ep-circuits 3.1): G_beta (1 + e) for the positive sign, and
// -G_beta (1 + e)(1 + m) for the negative one.
#pragma once

#include <systemc>

#include "analog/neuron/neuron_bank.hpp"
#include "hw_models/analog_bridge.hpp"
#include "hw_models/chip_config.hpp"

namespace memprop::hw {

class NeuronBankModule : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> row_en{"row_en"};  // low: neurons hold their charge
  sc_core::sc_in<bool> nudge_en{"nudge_en"};
  sc_core::sc_in<bool> nudge_sign{"nudge_sign"};  // high: negative

  // Nudging conductance G_beta = beta_c g_L [S]; zero for hidden layers.
  NeuronBankModule(sc_core::sc_module_name module_name, AnalogBridge& bridge,
                   analog::NeuronBankConfig config, double nudge_conductance_s,
                   const NudgeConfig& nudge)
      : sc_module(module_name),
        bridge_(bridge),
        bank_(std::move(config)),
        positive_s_(nudge_conductance_s * (1.0 + nudge.strength_error)),
        negative_s_(-positive_s_ * (1.0 + nudge.sign_mismatch)) {
    bridge_.domain().add(bank_);
    SC_HAS_PROCESS(NeuronBankModule);
    SC_METHOD(on_control);
    sensitive << row_en << nudge_en << nudge_sign;
    dont_initialize();
  }

  analog::NeuronBank& bank() { return bank_; }
  const analog::NeuronBank& bank() const { return bank_; }
  // Precharges the membrane capacitors to V_ref, and the amplifiers with them.
  void precharge() {
    bridge_.domain().set_nodes(bank_.nodes(), 0.0);
    bridge_.domain().set_nodes(bank_.amplifier_nodes(), 0.0);
  }
  // A bank that stays free ignores the nudging pins (the other one of two twins).
  void set_stays_free(bool stays) { stays_free_ = stays; }

 private:
  void on_control() {
    bridge_.guard([this] {
      const bool held = !row_en.read();
      const bool nudged = nudge_en.read() && !stays_free_;
      const double nudge = nudged ? (nudge_sign.read() ? negative_s_ : positive_s_) : 0.0;
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
  double positive_s_, negative_s_;
  double nudge_now_s_ = 0.0;
  bool stays_free_ = false;
};

}  // namespace memprop::hw
