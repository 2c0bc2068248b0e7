// A small chip with noise and spread for tests of controllers in Verilog, and samples for it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "hw_models/chip_config.hpp"
#include "learning/network/network.hpp"
#include "learning/rule/learning_config.hpp"
#include "testbenches/test/small_chip.hpp"

namespace memprop::bench::cosim {

struct SmallRun {
  hw::ChipConfig chip;
  learning::LearningConfig learning;
  learning::Network network;
  learning::Dataset data;

  Span<const float> x(std::size_t k) const { return data.inputs.row(k % data.size()); }
  Span<const float> target(std::size_t k) const { return data.targets.row(k % data.size()); }
};

inline SmallRun small_cosim_run(hw::UpdateCircuit circuit) {
  const RunConfig base = test::small_run();
  SmallRun run;
  run.chip = base.chip;
  run.chip.update.circuit = circuit;
  run.learning = base.learning;
  run.network = learning::build_network(base.network, 1);
  run.data = test::small_samples(40);
  return run;
}

// Whether Verilog can be turned into models here.
inline bool have_verilator() { return std::system("verilator --version > /dev/null 2>&1") == 0; }

}  // namespace memprop::bench::cosim
