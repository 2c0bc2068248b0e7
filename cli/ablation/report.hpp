// What an ablation found, as table, as JSON and in the trace (docs/trace-format.md, /ablation).
#pragma once

#include <string>

#include "cli/ablation/runner.hpp"

namespace memprop::cli {

// Ranked: what costs most first, failures last, the run without any imperfection behind a line.
// `accuracy` is that of the run with all of them.
std::string ablation_table(const AblationOutcome& outcome, double accuracy);
// [{"imperfection": ..., "accuracy": ..., "cost": ...}, ...] in the same order.
std::string ablation_json(const AblationOutcome& outcome, double accuracy);
// Cost of what could not be run is NaN.
void record_ablation(const std::string& trace_path, const AblationOutcome& outcome,
                     double accuracy);

}  // namespace memprop::cli
