// The trace of a run: which data sets it has (docs/trace-format.md), and when they are committed.
// The groups that grow have a writer each in trace/.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hw_models/chip_runner.hpp"
#include "learning/network/network.hpp"
#include "testbenches/experiment/experiment.hpp"
#include "testbenches/experiment/trace/compare_trace.hpp"
#include "testbenches/experiment/trace/device_trace.hpp"
#include "testbenches/experiment/trace/event_trace.hpp"
#include "testbenches/experiment/trace/probe_trace.hpp"
#include "testbenches/experiment/trace/training_trace.hpp"
#include "testbenches/experiment/trace_size.hpp"
#include "traces/trace_file.hpp"

namespace memprop::bench {

class RunTrace {
 public:
  // Creates config.output.path, or takes up what is there for a resume. runner: the chip, null for
  // a software run; it must outlive the trace.
  RunTrace(const RunConfig& config, const RunOptions& options, const learning::Network& network,
           const hw::ChipRunner* runner);

  void initial_weights(const learning::Network& network);
  TrainingTrace& training() { return *training_; }
  CompareTrace& compare() { return *compare_; }
  // Of runs with a chip that is no resistive one.
  bool has_chip_groups() const { return events_ != nullptr; }
  ProbeTrace& probes() { return *probes_; }
  DeviceTrace& devices() { return *devices_; }
  EventTrace& events() { return *events_; }
  // Everything that is known at the end.
  void finish(const RunResult& result, const learning::Network& final_network);

  // Records what the trace is expected to become, and, from the first commit with rows of every
  // series that matters on, what will be stored of it; also as a notice.
  void expect(const TraceSize& size);
  std::optional<double> expected_stored_bytes() const { return expected_stored_; }

  // Between two samples: in live mode commits when it is time.
  void tick();
  void flush(bool to_disk = false);
  void close();
  traces::RowCounts row_counts() const { return file_.row_counts(); }
  // Cuts to the rows of a checkpoint. resolved_before: the configuration it was made with.
  void truncate_to(const traces::RowCounts& counts, const std::string& resolved_before);
  // Bytes of a row of every series, by path.
  std::map<std::string, std::size_t> row_bytes() const;

 private:
  void describe(const learning::Network& network);
  void write_final_weights(const learning::Network& network);
  void write_links(const learning::Network& network, const char* when, const char* text);
  void write_figures(const RunResult& result);
  void write_tasks(const RunResult& result);
  void write_chip_figures(const RunResult& result);
  void write_statistics();
  void estimate_stored();

  const RunConfig& config_;
  const RunOptions& options_;
  traces::TraceFile file_;
  std::unique_ptr<TrainingTrace> training_;
  std::unique_ptr<CompareTrace> compare_;
  std::unique_ptr<ProbeTrace> probes_;
  std::unique_ptr<DeviceTrace> devices_;
  std::unique_ptr<EventTrace> events_;
  std::optional<StoredEstimate> expected_;
  std::optional<double> expected_stored_;
  std::chrono::steady_clock::time_point last_flush_;
};

}  // namespace memprop::bench
