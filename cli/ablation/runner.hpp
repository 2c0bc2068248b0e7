// Runs the cases of an ablation as processes of this program, several at a time.
//
// What is needed to go on lies in FOLDER (beside the trace): NAME.toml, the run, and, once it has
// ended well, NAME.json, its result as `memprop run --json` prints it; NAME.log is what it said. A
// case whose result is there, for the same configuration, is not run again.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "cli/ablation/plan.hpp"

namespace memprop::cli {

struct AblationResult {
  std::string name, meaning, keys;
  double accuracy = 0;  // NaN if it has none
  double wall_s = 0;
  double test_samples = 0;
  std::string failure;  // "killed by signal 9 (Killed)", with the last line it said; empty: good
};

struct AblationOutcome {
  std::vector<AblationResult> results;  // in the order of the cases
  bool interrupted = false;             // results are those that were finished
  bool complete() const;                // every case has a result
};

struct AblationOptions {
  std::string folder;
  unsigned parallel = 0;  // processes at a time; 0: one per processor
  const std::atomic<bool>* interrupt = nullptr;
  std::function<void(const AblationResult&, std::size_t done, std::size_t total)> on_result;
};

// UserError when the folder cannot be written. A failed case is a result, not an exception.
AblationOutcome run_ablation(const std::vector<AblationCase>& cases,
                             const AblationOptions& options);

// Of a result printed by `memprop run --json`: NaN for null. UserError naming what is not there.
double json_figure(const std::string& json, const std::string& key, const std::string& where);

}  // namespace memprop::cli
