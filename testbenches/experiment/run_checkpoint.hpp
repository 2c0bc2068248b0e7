// What the checkpoints of all fidelities have in common: the configuration and the rows of the
// trace that belong to them.
#pragma once

#include "testbenches/experiment/experiment.hpp"
#include "testbenches/experiment/run_trace.hpp"
#include "traces/checkpoint.hpp"

namespace memprop::bench {

// Flushes the trace, adds configuration and row counts, and saves beside it.
void save_run_checkpoint(traces::Checkpoint& checkpoint, const RunConfig& config,
                         const RunOptions& options, RunTrace* trace);
// Loads it, and cuts the trace to the rows that belong to it.
traces::Checkpoint load_run_checkpoint(const RunConfig& config, RunTrace* trace);
// Removes the checkpoints beside a trace: they belong to what was there before.
void remove_run_checkpoints(const RunConfig& config);
// Throws UserError naming what differs when the present configuration is not the checkpoint's.
void check_resume(const RunConfig& config, const RunOptions& options);

}  // namespace memprop::bench
