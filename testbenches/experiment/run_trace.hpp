// The trace of a run: which data sets it has and what goes into them (docs/trace-format.md).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "learning/network/network.hpp"
#include "testbenches/experiment/experiment.hpp"
#include "testbenches/experiment/gradient_monitor.hpp"
#include "testbenches/experiment/state_monitor.hpp"
#include "testbenches/experiment/waveform_recorder.hpp"
#include "traces/trace_file.hpp"

namespace memprop::bench {

// Whether a probe name matches one of the patterns ("layer*/neurons/v", with * and ?).
bool probe_matches(const std::vector<std::string>& patterns, const std::string& name);

// Every probe a chip of so many layers has. Throws UserError for a pattern of output.probes that
// matches none of them; returns a warning for each sample that is never trained on.
std::vector<std::string> probe_names(std::size_t layers);
std::vector<std::string> check_output(const OutputConfig& output, std::size_t layers,
                                      std::uint64_t training_samples);

class RunTrace {
 public:
  // Creates config.output.path, or takes up what is there for a resume.
  RunTrace(const RunConfig& config, const RunOptions& options, const learning::Network& network);

  void initial_weights(const learning::Network& network);
  void training_block(std::uint64_t samples_done, double accuracy, std::uint64_t cycles,
                      std::uint64_t pulses, double energy_j);
  void update(std::uint64_t sample, const std::vector<LayerAlignment>& row);
  void states(std::uint64_t sample, const Matrix& error);
  void waveforms(std::uint64_t sample, const WaveformRecorder& recorder, hw::ChipRunner& runner);
  void epoch(std::uint64_t epoch, double accuracy, double training_accuracy);
  void devices(const std::string& when, const hw::ChipRunner& runner);
  void finish(const RunResult& result, const learning::Network& final_network);

  void flush(bool to_disk) { file_.flush(to_disk); }
  traces::RowCounts row_counts() const { return file_.row_counts(); }
  void truncate_to(const traces::RowCounts& counts) { file_.truncate_to(counts); }

 private:
  const RunConfig& config_;
  traces::TraceFile file_;
  traces::Series block_, block_accuracy_, block_cycles_, block_pulses_, block_energy_;
  traces::Series update_, epoch_, epoch_accuracy_, epoch_training_;
  std::vector<traces::Series> cosine_wanted_, cosine_applied_, cosine_shuffled_, ratio_wanted_,
      ratio_applied_;
};

// Uncompressed bytes of a run's trace.
double trace_bytes(const RunConfig& config, const learning::Network& network,
                   std::uint64_t training_samples, double cycles_per_sample);

}  // namespace memprop::bench
