// Which training samples have their probes recorded, and at which clock cycles of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "testbenches/experiment/run_config.hpp"

namespace memprop::bench {

class SampleSelection {
 public:
  explicit SampleSelection(const OutputConfig& output);

  // sample: number of the training sample in the order of training, from 0.
  bool records(std::uint64_t sample) const;
  // Of a run with so many training samples.
  std::uint64_t count(std::uint64_t training_samples) const;

  // The rows of a sample that ends (returns to IDLE) at clock edge `last_cycle`: the points that
  // are recorded, counted in steps of clock / points_per_cycle from the edge that enters LOAD.
  std::vector<std::uint64_t> points(std::uint64_t last_cycle) const;
  // points(last_cycle).size() for a sample of mean length.
  double mean_rows(double last_cycle) const;

 private:
  std::vector<std::uint64_t> listed_;  // sorted
  std::uint64_t every_, first_, last_;
  std::uint64_t begin_cycle_, end_cycle_, stride_, points_per_cycle_;
};

// A warning for each sample of output.samples that is never trained on, and where none is recorded.
// Of a window that begins behind the last cycle of the samples.
std::vector<std::string> window_warnings(const OutputConfig& output, double cycles_per_sample);

std::vector<std::string> selection_warnings(const OutputConfig& output,
                                            std::uint64_t training_samples);

}  // namespace memprop::bench
