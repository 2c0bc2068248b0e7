// Weights of a network out of the trace of an earlier run.
#pragma once

#include <string>

#include "learning/network/network.hpp"

namespace memprop::bench {

// Takes network/layer<l>/weight_final (and bias_final, feedback_final). Throws UserError naming
// file, data set, expected and found shape; the network is unchanged then.
void read_run_weights(const std::string& path, learning::Network& network);

}  // namespace memprop::bench
