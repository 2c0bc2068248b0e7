// The host's preparation of a sleep: thresholds, changes and probabilities of a run as registers of
// digital::SleepSequencer.
#pragma once

#include <cstdint>
#include <vector>

#include "digital/sleep_sequencer.hpp"
#include "hw_models/chip_config.hpp"
#include "learning/continual/sleep_config.hpp"
#include "learning/network/network.hpp"

namespace memprop::hw {

// The change of a weight of layer l = 1..L by an event that raises it: increase times the scale of
// the layer and the gate.
double raise_of_event(const learning::SleepConfig& sleep, std::size_t l);

// minus_step: nominal change of a weight of every tile by one pulse on G-.
digital::SleepSequencerConfig sleep_registers(const ChipConfig& chip,
                                              const learning::Network& network,
                                              const learning::SleepConfig& sleep,
                                              const std::vector<double>& minus_step,
                                              std::uint64_t seed);

}  // namespace memprop::hw
