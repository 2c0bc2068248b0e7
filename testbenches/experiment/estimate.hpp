// What a run will take, before it is started.
#pragma once

#include "testbenches/experiment/run_config.hpp"

namespace memprop::bench {

struct Estimate {
  double wall_s = 0;             // the fidelity asked for, training and testing
  double trace_bytes = 0;        // uncompressed
  double cycles_per_sample = 0;  // cycle fidelity
};

// Runs a few samples of the real data and scales up; bytes are counted.
Estimate estimate_run(const RunConfig& config);

}  // namespace memprop::bench
