// What dendritic neurons on a chip need, and what they do not go together with: the first key of a
// description that stands against them. Plain data, so that a check of the description needs no
// chip (and no kernel).
#pragma once

#include <optional>
#include <string>

#include "hw_models/chip_config.hpp"
#include "hw_models/resistive/resistive_limits.hpp"
#include "learning/network/network_config.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::hw {

inline std::optional<Refusal> branch_limit(const ChipConfig& chip,
                                           const learning::NetworkConfig& network,
                                           const learning::LearningConfig& learning) {
  const auto& d = network.dendrites;
  const bool deep = network.layers.size() > 2;
  const char* const with = " with network.dendrites on the chip";
  const auto expect = [&](const char* what, const char* why) {
    return std::string(what) + with + " (" + why + ")";
  };
  const std::string node = expect("a time above 0 s", "a branch is a node with a capacitor");
  const std::string ideal =
      expect("0", "the arrays end at the branches, whose amplifiers are ideal");
  const auto& neuron = chip.neuron;
  struct Limit {
    bool broken;
    const char* key;
    std::string expected, got;
  };
  const Limit limits[] = {
      {deep && network.feedback != learning::FeedbackWeights::separate, "network.feedback",
       expect("\"separate\"", "apical arrays have weights of their own"), "\"tied\""},
      {!network.links.empty(), "network.links",
       expect("no links", "what a neuron receives arrives on branches"), "some"},
      {network.link_block > 0, "network.link_block",
       expect("0", "what a neuron receives arrives on branches"),
       std::to_string(network.link_block)},
      {network.link_probability > 0, "network.link_probability",
       expect("0", "what a neuron receives arrives on branches"), "a probability"},
      {d.basal_tau_s <= 0, "network.dendrites.basal_tau", node, "\"0 s\""},
      {deep && d.apical_tau_s <= 0, "network.dendrites.apical_tau", node, "\"0 s\""},
      {chip.update.circuit == UpdateCircuit::write_verify, "chip.update.circuit",
       expect("another circuit", "it reads every cell of a row, and not every cell is there"),
       "\"write-verify\""},
      {chip.twin.mode != TwinMode::none, "chip.twin.mode",
       expect("\"none\"", "branches have no second copy"), "another"},
      {chip.difference_amplifier.any(), "chip.difference_amplifier.gain",
       expect("0", "branches count the activity, not its difference to the free phase"), "a gain"},
      {learning.form == learning::UpdateForm::predictive, "learning.form",
       expect("\"product\" or \"simplified\"", "the update circuits have no other"),
       "\"predictive\""},
      {neuron.circuit == NeuronCircuit::passive, "chip.neuron.circuit",
       expect("another circuit", "the arrays end at the branches"), "\"passive\""},
      {neuron.amplifier_gain != 0, "chip.neuron.amplifier_gain", ideal, "a gain"},
      {neuron.amplifier_offset_v != 0, "chip.neuron.amplifier_offset", ideal, "an offset"},
  };
  for (const Limit& limit : limits) {
    if (limit.broken) return Refusal{limit.key, limit.expected, limit.got};
  }
  return std::nullopt;
}

}  // namespace memprop::hw
