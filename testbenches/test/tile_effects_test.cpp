// Imperfections of the cells inside a chip, one by one: each moves the state, and shows up in the
// difference of two phases or cancels there as ep-circuits 3.1 says (items 4 to 8, 18 to 20). Where
// nothing is nudged, all that is left of the difference is the imperfection's own.
#include <gtest/gtest.h>

#include <functional>

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
  GoldenRun clean(config, 0.3, no_nudge);
  clean.train();
  ASSERT_LT(largest_difference(clean.held(0), clean.held(1)), 1e-8);
  effect.set(config);
  GoldenRun run(config, 0.3, no_nudge);
  run.train();
  EXPECT_GT(largest_difference(run.held(0), clean.held(0)), effect.least_shift);
  const double difference = largest_difference(run.held(0), run.held(1));
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
  GoldenRun run(config, 0.3, no_nudge);
  run.runner.chip().analog().wait(2000.0);
  run.train();
  const double factor = std::pow(100.0, -0.05);
  auto weaker = GoldenRun::network(0.3);
  for (Matrix& w : weaker.weight) {
    for (double& value : w.values()) value *= factor;
  }
  hw::ChipConfig ideal = ideal_chip();
  const auto aged = run.held(0);
  const FreshKernel kernel;
  hw::ChipRunner expected("runner", ideal, weaker, GoldenRun::learning(no_nudge), 7);
  expected.run_sample({golden_x, 3}, {golden_y, 2}, true);
  const auto volts = expected.chip().analog().sample_hold().held(0);
  for (std::size_t k = 0; k < aged.size(); ++k) {
    EXPECT_NEAR(aged[k], volts[k] / expected.chip().analog().voltage_scale_v(), 1e-8) << k;
  }
}

// Nonlinear cells at virtual grounds: v = sum w V_n sinh(r V_s/V_n)/V_s, both ways.
TEST(CellEffects, NonlinearReadsBendTheActivities) {
  hw::ChipConfig config = ideal_chip();
  config.device.nonlinear_v = 0.08;
  GoldenRun run(config, 0.3, no_nudge);
  run.train();
  const auto network = GoldenRun::network(0.3);
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
  const auto held = run.held(0);
  for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(held[k], r[k / 2 + 1][k % 2], 1e-8) << k;
}

// Wears and disturbs do their work through the chip's own pulses.
TEST(CellEffects, PulsesDisturbAndWear) {
  hw::ChipConfig config = ideal_chip();
  config.update.circuit = hw::UpdateCircuit::pulse_count;
  config.device.model = analog::DeviceModel::constant_step;
  const auto difference_of = [](const hw::ChipRunner& runner) {
    return runner.chip().analog().tile(1).pairs().difference().values();
  };
  GoldenRun plain(config, 0.3, 0.5);
  plain.train(3);
  config.write.count_pulses = true;
  GoldenRun counted(config, 0.3, 0.5);
  counted.train(3);
  EXPECT_EQ(difference_of(plain.runner), difference_of(counted.runner));
  std::uint64_t pulses = 0, counted_pulses = 0, most = 0;
  for (std::size_t l = 1; l <= 3; ++l) {
    const auto& pairs = counted.runner.chip().analog().tile(l).pairs();
    pulses += pairs.counters().set_pulses + pairs.counters().reset_pulses;
    counted_pulses += pairs.wear().pulses;
    most = std::max(most, pairs.wear().most);
    EXPECT_EQ(pairs.wear().failed, 0U);
  }
  EXPECT_GT(pulses, 0U);
  EXPECT_EQ(counted_pulses, pulses);
  config.write.endurance.failure_scale = 0.5 * static_cast<double>(most);
  GoldenRun worn(config, 0.3, 0.5);
  worn.train(3);
  EXPECT_GT(worn.runner.chip().analog().tile(1).pairs().wear().failed, 0U);
  config.write = {};
  config.write.disturb.strength_up = config.write.disturb.strength_down = 0.05;
  GoldenRun disturbed(config, 0.3, 0.5);
  disturbed.train(3);
  EXPECT_NE(difference_of(plain.runner), difference_of(disturbed.runner));
}

}  // namespace
}  // namespace memprop::bench::test
