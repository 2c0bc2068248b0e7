// What a chip asks of contrastive Hebbian learning and of neuronal adaptation: the first key of a
// description that does not fit. Plain data, so that a check of the description needs no chip.
#pragma once

#include <optional>
#include <sstream>
#include <string>

#include "hw_models/chip_config.hpp"
#include "hw_models/resistive/resistive_limits.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::hw {

inline std::optional<Refusal> adaptation_limit(const ChipConfig& chip,
                                               const learning::LearningConfig& learning) {
  const auto number = [](double value) {
    std::ostringstream text;
    text << value;
    return text.str();
  };
  const bool hebbian = learning.rule == learning::RuleKind::contrastive_hebbian;
  const AdaptationCircuitConfig& a = chip.adaptation;
  const learning::AdaptationConfig& rule = learning.adaptation;
  const bool on = a.circuit != AdaptationCircuit::none;
  const std::string with_hebbian = " on the chip with learning.rule = \"contrastive-hebbian\"";
  struct Limit {
    bool broken;
    const char* key;
    std::string expected, got;
  };
  const Limit limits[] = {
      {hebbian && !(learning.clamp > 0), "learning.clamp",
       "a strength above 0" + with_hebbian + " (a clamp is a conductance)", number(learning.clamp)},
      {hebbian && learning.teacher_delay > 0, "learning.teacher_delay",
       "0" + with_hebbian + " (its clamp is there for the whole phase)",
       std::to_string(learning.teacher_delay)},
      {hebbian && learning.clamped_start != learning::ClampedStart::free, "learning.clamped_start",
       "\"free\"" + with_hebbian + " (membranes are precharged before a sample only)", "\"zero\""},
      {hebbian && chip.twin.mode != TwinMode::none, "chip.twin.mode", "\"none\"" + with_hebbian,
       "twins"},
      {hebbian && chip.difference_amplifier.any(), "chip.difference_amplifier.gain",
       "0" + with_hebbian + " (only two amplified differences can be compared)", "amplifiers"},
      {!on && rule.steps > 0, "learning.adaptation.steps",
       "0 on a chip whose neurons have no conductance to their free voltage "
       "(chip.adaptation.circuit = \"none\")",
       std::to_string(rule.steps)},
      {on && rule.steps == 0, "chip.adaptation.circuit",
       "\"none\" where the rule does not adapt (learning.adaptation.steps = 0)",
       a.circuit == AdaptationCircuit::track_hold ? "\"track-hold\"" : "\"slow-variable\""},
      {on && rule.c >= 1.0, "learning.adaptation.c",
       "less than 1 on the chip (1 is an infinite conductance)", number(rule.c)},
      {on && rule.c <= 0.0 && a.conductance_s <= 0.0, "chip.adaptation.conductance",
       "a conductance above 0 S with learning.adaptation.c = 0 (from which none follows)", "0 S"},
      {on && chip.schedule.adapt <= chip.schedule.sample, "chip.schedule.adapt",
       "more cycles than the " + std::to_string(chip.schedule.sample) +
           " of chip.schedule.sample, which end the window",
       std::to_string(chip.schedule.adapt)},
      {on && chip.twin.mode != TwinMode::none, "chip.twin.mode",
       "\"none\" with chip.adaptation.circuit (the nudged copy of a neuron has no free state of "
       "its own)",
       "twins"},
  };
  for (const Limit& limit : limits) {
    if (limit.broken) return Refusal{limit.key, limit.expected, limit.got};
  }
  return std::nullopt;
}

}  // namespace memprop::hw
