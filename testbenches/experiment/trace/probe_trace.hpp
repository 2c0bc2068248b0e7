// /probes: waveforms of the recorded samples, one after another along one time axis.
#pragma once

#include <cstdint>
#include <vector>

#include "testbenches/experiment/pin_recorder.hpp"
#include "testbenches/experiment/probe_catalogue.hpp"
#include "testbenches/experiment/sample_selection.hpp"
#include "testbenches/experiment/waveform_recorder.hpp"
#include "traces/trace_file.hpp"

namespace memprop::bench {

// One sample that has run with its recorders attached.
struct RecordedSample {
  std::uint64_t sample = 0;    // number in the order of training
  std::uint64_t begin_ps = 0;  // of the edge that entered LOAD, since training began
  const WaveformRecorder* waves = nullptr;
  const PinRecorder* pins = nullptr;  // null where no pin is wanted
  const Matrix* reference = nullptr;  // ideal states, points x neurons; null where not wanted
  Span<const float> target;
};

class ProbeTrace {
 public:
  // Without probes or samples in the configuration nothing is declared.
  ProbeTrace(traces::TraceFile& file, const RunConfig& config, const hw::ChipRunner& runner);

  void append(const RecordedSample& recorded);

  // Makes all series as long as the time axis: before each commit, and after a resume. What was not
  // recorded, because a probe was added or dropped by a resume, is NaN, or the largest number of
  // the type.
  void align(bool resumed);

 private:
  struct Channel {
    Probe probe;
    traces::Series series;
    bool selected = true;
  };

  void declare(const Probe& probe, bool selected);
  void append_pins(Channel& channel, const PinRecorder& pins);
  void append_voltages(Channel& channel, const RecordedSample& recorded);
  void append_sample(const RecordedSample& recorded);
  void fill(Channel& channel, std::uint64_t rows);

  traces::TraceFile& file_;
  const hw::ChipRunner& runner_;
  SampleSelection selection_;
  bool single_;  // voltages as float32
  std::uint64_t stride_, points_per_cycle_, step_ps_;
  traces::Series time_, sample_, cycle_;
  std::vector<Channel> channels_;
  struct {
    traces::Series sample, first_row, rows, stride, points_per_cycle, target;
    traces::Series codes[hw::sample_banks], held[hw::sample_banks];
  } samples_;
  // Of the sample at hand; kept so that a sample allocates nothing.
  std::vector<std::uint64_t> points_;
  std::vector<double> lines_, voltages_;
  std::vector<float> single_voltages_;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint32_t> words_;
};

}  // namespace memprop::bench
