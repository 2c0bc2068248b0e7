// The host's preparation of a resistive chip: units, the controller's table and registers, and what
// this chip refuses.
#pragma once

#include <cstdint>
#include <vector>

#include "digital/controller.hpp"
#include "hw_models/chip_config.hpp"
#include "learning/network/network.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::hw {

class ControllerSeat;

// Siemens per unit of conductance: g_max / weight_range.
double conductance_unit_s(const ChipConfig& chip);

// Throws UserError naming the key (without file) for what a resistive chip does not have.
void check_resistive_chip(const ChipConfig& chip, const learning::NetworkConfig& network);

// conductance_step: nominal change by one pulse, in units of conductance. Update circuit U6:
// "pulse-count" gives U1's counts of the difference of squared drops, "sign-sign" its sign,
// "ideal-write" none.
digital::ControllerConfig resistive_controller_config(const ChipConfig& chip,
                                                      const learning::Network& network,
                                                      const learning::LearningConfig& learning,
                                                      double conductance_step, std::uint64_t seed);

// The change of conductances that latched codes ask for (layers 1..L, in units of conductance),
// before any pulse is planned. x: the inputs as coded, without the gain; sign: of the nudged phase
// where only one is used.
std::vector<Matrix> wanted_conductance_change(const ChipConfig& chip,
                                              const learning::Network& network,
                                              const learning::LearningConfig& learning,
                                              const ControllerSeat& controller,
                                              Span<const double> x, double sign);

}  // namespace memprop::hw
