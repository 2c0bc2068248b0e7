// Checks a network description and completes it: one activation and one gain per layer.
#pragma once

#include "learning/network/network_config.hpp"

namespace memprop::learning {

// Returns config with activation of L and feedback_gain of L-1 entries. With the softmax readout
// the last weight layer lies outside the loop: activation may name the hidden layers only and the
// gains those of layers 1..L-2; the readout is stored as linear with gain 1.
// Throws UserError naming the key (without file).
NetworkConfig completed(const NetworkConfig& config);

// Layers whose state is part of the recurrent net: L, or L-1 with the softmax readout.
std::size_t recurrent_layers(const NetworkConfig& config);

}  // namespace memprop::learning
