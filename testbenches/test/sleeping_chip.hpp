// A small chip that sleeps, with ideal parts or with devices of few steps.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "hw_models/chip_runner.hpp"
#include "hw_models/sleep/sleep_mode.hpp"
#include "learning/continual/sleep.hpp"
#include "testbenches/test/small_chip.hpp"

namespace memprop::bench::test {

inline constexpr std::uint64_t kSleepSeed = 5;

inline learning::NetworkConfig sleeping_shape() {
  learning::NetworkConfig config;
  config.layers = {36, 14, 5};
  config.activation = {Activation::shifted_logistic};
  config.feedback_gain = {1.0};
  config.init = learning::WeightInit::fan_in_uniform;
  return config;
}

inline learning::SleepConfig sleep_config() {
  learning::SleepConfig sleep;
  sleep.on = true;
  sleep.threshold = {0.3, 0.3};
  sleep.input_gain = 0.6;
  sleep.increase = 0.004;
  sleep.decrease_ratio = 0.2;
  sleep.layer_scale = {1.0, 0.5};
  sleep.mean_bits = 4;
  sleep.gate = learning::SleepGate::hard;
  sleep.random = learning::SleepRandom::shift_register;
  return sleep;
}

inline hw::ChipConfig sleeping_ideal_chip() {
  hw::ChipConfig c;
  c.pair = analog::PairCoding::differential;
  c.weight_range = {20.0};  // nothing saturates
  c.device.model = analog::DeviceModel::ideal;
  c.dac.bits = c.nudge_dac.bits = c.adc.bits = 0;
  c.sample_hold.thermal_noise = false;
  c.update.circuit = hw::UpdateCircuit::ideal_write;
  c.sleep.used = true;
  c.sleep.write = hw::SleepWrite::ideal_write;
  return c;
}

inline hw::ChipConfig sleeping_stepped_chip(double step) {
  hw::ChipConfig c = sleeping_ideal_chip();
  c.device.model = analog::DeviceModel::constant_step;
  c.device.step = step;  // of a state from -1 to 1
  c.device.step_spread = c.device.cycle_noise = c.device.up_down = 0.0;
  c.device.up_down_spread = c.device.w_max_spread = c.device.w_min_spread = 0.0;
  c.weight_range = {1.0};
  c.update.circuit = hw::UpdateCircuit::pulse_count;
  c.sleep.write = hw::SleepWrite::pulses;
  return c;
}

inline std::vector<double> sleep_means(std::size_t inputs) {
  std::vector<double> mean;
  for (std::size_t j = 0; j < inputs; ++j) {
    mean.push_back(0.5 + 0.5 * std::sin(static_cast<double>(j)));
  }
  return mean;
}

// A chip and its sleep mode.
struct Sleeper {
  Sleeper(const char* name, const hw::ChipConfig& chip, const learning::SleepConfig& config,
          const learning::Network& network)
      : sleep(config),
        runner(name, chip, network, {}, kSleepSeed),
        mode(runner.chip().analog(), network, config, kSleepSeed) {}
  learning::SleepReport run(const std::vector<double>& theta, std::uint64_t steps,
                            const hw::SleepMode::Look& look = {}) {
    const auto rates = learning::sleep_rates(sleep, sleep_means(36));
    return mode.run(digital::mean_codes(rates, 4), theta, steps, look);
  }
  hw::AnalogChip& analog() { return runner.chip().analog(); }
  FreshKernel kernel;  // goes last
  learning::SleepConfig sleep;
  hw::ChipRunner runner;
  hw::SleepMode mode;
};

using Spikes = std::vector<std::vector<unsigned char>>;  // by step and layer, concatenated

inline Spikes chip_spikes(Sleeper& chip, const std::vector<double>& theta, std::uint64_t steps) {
  Spikes all;
  chip.run(theta, steps, [&](std::size_t, const digital::BitVector& bits) {
    std::vector<unsigned char> row(bits.size());
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = bits.test(i) ? 1 : 0;
    all.push_back(row);
  });
  return all;
}

}  // namespace memprop::bench::test
