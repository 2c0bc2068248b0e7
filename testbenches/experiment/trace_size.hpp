// How large the trace of a run will be, before it runs.
//
// Headers and arrays of fixed size are taken from a trace with the same data sets and no rows,
// written to a temporary file and measured; rows are counted. So an estimate cannot miss a data
// set.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "learning/network/network.hpp"
#include "testbenches/experiment/experiment.hpp"

namespace memprop::hw {
class ChipRunner;
}

namespace memprop::bench {

struct TraceSize {
  double bytes = 0;                            // uncompressed, with headers
  std::map<std::string, double> group_bytes;   // by first part of the path, and "headers"
  std::map<std::string, double> rows;          // by path of the series
  std::map<std::string, double> series_bytes;  // the same, uncompressed
};

struct TraceSizeInput {
  std::uint64_t training_samples = 0;  // over all epochs
  double cycles_per_sample = 0;        // clock edges from LOAD to IDLE
  std::vector<std::string> warnings;   // that are known and will be recorded
};

// runner: the chip, null for a software run.
TraceSize estimate_trace(const RunConfig& config, const RunOptions& options,
                         const learning::Network& network, const hw::ChipRunner* runner,
                         const TraceSizeInput& input);

// "1.2 GB: probes 1.1 GB, network 1.7 MB, ..."
std::string size_text(const TraceSize& size);
std::string bytes_text(double bytes);

// What the series will take when the rest compresses as what has been stored so far.
class StoredEstimate {
 public:
  explicit StoredEstimate(TraceSize size) : size_(std::move(size)) {}
  const TraceSize& size() const { return size_; }

  struct Stored {
    std::uint64_t bytes = 0, stored_bytes = 0;  // uncompressed and as stored
  };
  // By path. False, and no result, while a series that matters has hardly stored anything.
  bool estimate(const std::map<std::string, Stored>& stored, double& bytes) const;

 private:
  TraceSize size_;
};

}  // namespace memprop::bench
