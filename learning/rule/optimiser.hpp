// Optimisers (solvers/math/optimiser.hpp) as part of a learning rule's settings.
#pragma once

#include "solvers/math/optimiser.hpp"

namespace memprop::learning {

using memprop::OptimiserConfig;
using memprop::OptimiserKind;

// Throws UserError naming the key (without file).
void check_optimiser(const OptimiserConfig& config);

}  // namespace memprop::learning
