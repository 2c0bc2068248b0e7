// The activities of a network run without any feedback: what back-propagation sees.
#pragma once

#include <vector>

#include "learning/network/network.hpp"
#include "solvers/span.hpp"

namespace memprop::learning {

// Of layers 0..L; that of a softmax read-out are its logits.
std::vector<std::vector<double>> feedforward_activities(const Network& network,
                                                        Span<const double> x);

}  // namespace memprop::learning
