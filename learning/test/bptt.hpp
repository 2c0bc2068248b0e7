// Back-propagation through the last free steps of the prototypical network (dt = 1, tied feedback,
// squared error): what EP's update after k nudged steps equals (Ernoult et al., arXiv:1905.13633).
#pragma once

#include <vector>

#include "learning/network/network.hpp"

namespace memprop::learning::test {

// result[k-1][l]: the gradient of the mean loss after `steps` free steps from v = 0 with respect to
// W_l as it is used in the last k of them, k = 1..most.
std::vector<std::vector<Matrix>> bptt_gradients(const Network& network, const Matrix& inputs,
                                                const Matrix& targets, std::size_t steps,
                                                std::size_t most);

}  // namespace memprop::learning::test
