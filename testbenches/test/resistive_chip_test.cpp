// The resistive chip under the kernel against the exact solver: states, updates, resume.
#include <gtest/gtest.h>

#include <cmath>

#include "hw_models/controller_setup.hpp"
#include "hw_models/resistive/resistive_runner.hpp"
#include "hw_models/resistive/resistive_setup.hpp"
#include "learning/resistive/resistive_reference.hpp"
#include "solvers/error.hpp"
#include "testbenches/test/small_chip.hpp"

namespace memprop::bench::test {
namespace {

constexpr std::size_t n_in = 6, n_out = 3;

RunConfig resistive_run(learning::NodeElement element, bool pairs) {
  RunConfig c;
  c.network.style = learning::NetworkStyle::resistive;
  c.network.layers = {n_in, 5, 4, n_out};
  c.network.init = learning::WeightInit::fan_in_uniform;
  auto& r = c.network.resistive;
  r.amplifier_gain = {2.0, 1.5};
  r.element = element;
  r.clamp_low = -0.1;
  r.clamp_high = 0.1;
  r.output_pairs = pairs;
  r.input_gain = 1.5;
  r.bias_input = 0.5;
  r.conductance_min = 0.05;
  c.learning.beta = 0.02;
  c.learning.rate = {0.01};
  auto& chip = c.chip;
  chip.resistive.capacitance_f = 1e-12;
  chip.device.g_min_s = 1e-8;
  chip.device.g_max_s = 100e-6;
  chip.weight_range = {1.0};
  chip.dac.bits = chip.adc.bits = chip.nudge_dac.bits = 0;
  chip.dac.range = 1.0;
  chip.adc.range = 4.0;
  chip.sample_hold.thermal_noise = false;
  chip.schedule.free = chip.schedule.nudge_positive = chip.schedule.nudge_negative = 200;
  chip.solver.rtol = 1e-9;
  chip.solver.atol = 1e-12;
  chip.update.circuit = hw::UpdateCircuit::ideal_write;
  chip.device.model = analog::DeviceModel::ideal;
  return c;
}

std::vector<float> sample_input(std::uint64_t k) {
  const RandomStream stream(3, "resistive-chip-test");
  std::vector<float> x(n_in);
  for (std::size_t j = 0; j < n_in; ++j) x[j] = static_cast<float>(stream.uniform(j, k));
  return x;
}
const std::vector<float> target{0.8f, -0.2f, 0.1f};

// With ideal parts and long phases the chip has the states and the update of the exact solver.
void expect_golden(learning::NodeElement element, bool pairs) {
  const RunConfig c = resistive_run(element, pairs);
  const FreshKernel kernel;
  const auto network = learning::build_network(c.network, 4);
  hw::ResistiveRunner chip("chip_runner", c.chip, network, c.learning, 4);
  const auto x = sample_input(0);
  chip.run_sample({x.data(), n_in}, {target.data(), n_out}, true);

  learning::IdealConfig ideal;
  ideal.free_steps = ideal.nudged_steps = 300;
  learning::ResistiveReference exact(network, c.learning, ideal, 1);
  const std::vector<double> xs(x.begin(), x.end()), y(target.begin(), target.end());
  const double lsb = hw::activity_lsb(c.chip);
  for (const auto& [bank, beta] : {std::pair{0, 0.0}, {1, 0.02}, {2, -0.02}}) {
    const auto state = bank == 0 ? exact.solve(xs) : exact.solve(xs, y, beta);
    const auto codes = chip.controller().latched(static_cast<std::size_t>(bank));
    std::size_t k = 0;
    for (const auto& layer : state.v) {
      for (const double v : layer) EXPECT_NEAR(codes[k++] * lsb, v, 1e-7) << bank;
    }
  }
  Matrix inputs(1, n_in), targets(1, n_out);
  inputs.values() = xs;
  targets.values() = y;
  const auto estimate = exact.ep_update_estimate(inputs, targets);
  const auto change = hw::wanted_conductance_change(c.chip, network, c.learning, chip.controller(),
                                                    chip.coded_input(), chip.last_nudge_sign());
  for (std::size_t l = 0; l < 3; ++l) {
    double scale = 0.0;
    for (const double g : estimate.weight[l].values()) scale = std::max(scale, std::abs(g));
    for (std::size_t k = 0; k < change[l].size(); ++k) {
      EXPECT_NEAR(change[l].values()[k] / 0.01, estimate.weight[l].values()[k], 2e-5 * scale)
          << l << " " << k;
    }
  }
}

TEST(ResistiveChip, StatesAndUpdateEqualTheExactOnes) {
  expect_golden(learning::NodeElement::one_sided, true);
}
TEST(ResistiveChip, StatesAndUpdateEqualTheExactOnesWithClamps) {
  expect_golden(learning::NodeElement::clamp, false);
}

// Pulses of U6 add up to the wanted change, within the resolution of the converters.
TEST(ResistiveChip, PulsesFollowTheSquaredDrops) {
  RunConfig c = resistive_run(learning::NodeElement::one_sided, true);
  c.chip.update.circuit = hw::UpdateCircuit::pulse_count;
  c.chip.device.model = analog::DeviceModel::constant_step;
  c.chip.device.step = 2e-5;
  c.chip.update.max_pulses = 60000;
  c.chip.dac.bits = 8;
  c.chip.adc.bits = 16;
  c.learning.rate = {0.05};
  const FreshKernel kernel;
  const auto network = learning::build_network(c.network, 4);
  hw::ResistiveRunner chip("chip_runner", c.chip, network, c.learning, 4);
  const auto before = chip.analog().present_network();
  const auto x = sample_input(1);
  chip.run_sample({x.data(), n_in}, {target.data(), n_out}, true);
  const auto after = chip.analog().present_network();
  const auto change = hw::wanted_conductance_change(c.chip, before, c.learning, chip.controller(),
                                                    chip.coded_input(), chip.last_nudge_sign());
  const double step = chip.analog().conductance_step();
  std::size_t many = 0;
  for (std::size_t l = 0; l < 3; ++l) {
    for (std::size_t k = 0; k < change[l].size(); ++k) {
      const double low = c.chip.device.g_min_s / chip.analog().unit_s();
      const double wanted = std::max(before.weight[l].values()[k] + change[l].values()[k], low) -
                            before.weight[l].values()[k];
      const double got = after.weight[l].values()[k] - before.weight[l].values()[k];
      EXPECT_NEAR(got, wanted, 1.001 * step + 1e-3 * std::abs(wanted)) << l << " " << k;
      many += std::abs(wanted) > 3 * step;
    }
  }
  EXPECT_GT(many, 20U);
}

TEST(ResistiveChip, ARestoredChipGoesOnBitForBit) {
  RunConfig c = resistive_run(learning::NodeElement::clamp, true);
  c.chip.update.circuit = hw::UpdateCircuit::pulse_count;
  c.chip.device.model = analog::DeviceModel::soft_bounds;
  c.chip.device.cycle_noise = 0.2;
  c.chip.device.step_spread = 0.2;
  c.chip.dac.bits = 8;
  c.chip.adc.bits = 16;
  c.chip.sample_hold.thermal_noise = true;
  c.chip.resistive.forward_mismatch = c.chip.resistive.backward_mismatch = 0.05;
  c.chip.stuck_fraction = 0.05;
  c.learning.rate = {0.05};
  const auto network = learning::build_network(c.network, 4);
  const auto train = [&](hw::ResistiveRunner& chip, std::uint64_t from, std::uint64_t to) {
    for (auto k = from; k < to; ++k) {
      const auto x = sample_input(k);
      chip.run_sample({x.data(), n_in}, {target.data(), n_out}, true);
    }
  };
  std::vector<double> values, whole;
  std::vector<std::uint64_t> counters;
  {
    const FreshKernel kernel;
    hw::ResistiveRunner chip("chip_runner", c.chip, network, c.learning, 4);
    train(chip, 0, 3);
    chip.save(values, counters);
    const auto at_three = chip.analog().present_network();
    train(chip, 3, 6);
    whole = chip.analog().present_network().weight[1].values();
    EXPECT_NE(whole, at_three.weight[1].values());
  }
  const FreshKernel kernel;
  hw::ResistiveRunner chip("chip_runner", c.chip, network, c.learning, 4);
  chip.restore(values, counters);
  train(chip, 3, 6);
  EXPECT_EQ(chip.analog().present_network().weight[1].values(), whole);
}

TEST(ResistiveChip, WhatItDoesNotHaveIsRefusedByKey) {
  const auto refusal = [](void (*spoil)(RunConfig&)) -> std::string {
    RunConfig c = resistive_run(learning::NodeElement::clamp, true);
    spoil(c);
    try {
      hw::check_resistive_chip(c.chip, c.network);
    } catch (const UserError& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_EQ(refusal([](RunConfig& c) {
              c.chip.weight_range = {1, 2, 3};
            }),
            "key 'chip.weight_range': expected one value for all arrays (a node adds the currents "
            "of two) with network.style = \"resistive\", got 3 values");
  const auto names = [&](void (*spoil)(RunConfig&), const char* key) {
    EXPECT_EQ(refusal(spoil).find(key), 5U) << key;
  };
  names([](RunConfig& c) { c.network.bias = true; }, "network.bias");
  names([](RunConfig& c) { c.chip.noise.read = 0.1; }, "chip.noise.read");
  names([](RunConfig& c) { c.chip.pair = hw::PairCoding::differential; }, "chip.pair");
  names([](RunConfig& c) { c.chip.update.circuit = hw::UpdateCircuit::stochastic; },
        "chip.update.circuit");
  names([](RunConfig& c) { c.chip.neuron.gain_mismatch = 0.1; }, "chip.neuron");
}

}  // namespace
}  // namespace memprop::bench::test
