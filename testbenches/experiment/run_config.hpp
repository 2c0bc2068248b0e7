// One run: the description that every fidelity is built from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw_models/chip_config.hpp"
#include "learning/dataset/data_config.hpp"
#include "learning/network/network_config.hpp"
#include "learning/reference/reference_config.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::bench {

enum class Fidelity { ideal, ode, cycle };

// The reference monitor: how often the chip is compared with the ideal continuous-time network.
struct MonitorConfig {
  std::uint64_t gradient_every = 100;  // samples between gradient comparisons; 0: never
  std::uint64_t state_every = 0;       // samples between state comparisons; 0: never
  double rtol_ratio = 0.01;            // tolerance of the monitor's integrator over the chip's
};

struct OutputConfig {
  std::string path;                        // HDF5 trace; empty: none
  std::vector<std::string> probes;         // names or globs, e.g. "layer1/neurons/v"
  std::vector<std::uint64_t> samples;      // training samples whose probes are recorded (from 0)
  std::uint64_t checkpoint_every = 10000;  // samples; 0: only on a signal
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
  hw::ChipConfig chip;
  MonitorConfig monitor;
  OutputConfig output;
};

}  // namespace memprop::bench
