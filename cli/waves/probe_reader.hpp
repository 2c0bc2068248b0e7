// Recorded waveforms out of a trace, sample by sample.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/trace_reader.hpp"

namespace memprop::cli {

struct WaveProbe {
  std::string name;  // below /probes: "layer1/neurons/v"
  bool real = false;
  unsigned bits = 1;  // of a wire
  std::size_t width = 1;
  bool scalar = true;      // the data set has no second axis
  std::int64_t begin = 0;  // rows before it hold no values
};

struct RecordedRows {
  std::int64_t sample = 0;
  std::size_t first = 0, count = 0;
};

class ProbeReader {
 public:
  // UserError if the trace holds no waveforms.
  explicit ProbeReader(const std::string& path);

  const traces::TraceReader& trace() const { return trace_; }
  const std::vector<RecordedRows>& samples() const { return samples_; }
  // One of them; UserError naming those there are.
  RecordedRows sample(std::int64_t number) const;
  // Those that match one of the patterns, all without any. UserError for a pattern without a match.
  std::vector<WaveProbe> probes(const std::vector<std::string>& patterns) const;

  std::vector<std::int64_t> times_ps(const RecordedRows& rows) const;
  std::vector<double> values(const WaveProbe& probe, const RecordedRows& rows) const;

 private:
  traces::TraceReader trace_;
  std::vector<RecordedRows> samples_;
  std::vector<WaveProbe> probes_;
};

}  // namespace memprop::cli
