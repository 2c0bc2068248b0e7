#include "hw_models/adaptation_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "hw_models/fabrication.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::hw {

ChipConfig with_adaptation(ChipConfig chip, const learning::LearningConfig& learning) {
  AdaptationCircuitConfig& a = chip.adaptation;
  if (a.circuit == AdaptationCircuit::none) return chip;
  const double window_s = chip.clock_s * chip.schedule.adapt;
  a.rate_per_s = -static_cast<double>(learning.adaptation.steps) *
                 std::log1p(-learning.adaptation.c) / window_s;
  using Release = AdaptationCircuitConfig::Release;
  a.release = learning.adaptation.mode == learning::AdaptationMode::pure ? Release::all
              : learning.rule == learning::RuleKind::contrastive_hebbian ? Release::output
                                                                         : Release::none;
  return chip;
}

double teaching_strength(const learning::LearningConfig& learning) {
  return learning.rule == learning::RuleKind::contrastive_hebbian ? learning.clamp : learning.beta;
}

std::vector<analog::AdaptationBankConfig> fabricate_adaptation(const ChipConfig& chip,
                                                               const learning::Network& network,
                                                               std::uint64_t seed) {
  const AdaptationCircuitConfig& a = chip.adaptation;
  std::vector<analog::AdaptationBankConfig> banks;
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    analog::AdaptationBankConfig bank;
    bank.neurons = fmt::format("layer{}/neurons", l);
    const RandomStream stream(seed, fmt::format("chip/layer{}/adaptation", l));
    for (std::size_t i = 0; i < network.width(l); ++i) {
      const double nominal = a.conductance_s > 0.0
                                 ? a.conductance_s
                                 : a.rate_per_s * network.tau_s[l - 1][i] * chip.neuron.leak_s;
      const double factor = a.conductance_mismatch == 0.0
                                ? 1.0
                                : std::max(0.1, 1.0 + a.conductance_mismatch * stream.normal(i));
      bank.conductance_s.push_back(nominal * factor);
    }
    bank.offset_v = fabricate_offsets(network.width(l), a.offset_v, seed,
                                      fmt::format("chip/layer{}/adaptation-offset", l));
    if (a.circuit == AdaptationCircuit::slow_variable) {
      bank.slow_time_constant_s = a.time_constant_s;
      bank.slow_capacitance_f = chip.sample_hold.capacitance_f;
    } else {
      bank.droop_v_per_s = chip.sample_hold.leakage_a / chip.sample_hold.capacitance_f;
    }
    banks.push_back(std::move(bank));
  }
  return banks;
}

}  // namespace memprop::hw
