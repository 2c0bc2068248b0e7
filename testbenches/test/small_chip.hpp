// A small chip with every imperfection switched on, data that it can learn, and a fresh kernel for
// tests that need a second chip.
#pragma once

#include <cstdint>
#include <systemc>
#include <vector>

#include "learning/dataset/dataset.hpp"
#include "learning/network/network.hpp"
#include "solvers/random_stream.hpp"
#include "testbenches/experiment/run_config.hpp"

namespace memprop::bench::test {

inline constexpr std::size_t small_inputs = 12, small_outputs = 4;

// The SystemC kernel elaborates once per process. Declared before a chip, this puts a new kernel in
// the place of the used one after the chip is gone. (The old one must stay: the kernel's own static
// objects look at it when the process ends.)
class FreshKernel {
 public:
  FreshKernel() = default;
  FreshKernel(const FreshKernel&) = delete;
  FreshKernel& operator=(const FreshKernel&) = delete;
  ~FreshKernel() {
    sc_core::sc_curr_simcontext = new sc_core::sc_simcontext();
    sc_core::sc_default_global_context = sc_core::sc_curr_simcontext;
  }
};

// 12-8-4 with noise of every kind, device spread and few-bit converters; no data, no trace.
inline RunConfig small_run() {
  RunConfig c;
  c.name = "small";
  c.threads = 1;
  c.network.layers = {small_inputs, 8, small_outputs};
  c.network.activation = {Activation::tanh};
  c.network.feedback_gain = {0.2};
  c.network.bias = true;
  c.network.time_constant.family = learning::TimeConstantFamily::lognormal;
  c.network.time_constant.cv = 0.2;
  c.learning.beta = 0.5;
  c.learning.rate = {0.1};
  auto& chip = c.chip;
  chip.weight_range = {1.5};
  chip.device.step_spread = 0.3;
  chip.device.cycle_noise = 0.3;
  chip.device.up_down_spread = 0.01;
  chip.device.w_max_spread = chip.device.w_min_spread = 0.3;
  chip.stuck_fraction = 0.02;
  chip.neuron.capacitor_mismatch = chip.neuron.leak_mismatch = chip.neuron.gain_mismatch = 0.02;
  chip.neuron.offset_v = 1e-3;
  chip.dac.offset_v = chip.dac.noise_v = 2e-4;
  chip.adc.offset_v = chip.adc.noise_v = 2e-4;
  chip.dac.energy_j = chip.adc.energy_j = 1e-12;
  chip.digital_energy_per_cycle_j = 1e-12;
  chip.noise.read = 0.02;
  chip.solver.rtol = 1e-4;
  chip.solver.atol = 1e-6;
  c.monitor.gradient_every = 50;
  c.output.checkpoint_every = 0;
  return c;
}

// Noisy copies of one random pattern per class, in [0, 1].
inline learning::Dataset small_samples(std::size_t count, std::uint64_t first = 0) {
  const RandomStream pattern(99, "test/pattern"), noise(99, "test/noise");
  learning::Dataset d;
  d.inputs = BasicMatrix<float>(count, small_inputs);
  d.targets = BasicMatrix<float>(count, small_outputs, 0.0F);
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t label = (first + k) % small_outputs;
    d.labels.push_back(static_cast<int>(label));
    d.targets(k, label) = 1.0F;
    for (std::size_t j = 0; j < small_inputs; ++j) {
      d.inputs(k, j) =
          static_cast<float>(0.6 * pattern.uniform(label, j) + 0.4 * noise.uniform(first + k, j));
    }
  }
  return d;
}

}  // namespace memprop::bench::test
