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
  // Where the run stands, beside the trace; run() resumes from there.
  virtual void save_checkpoint() = 0;
  // Rows that belong to the end of the run.
  virtual void write_end() {}
  // The chip, null where there is none.
  virtual const hw::ChipRunner* chip() const { return nullptr; }
  // Clock edges from LOAD to IDLE of a training sample, found by running the first ones (which
  // leaves the chip as it was); 0 without a chip.
  virtual double trial_cycles() { return 0.0; }

 protected:
  RunTrace* trace_ = nullptr;
};

}  // namespace memprop::bench
