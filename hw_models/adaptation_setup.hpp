// Neuronal adaptation of a chip as its rule wants it: conductances, released membranes, schedule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analog/neuron/adaptation_bank.hpp"
#include "hw_models/chip_config.hpp"
#include "learning/network/network.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::hw {

// The description with what follows from the rule in chip.adaptation. In the window
//   s = exp(-g_a T / C) = (1 - c)^N,
// whatever its length T; equilibrium propagation goes on driving all neurons, contrastive Hebbian
// learning lets the output go, pure adaptation all of them.
ChipConfig with_adaptation(ChipConfig chip, const learning::LearningConfig& learning);

// Conductance towards the target in the taught phases, in units of the leak: the nudge beta_c, or
// the clamp of contrastive Hebbian learning.
double teaching_strength(const learning::LearningConfig& learning);

// The adaptation circuits of layers 1..L, as fabricated.
std::vector<analog::AdaptationBankConfig> fabricate_adaptation(const ChipConfig& chip,
                                                               const learning::Network& network,
                                                               std::uint64_t seed);

}  // namespace memprop::hw
