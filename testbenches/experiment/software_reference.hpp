// The software reference that a run of fidelity `ideal` or `ode` trains, and its place in
// checkpoints.
#pragma once

#include <memory>

#include "learning/network/network.hpp"
#include "learning/reference/reference.hpp"
#include "testbenches/experiment/run_config.hpp"
#include "traces/checkpoint.hpp"

namespace memprop::bench {

std::unique_ptr<learning::Reference> make_software_reference(const RunConfig& config,
                                                             const learning::Network& network);

// All parameters of a network, one after the other.
void put_network(traces::Checkpoint& checkpoint, const learning::Network& network);
// Into a network of the same description.
void take_network(const traces::Checkpoint& checkpoint, learning::Network& network);

}  // namespace memprop::bench
