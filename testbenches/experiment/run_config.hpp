// One run: the description that every fidelity is built from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw_models/chip_config.hpp"
#include "learning/continual/sleep_config.hpp"
#include "learning/continual/task_config.hpp"
#include "learning/dataset/data_config.hpp"
#include "learning/network/network_config.hpp"
#include "learning/reference/reference_config.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::bench {

enum class Fidelity { ideal, ode, cycle, rtl };

// Whether a chip is simulated, and not only its network.
constexpr bool has_chip(Fidelity fidelity) {
  return fidelity != Fidelity::ideal && fidelity != Fidelity::ode;
}

// The reference monitor: how often the chip is compared with the ideal continuous-time network.
struct MonitorConfig {
  std::uint64_t gradient_every = 100;  // samples between gradient comparisons; 0: never
  std::uint64_t state_every = 0;       // samples between state comparisons; 0: never
  double rtol_ratio = 0.01;            // tolerance of the monitor's integrator over the chip's
};

// live: readers can follow, the trace is committed every `flush_s` seconds; plain: it is committed
// with checkpoints and at the end only.
enum class TraceMode { live, plain };
enum class ProbePrecision { float64, float32 };

struct OutputConfig {
  std::string path;  // HDF5 trace; empty: none
  TraceMode mode = TraceMode::live;
  double flush_s = 1.0;                    // live mode: wall time between commits
  std::uint64_t queue_bytes = 64000000;    // rows that wait for the writer
  bool compress = true;                    // series: shuffle and deflate; else as they are
  std::uint64_t budget_bytes = 0;          // the largest trace that is begun, uncompressed; 0: any
  std::uint64_t checkpoint_every = 10000;  // samples; 0: only on a signal
  std::uint64_t update_every = 1;          // samples between rows of training/update; 0: never
  std::uint64_t devices_every = 0;  // samples between snapshots of conductances; 0: first and last

  // Waveforms: which of them, of which samples, at which times.
  std::vector<std::string> probes;                  // names or globs, e.g. "layer1/neurons/v"
  std::vector<std::uint64_t> samples;               // training samples, from 0
  std::uint64_t sample_every = 0;                   // and every so many; 0: none
  std::uint64_t sample_first = 0, sample_last = 0;  // of these, the first and the last; 0: the end
  std::vector<std::uint64_t> window;   // first and last clock cycle of a sample; empty: all
  std::uint64_t stride = 1;            // clock cycles between rows
  std::uint64_t points_per_cycle = 1;  // rows per clock cycle, from dense output
  ProbePrecision precision = ProbePrecision::float64;  // of voltages
};

struct RunConfig {
  std::string name = "run";
  Fidelity fidelity = Fidelity::cycle;
  std::uint64_t seed = 1;
  unsigned threads = 0;            // 0: all
  bool ideal_reference = true;     // train the ideal reference on the same samples
  bool backprop_reference = true;  // train the same net by back-propagation
  learning::DataConfig data;
  learning::NetworkConfig network;
  learning::LearningConfig learning;
  learning::IdealConfig ideal;
  learning::OdeConfig ode;
  learning::TaskConfig tasks;
  learning::SleepConfig sleep;
  hw::ChipConfig chip;
  MonitorConfig monitor;
  OutputConfig output;
};

}  // namespace memprop::bench
