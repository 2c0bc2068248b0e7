#include "hw_models/neuron_adaptation.hpp"

#include <cmath>

#include "digital/phase_table.hpp"

namespace memprop::hw {

NeuronAdaptation::NeuronAdaptation(sc_core::sc_module_name module_name, AnalogBridge& bridge,
                                   const ChipConfig& config,
                                   const std::vector<analog::AdaptationBankConfig>& banks,
                                   std::uint64_t seed)
    : sc_module(module_name),
      bridge_(bridge),
      injection_v_(config.sample_hold.injection_v),
      injection_gain_(config.sample_hold.injection_gain),
      thermal_v_(config.sample_hold.thermal_noise ? std::sqrt(1.380649e-23 * config.temperature_k /
                                                              config.sample_hold.capacitance_f)
                                                  : 0.0),
      noise_(seed, "chip/adaptation/ktc") {
  using Release = AdaptationCircuitConfig::Release;
  std::size_t neurons = 0;
  for (std::size_t k = 0; k < banks.size(); ++k) {
    banks_.push_back(std::make_unique<analog::AdaptationBank>(banks[k]));
    const Release release = config.adaptation.release;
    banks_.back()->set_released(release == Release::all ||
                                (release == Release::output && k + 1 == banks.size()));
    neurons += banks_.back()->size();
    bridge_.domain().add(*banks_.back());
  }
  draw_.assign(neurons, 0.0);
  held_.assign(neurons, 0.0);
  SC_HAS_PROCESS(NeuronAdaptation);
  SC_METHOD(on_control);
  sensitive << phase << sh_en;
  dont_initialize();
}

void NeuronAdaptation::begin_sample(std::uint64_t sample, bool precharge) {
  sample_ = sample;
  windows_ = 0;
  if (!precharge) return;
  for (auto& bank : banks_) {
    if (bank->slow()) bridge_.domain().set_nodes(bank->slow_nodes(), 0.0);
  }
}

void NeuronAdaptation::on_control() {
  bridge_.guard([this] {
    const bool tracks = (sh_en.read() & 1U) != 0;
    const bool opens = static_cast<digital::Phase>(phase.read()) == digital::Phase::adapt;
    if (tracking_ && !tracks && !banks_.front()->slow()) capture();
    tracking_ = tracks;
    if (opens == open_) return;
    bridge_.advance();
    if (opens) {
      ++windows_;
      if (callback_) callback_(windows_);
    }
    open_ = opens;
    for (auto& bank : banks_) bank->set_open(opens);
    bridge_.domain().source_changed();
  });
}

void NeuronAdaptation::capture() {
  bridge_.advance();
  const auto node = bridge_.domain().node_voltages();
  if (thermal_v_ > 0.0) noise_.normals(0, sample_, draw_);
  const double now_s = static_cast<double>(bridge_.now()) * analog::seconds_per_tick;
  std::size_t k = 0;
  for (auto& bank : banks_) {
    const std::size_t first = k;
    for (std::size_t i = 0; i < bank->size(); ++i, ++k) {
      const double v = node[bank->membranes().first + i];
      held_[k] = v + injection_v_ + injection_gain_ * v + thermal_v_ * draw_[k];
    }
    bank->set_held({held_.data() + first, bank->size()}, now_s);
  }
}

}  // namespace memprop::hw
