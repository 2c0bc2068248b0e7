// `memprop run --ablate`: the ablation behind a run, or behind one that had ended before.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "cli/ablation/runner.hpp"
#include "testbenches/experiment/run_config.hpp"

namespace memprop::cli {

// The figures of a finished run, out of its trace.
struct FinishedRun {
  double accuracy = 0, ideal_accuracy = 0, backprop_accuracy = 0;
};

// Of the trace at config.output.path, if it is one of a finished run with the same configuration in
// all that matters. Empty if there is no such trace, and the run has to be made.
std::optional<FinishedRun> finished_run(const bench::RunConfig& config);

struct AblationRequest {
  std::string trace_path;
  double accuracy = 0;  // of the run
  unsigned threads = 0;
  bool quiet = false;
  const std::atomic<bool>* interrupt = nullptr;
};

// Runs the cases, records them in the trace and, when all have a result, removes what they left
// beside it.
AblationOutcome ablate(const std::vector<AblationCase>& cases, const AblationRequest& request);

}  // namespace memprop::cli
