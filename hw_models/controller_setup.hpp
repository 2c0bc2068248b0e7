// The host's preparation of a controller: schedule, rates and steps of a run as table and
// registers.
#pragma once

#include <cstdint>
#include <vector>

#include "digital/controller.hpp"
#include "hw_models/chip_config.hpp"
#include "learning/network/network.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::hw {

// Length of a conversion row: conversions of all groups of neurons, averages and cycles of one.
// Throws UserError if the cycles of one are too few for several.
std::uint32_t conversion_cycles(const ChipConfig& chip, const learning::Network& network);

// One code of a converter in units of activity.
double input_lsb(const ChipConfig& chip);
double activity_lsb(const ChipConfig& chip);
// What a code more in the difference of two nudged phases stands for in layer l = 1..L: less, where
// differences are amplified.
double difference_lsb(const ChipConfig& chip, std::size_t l);

// weight_step: nominal weight change of one pulse, of all tiles.
digital::ControllerConfig controller_config(const ChipConfig& chip,
                                            const learning::Network& network,
                                            const learning::LearningConfig& learning,
                                            const std::vector<double>& weight_step,
                                            std::uint64_t seed);

class ControllerSeat;

// The weight change that latched codes ask for (tiles, with a last column for the biases if asked
// for; of dendritic neurons in dendrites/branch_change.hpp):
// rate_l * difference_scale_l * [difference of code products], before any pulse is planned.
// `sign` is that of the nudged phase where only one is used. `x` are the inputs in units of V_s.
std::vector<Matrix> wanted_change(const ChipConfig& chip, const learning::Network& network,
                                  const learning::LearningConfig& learning,
                                  const ControllerSeat& controller, Span<const double> x,
                                  double sign, bool with_bias);

}  // namespace memprop::hw
