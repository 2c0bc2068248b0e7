#include "testbenches/experiment/ablation_neurons.hpp"

#include <fmt/format.h>

#include "hw_models/fabrication.hpp"
#include "testbenches/experiment/ablation_entry.hpp"

namespace memprop::bench {
namespace {

void add_adaptation(std::vector<Imperfection>& all) {
  const auto adapts = [](const RunConfig& c) {
    return c.chip.adaptation.circuit != hw::AdaptationCircuit::none;
  };
  const std::string a = "chip.adaptation.";
  all.push_back(fixed("adaptation-mismatch", "conductances of adaptation differ", adapts,
                      {{a + "conductance_mismatch", "0.0"}}));
  all.push_back(fixed("adaptation-offset", "offsets of the buffers that neurons adapt to", adapts,
                      {{a + "offset", "0 V"}}));
  all.push_back(fixed("adaptation-creep", "what neurons adapt to follows them",
                      [](const RunConfig& c) {
                        return c.chip.adaptation.circuit == hw::AdaptationCircuit::slow_variable;
                      },
                      {{a + "circuit", "track-hold"}}, {a + "time_constant"}));
}

void add_neurons(std::vector<Imperfection>& all) {
  const std::string t = "network.time_constant.", n = "chip.neuron.";
  all.push_back(fixed("time-constants", "time constants differ from neuron to neuron", always,
                      {{t + "family", "equal"}, {t + "cv", "0.0"}},
                      {t + "clip", t + "quantity", t + "source", t + "keep_mean", t + "resample"}));
  all.push_back(fixed("capacitor-mismatch", "capacitors differ from neuron to neuron", always,
                      {{n + "capacitor_mismatch", "0.0"}}));
  all.push_back(fixed("leak-mismatch", "leak conductances differ from neuron to neuron", always,
                      {{n + "leak_mismatch", "0.0"}}));
  all.push_back(fixed("gain-mismatch", "gains of the activity lines differ", always,
                      {{n + "gain_mismatch", "0.0"}}));
  all.push_back(
      fixed("neuron-offset", "offsets of the activity lines", always, {{n + "offset", "0 V"}}));
  all.push_back(fixed("amplifier-gain", "summing amplifiers of finite gain load the lines", always,
                      {{n + "amplifier_gain", "0.0"}}, {n + "amplifier_resistance"}));
  all.push_back(fixed("amplifier-offset", "offsets of the summing amplifiers", always,
                      {{n + "amplifier_offset", "0 V"}}));
  all.push_back(fixed("amplifier-bandwidth", "summing amplifiers that lag, or slew", always,
                      {{n + "amplifier_time_constant", "0 s"}, {n + "slew_rate", "0 V/s"}}));
  all.push_back(
      fixed("clamp", "diodes clamp softly",
            [](const RunConfig& c) { return c.chip.neuron.circuit == hw::NeuronCircuit::clamp; },
            {{n + "circuit", "virtual-ground"}},
            {n + "clamp_current", n + "clamp_high", n + "clamp_low"}));
  all.push_back(
      fixed("line-load", "without amplifiers the lines load the neurons",
            [](const RunConfig& c) { return c.chip.neuron.circuit == hw::NeuronCircuit::passive; },
            {{n + "circuit", "virtual-ground"}}));
  all.push_back(fixed("temperature", "neurons warmer or colder than designed for", always,
                      {{"chip.temperature_shift", "0 K"}}, {n + "leak_temperature_coefficient"}));
  const auto twins = [](const RunConfig& c) { return c.chip.twin.mode != hw::TwinMode::none; };
  all.push_back(fixed("twin-mismatch", "the two copies of a neuron differ", twins,
                      {{"chip.twin.gain_mismatch", "0.0"}, {"chip.twin.offset", "0 V"}}));
  all.push_back({"ota",
                 "the leak of an OTA saturates",
                 {n + "circuit", n + "slope_factor"},
                 [](const RunConfig& c) { return c.chip.neuron.circuit == hw::NeuronCircuit::ota; },
                 // At the OTA's own voltage scale, 2 n U_T: all else stays in proportion.
                 [n](const RunConfig& c) {
                   return Settings{
                       {n + "circuit", "virtual-ground"},
                       {"chip.voltage_scale", fmt::format("{} V", hw::voltage_scale(c.chip))}};
                 }});
  all.push_back(fixed("no-reset", "neurons begin a sample where the last one left them", always,
                      {{n + "reset", "true"}}));
}

void add_branches(std::vector<Imperfection>& all) {
  const auto branches = [](const RunConfig& c) { return c.network.dendrites.on(); };
  const std::string b = "chip.branch.";
  all.push_back(fixed("branch-rectifier", "branches rectify softly", branches,
                      {{b + "rectifier", "ideal"}}, {b + "knee"}));
  all.push_back(fixed("branch-offset", "offsets of the branches' rectifiers", branches,
                      {{b + "offset", "0 V"}}));
  all.push_back(fixed("branch-comparator", "offsets of the comparators that let branches learn",
                      branches, {{b + "comparator_offset", "0 V"}}));
  all.push_back(fixed("branch-mismatch",
                      "capacitors, leaks and couplings differ from branch to branch", branches,
                      {{b + "capacitor_mismatch", "0.0"},
                       {b + "leak_mismatch", "0.0"},
                       {b + "coupling_mismatch", "0.0"}}));
  all.push_back(fixed("masked-cells", "devices that were never formed leak", branches,
                      {{b + "masked_cells", "absent"}}, {b + "off_conductance", b + "off_spread"}));
}

}  // namespace

void add_neuron_imperfections(std::vector<Imperfection>& all) {
  add_adaptation(all);
  add_neurons(all);
  add_branches(all);
}

}  // namespace memprop::bench
