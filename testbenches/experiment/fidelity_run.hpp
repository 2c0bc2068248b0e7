// What every fidelity offers to the experiment that runs it.
#pragma once

#include "learning/network/network.hpp"
#include "testbenches/experiment/run_result.hpp"
#include "testbenches/experiment/run_trace.hpp"

namespace memprop::bench {

class FidelityRun {
 public:
  virtual ~FidelityRun() = default;
  // Where rows are written; null for none.
  void attach(RunTrace* trace) { trace_ = trace; }
  // Trains and tests. Returns false when it was interrupted, after saving a checkpoint.
  virtual bool run(RunResult& result) = 0;
  // The weights at the end.
  virtual learning::Network network() const = 0;

 protected:
  RunTrace* trace_ = nullptr;
};

}  // namespace memprop::bench
