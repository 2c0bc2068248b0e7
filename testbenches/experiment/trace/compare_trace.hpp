// /compare: the chip against exact gradients and the ideal network while it trains.
#pragma once

#include <cstdint>
#include <vector>

#include "solvers/matrix.hpp"
#include "testbenches/experiment/run_config.hpp"
#include "testbenches/experiment/run_result.hpp"
#include "traces/trace_file.hpp"

namespace memprop::bench {

class CompareTrace {
 public:
  CompareTrace(traces::TraceFile& file, const RunConfig& config);

  void gradient(std::uint64_t sample, const std::vector<LayerAlignment>& row);
  // error: clock cycles x layers; begin_ps: the edge that entered LOAD, since training began.
  void states(std::uint64_t sample, std::uint64_t begin_ps, std::uint64_t clock_ps,
              const Matrix& error);

 private:
  traces::Series sample_;
  struct Layer {
    traces::Series cosine_wanted, cosine_applied, cosine_shuffled, ratio_wanted, ratio_applied;
  };
  std::vector<Layer> layers_;
  traces::Series time_, state_sample_, state_cycle_, state_error_;
};

}  // namespace memprop::bench
