// /devices: the conductances of all cells, now and then.
#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/chip_runner.hpp"
#include "traces/trace_file.hpp"

namespace memprop::bench {

// A snapshot is read as a whole, and written once.
inline constexpr std::size_t snapshots_per_chunk = 1;

class DeviceTrace {
 public:
  DeviceTrace(traces::TraceFile& file, const hw::ChipRunner& runner);

  // samples_done: training samples so far.
  void snapshot(std::uint64_t samples_done);

 private:
  struct Tile {
    traces::Series plus, minus, at_bound, pulses;
  };
  const hw::ChipRunner& runner_;
  traces::Series sample_;
  std::vector<Tile> tiles_;
};

}  // namespace memprop::bench
