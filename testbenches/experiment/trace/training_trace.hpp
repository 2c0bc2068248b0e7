// /training: how learning went, per block of samples, per epoch and per update.
#pragma once

#include <cstdint>
#include <vector>

#include "testbenches/experiment/run_config.hpp"
#include "testbenches/experiment/run_result.hpp"
#include "traces/trace_file.hpp"

namespace memprop::bench {

inline constexpr std::uint64_t samples_per_block = 1000;

struct BlockRow {
  std::uint64_t samples = 0;             // trained at the end of the block
  double accuracy = 0;                   // in the block, before learning
  std::uint64_t cycles = 0, pulses = 0;  // so far
  Energy energy;                         // so far
};

// What one training sample cost and did.
struct UpdateRow {
  std::uint64_t sample = 0;
  double loss = 0;  // of the free phase
  bool right = false;
  std::uint64_t set_pulses = 0, reset_pulses = 0, saturated_pulses = 0, cycles = 0;
};

class TrainingTrace {
 public:
  TrainingTrace(traces::TraceFile& file, const RunConfig& config);

  void block(const BlockRow& row);
  void epoch(std::uint64_t epoch, double test_accuracy, double training_accuracy);
  void update(const UpdateRow& row);

 private:
  traces::Series samples_, accuracy_, cycles_, pulses_, energy_;
  traces::Series energy_part_[5];
  traces::Series epoch_, test_accuracy_, training_accuracy_;
  traces::Series update_, loss_, right_, set_, reset_, saturated_, update_cycles_;
};

}  // namespace memprop::bench
