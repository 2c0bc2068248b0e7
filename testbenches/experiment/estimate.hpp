// What a run will take, before it is started.
#pragma once

#include <string>
#include <vector>

#include "testbenches/experiment/run_config.hpp"
#include "testbenches/experiment/trace_size.hpp"

namespace memprop::bench {

struct Estimate {
  double wall_s = 0;  // the fidelity asked for, training and testing
  TraceSize trace;
  double cycles_per_sample = 0;  // cycle fidelity
  std::vector<std::string> warnings;
};

// Runs a few samples of the real data and scales up; bytes are counted. Of the options the texts
// are used. Throws UserError when the trace would be above its budget.
Estimate estimate_run(const RunConfig& config, const RunOptions& options);
// The same for bytes known.
void check_budget(const RunConfig& config, const TraceSize& size);

}  // namespace memprop::bench
