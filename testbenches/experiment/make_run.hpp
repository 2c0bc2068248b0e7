// Which run a configuration asks for.
#pragma once

#include <memory>

#include "learning/dataset/dataset.hpp"
#include "testbenches/experiment/experiment.hpp"
#include "testbenches/experiment/fidelity_run.hpp"

namespace memprop::bench {

// Of its fidelity, its style of network, and of tasks where there are some. Throws UserError for
// what such a run does not have. Refers to everything it is given.
std::unique_ptr<FidelityRun> make_run(const RunConfig& config, const RunOptions& options,
                                      const learning::Network& network,
                                      const learning::TrainTest& data);

}  // namespace memprop::bench
