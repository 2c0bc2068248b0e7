// Runs one description at its fidelity, with references, monitor, trace and checkpoints.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "testbenches/experiment/run_config.hpp"
#include "testbenches/experiment/run_result.hpp"

namespace memprop::bench {

struct Progress {
  const char* stage = "";             // "training", "testing", "references"
  std::uint64_t done = 0, total = 0;  // samples
  double accuracy = 0;                // so far, NaN if not known
};

struct RunOptions {
  std::string config_text;  // for the trace
  std::string resolved_text;
  bool resume = false;
  // Says how the resolved text of a checkpoint differs from the present one in what affects
  // results; empty if it does not.
  std::function<std::string(const std::string& before)> differences;
  std::string version;
  // Takes lines for the user: what the trace will take. May be empty.
  std::function<void(const std::string&)> notice;
  // Called about ten times a second at most; may be empty.
  std::function<void(const Progress&)> progress;
  // Set by a signal handler: the run saves a checkpoint and returns with `interrupted`.
  const std::atomic<bool>* interrupt = nullptr;
  std::uint64_t stop_after = 0;  // tests: behave as interrupted after so many samples
};

// Throws UserError (bad combination of values, bad data), NonFiniteState naming sample, phase,
// time and neuron.
RunResult run_experiment(const RunConfig& config, const RunOptions& options);

}  // namespace memprop::bench
