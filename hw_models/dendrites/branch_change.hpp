// The weight change that latched codes and bits ask for in a chip of dendritic neurons, before any
// pulse is planned: of every tile (tile_layout.hpp),
//   rate * scale * [ (post bit) pre of one phase - (post bit) pre of the other ],
// or of the differences at the branches with the free codes of the rows (learning.form). Cells that
// are not there ask for nothing. Arguments as of wanted_change().
#pragma once

#include "digital/tile_shape.hpp"
#include "hw_models/chip_config.hpp"
#include "hw_models/controller_seat.hpp"
#include "learning/network/network.hpp"
#include "learning/rule/learning_config.hpp"
#include "solvers/matrix.hpp"

namespace memprop::hw {

std::vector<Matrix> wanted_branch_change(const ChipConfig& chip, const learning::Network& network,
                                         const learning::LearningConfig& learning,
                                         const ControllerSeat& controller,
                                         const digital::BranchGates& gates, Span<const double> x,
                                         double sign, bool with_bias);

}  // namespace memprop::hw
