// Imperfections of the cells inside a chip, one by one: each moves the state, and shows up in the
// difference of two phases or cancels there as ep-circuits 3.1 says (items 4 to 8, 18 to 20). Where
// nothing is nudged, all that is left of the difference is the imperfection's own.
#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "testbenches/test/tile_effects_fixture.hpp"

namespace memprop::bench::test {
namespace {

constexpr double no_nudge = 1e-12;

struct Effect {
  const char* name;
  std::function<void(hw::ChipConfig&)> set;
  double least_shift;       // of a free state by it
  double most_difference;   // of free and nudged phase, where nothing is nudged
  double least_difference;  // 0 where it cancels
};
void PrintTo(const Effect& e, std::ostream* out) { *out << e.name; }

class CellEffect : public ::testing::TestWithParam<Effect> {};

TEST_P(CellEffect, MovesTheStateAndCancelsOrNot) {
  const Effect& effect = GetParam();
  hw::ChipConfig config = ideal_chip();
  config.solver.rtol = 1e-9;
  config.solver.atol = 1e-11;
  const Held clean = golden_run(config, golden(0.3), no_nudge);
  ASSERT_LT(largest_difference(clean.free, clean.nudged), 1e-8);
  effect.set(config);
  // The second sample: between it and the first lies the pause.
  const Held run = golden_run(config, golden(0.3), no_nudge, 2);
  EXPECT_GT(largest_difference(run.free, clean.free), effect.least_shift);
  const double difference = largest_difference(run.free, run.nudged);
  EXPECT_LE(difference, effect.most_difference);
  EXPECT_GE(difference, effect.least_difference);
}

INSTANTIATE_TEST_SUITE_P(
    Catalogue, CellEffect,
    ::testing::Values(
        Effect{"read noise (4)", [](hw::ChipConfig& c) { c.noise.read = 0.05; }, 1e-4, 1, 1e-4},
        Effect{"thermal noise (4)",
               [](hw::ChipConfig& c) {
                 c.noise.thermal = true;
                 c.noise.correlation_time_s = 5e-9;
                 c.noise.grid_s = 5e-9;
               },
               1e-5, 1, 1e-5},
        Effect{"shot noise (4)",
               [](hw::ChipConfig& c) {
                 c.noise.shot = true;
                 c.noise.correlation_time_s = 5e-9;
                 c.noise.grid_s = 5e-9;
               },
               1e-5, 1, 1e-5},
        Effect{"fast telegraph noise (4)",
               [](hw::ChipConfig& c) {
                 c.noise.telegraph = 0.1;
                 c.noise.capture_s = c.noise.emission_s = 1e-6;
               },
               1e-4, 1, 1e-4},
        Effect{"slow telegraph noise (4)",
               [](hw::ChipConfig& c) {
                 c.noise.telegraph = 0.1;
                 c.noise.capture_s = c.noise.emission_s = 1e3;
               },
               1e-3, 1e-8, 0},
        Effect{"1/f noise with traps of this pace (4)",
               [](hw::ChipConfig& c) {
                 c.noise.flicker = 1e-3;
                 c.noise.flicker_fast_s = 1e-6;
                 c.noise.flicker_slow_s = 1e-4;
               },
               1e-4, 1, 1e-5},
        Effect{"1/f noise with slow traps (4)",
               [](hw::ChipConfig& c) {
                 c.noise.flicker = 1e-3;
                 c.noise.flicker_fast_s = 1e2;
                 c.noise.flicker_slow_s = 1e4;
               },
               1e-3, 1e-8, 0},
        // Between the ends of two phases, 6 us apart, G falls by nu ln(t2/t1).
        Effect{"drift, from the first microsecond (5)",
               [](hw::ChipConfig& c) {
                 c.retention.law = hw::RetentionLaw::power;
                 c.retention.exponent = 0.05;
                 c.retention.start_s = 1e-6;
               },
               1e-2, 5e-2, 1e-3},
        Effect{"drift, a second after writing (5)",
               [](hw::ChipConfig& c) {
                 c.retention.law = hw::RetentionLaw::power;
                 c.retention.exponent = 0.05;
                 c.retention.spread = 0.01;
                 c.retention.start_s = 1e-6;
                 c.retention.pause_s = 1.0;
               },
               1e-2, 1e-6, 0},
        Effect{"decay (5)",
               [](hw::ChipConfig& c) {
                 c.retention.law = hw::RetentionLaw::decay;
                 c.retention.time_s = 30e-6;
                 c.retention.rest = 0.1;
               },
               1e-2, 0.2, 1e-3},
        Effect{"stuck, dead and shorted devices (6)",
               [](hw::ChipConfig& c) {
                 c.faults.stuck_low = c.faults.stuck_high = c.faults.open = 0.15;
               },
               1e-2, 1e-8, 0},
        Effect{"wires (7)", [](hw::ChipConfig& c) { c.wires.row_ohm = c.wires.column_ohm = 2e3; },
               1e-2, 1e-8, 0},
        Effect{"nonlinear reads (8)", [](hw::ChipConfig& c) { c.device.nonlinear_v = 0.05; }, 1e-2,
               1e-8, 0},
        Effect{"temperature (20)",
               [](hw::ChipConfig& c) {
                 c.device.temperature_coefficient = 2e-3;
                 c.temperature_k = 350.0;
               },
               1e-2, 1e-8, 0}));

// The drift itself, not only that there is one: the network's fixed point with conductances that
// have fallen by (t/t_0)^-nu since they were written.
TEST(CellEffects, DriftScalesTheWeights) {
  hw::ChipConfig config = ideal_chip();
  config.retention.law = hw::RetentionLaw::power;
  config.retention.exponent = 0.05;
  config.retention.start_s = 20.0;
  const Held aged = golden_run(config, golden(0.3), no_nudge, 1, {},
                               [](hw::ChipRunner& runner) { runner.chip().analog().wait(2000.0); });
  auto weaker = golden(0.3);
  for (Matrix& w : weaker.weight) {
    for (double& value : w.values()) value *= std::pow(100.0, -0.05);
  }
  const Held expected = golden_run(ideal_chip(), weaker, no_nudge);
  EXPECT_LT(largest_difference(aged.free, expected.free), 1e-8);
}

// Nonlinear cells at virtual grounds: v = sum w V_n sinh(r V_s/V_n)/V_s, both ways.
TEST(CellEffects, NonlinearReadsBendTheActivities) {
  hw::ChipConfig config = ideal_chip();
  config.device.nonlinear_v = 0.08;
  const Held run = golden_run(config, golden(0.3), no_nudge);
  const auto network = golden(0.3);
  const double vn = config.device.nonlinear_v / config.voltage_scale_v;
  std::vector<std::vector<double>> r{{1.0, -0.5, 0.25}, {0, 0}, {0, 0}, {0, 0}};
  for (int iteration = 0; iteration < 400; ++iteration) {
    for (std::size_t l = 1; l <= 3; ++l) {
      for (std::size_t i = 0; i < 2; ++i) {
        double v = 0.0;
        for (std::size_t j = 0; j < r[l - 1].size(); ++j) {
          v += network.weight[l - 1](i, j) * vn * std::sinh(r[l - 1][j] / vn);
        }
        if (l < 3) {
          for (std::size_t k = 0; k < 2; ++k) {
            v += 0.3 * network.weight[l](k, i) * vn * std::sinh(r[l + 1][k] / vn);
          }
        }
        r[l][i] = std::tanh(v);
      }
    }
  }
  for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(run.free[k], r[k / 2 + 1][k % 2], 1e-8) << k;
}

// Wears and disturbs do their work through the chip's own pulses.
TEST(CellEffects, PulsesDisturbAndWear) {
  hw::ChipConfig config = ideal_chip();
  config.update.circuit = hw::UpdateCircuit::pulse_count;
  config.device.model = analog::DeviceModel::constant_step;
  struct Outcome {
    std::vector<double> difference;
    analog::Endurance::Wear wear;
    std::uint64_t pulses = 0;
  };
  const auto run = [&config] {
    Outcome o;
    golden_run(config, golden(0.3), 0.5, 4, [&o](const hw::ChipRunner& runner) {
      const auto& pairs = runner.chip().analog().tile(1).pairs();
      o = {pairs.difference().values(), pairs.wear(),
           pairs.counters().set_pulses + pairs.counters().reset_pulses};
    });
    return o;
  };
  const Outcome plain = run();
  EXPECT_GT(plain.pulses, 0U);
  EXPECT_EQ(plain.wear.devices, 0U);
  config.write.count_pulses = true;
  const Outcome counted = run();
  EXPECT_EQ(plain.difference, counted.difference);
  EXPECT_EQ(counted.wear.devices, 12U);
  EXPECT_EQ(counted.wear.pulses, plain.pulses);
  EXPECT_EQ(counted.wear.failed, 0U);
  config.write.endurance.failure_scale = 0.5 * static_cast<double>(counted.wear.most);
  EXPECT_GT(run().wear.failed, 0U);
  config.write = {};
  config.write.disturb.strength_up = config.write.disturb.strength_down = 0.05;
  EXPECT_NE(run().difference, plain.difference);
  // Streams pulse several devices of a line at once, rows one after another do not. Noise of
  // the cycles keeps the two passes of the product form from undoing each other.
  config.write = {};
  config.write.supply_drop = 0.1;
  EXPECT_EQ(run().difference, plain.difference);
  config.update.circuit = hw::UpdateCircuit::stochastic;
  config.device.cycle_noise = 0.3;
  config.update.stream_length = 1023;
  config.update.stream_error = 0.1;
  const Outcome weak = run();
  EXPECT_GT(weak.pulses, 0U);
  config.write = {};
  EXPECT_NE(run().difference, weak.difference);
}

// kT/C of the hold capacitors, from the voltages that the chip holds: no neuron but the noise.
TEST(CellEffects, HeldVoltagesHaveTheVarianceOfTheCapacitor) {
  hw::ChipConfig config = ideal_chip();
  config.sample_hold.thermal_noise = true;
  config.sample_hold.capacitance_f = 0.5e-12;
  config.temperature_k = 350.0;
  config.solver.rtol = 1e-3;
  config.solver.atol = 1e-6;
  config.schedule = {2, 2, 2, 2, 2, 2};
  learning::NetworkConfig shape;
  shape.layers = {1, 500};
  shape.activation = {Activation::tanh};
  shape.feedback_gain = {};
  auto network = learning::build_network(shape, 1);
  for (double& w : network.weight[0].values()) w = 0.0;
  const FreshKernel kernel;
  hw::ChipRunner runner("runner", config, network, learning::LearningConfig(), 7);
  const std::vector<float> x{0.0F}, y(500, 0.0F);
  double squares = 0.0;
  constexpr int samples = 100;
  for (int k = 0; k < samples; ++k) {
    runner.run_sample({x.data(), 1}, {y.data(), 500}, false);
    for (const double v : runner.chip().analog().sample_hold().held(0)) {
      squares += v * v / (500.0 * samples);
    }
  }
  // 50000 draws: the estimate's own spread is 0.6 %.
  EXPECT_NEAR(squares / (1.380649e-23 * 350.0 / 0.5e-12), 1.0, 0.03);
}

}  // namespace
}  // namespace memprop::bench::test
