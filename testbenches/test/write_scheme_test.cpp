// Write schemes on a chip: what U3 row by row, U4 and U5 do to the devices, pairs written by RESET
// alone, and that a small network learns with each.
#include <gtest/gtest.h>

#include "hw_models/chip_runner.hpp"
#include "solvers/error.hpp"
#include "testbenches/test/small_chip.hpp"

namespace memprop::bench {
namespace {

using hw::UpdateCircuit;

struct Outcome {
  double accuracy = 0.0;  // of the answers in the last quarter of the training
  std::vector<Matrix> difference;
  hw::AnalogChip::Refreshes refreshes;
  analog::DevicePairs::Counters pulses;
  double writes_j = 0.0;
  digital::VerifyCounters verify;
  double mean_conductance = 0.0;  // of both devices of the first tile's pairs, of the window
};

RunConfig quiet_run() {
  RunConfig c = test::small_run();
  c.chip.device = {};
  c.chip.stuck_fraction = 0.0;
  c.chip.device.model = analog::DeviceModel::constant_step;
  c.chip.noise.read = 0.0;
  return c;
}

Outcome train(const RunConfig& c, std::size_t samples) {
  test::FreshKernel kernel;
  const auto network = learning::build_network(c.network, c.seed);
  hw::ChipRunner runner("runner", c.chip, network, c.learning, c.seed);
  const auto data = test::small_samples(samples);
  std::size_t right = 0, asked = 0;
  for (std::size_t k = 0; k < samples; ++k) {
    runner.run_sample(data.inputs.row(k), data.targets.row(k), true);
    if (k < samples - samples / 4) continue;
    ++asked;
    right += static_cast<int>(runner.answer()) == data.labels[k];
  }
  Outcome out;
  out.accuracy = asked > 0 ? static_cast<double>(right) / static_cast<double>(asked) : 0.0;
  const auto& chip = runner.chip().analog();
  for (std::size_t l = 1; l <= chip.layer_count(); ++l) {
    const auto& pairs = chip.tile(l).pairs();
    out.difference.push_back(pairs.difference());
    const auto counters = pairs.counters();
    out.pulses.set_pulses += counters.set_pulses;
    out.pulses.reset_pulses += counters.reset_pulses;
    out.writes_j += pairs.write_energy_j();
  }
  out.refreshes = chip.refreshes();
  out.verify = runner.chip().controller().core().verify();
  const auto& pairs = chip.tile(1).pairs();
  const auto& device = c.chip.device;
  double sum = 0.0;
  for (const auto* side : {&pairs.plus(), pairs.minus()}) {
    if (side == nullptr) continue;
    for (const double g : side->conductances()) sum += g - device.g_min_s;
  }
  out.mean_conductance =
      sum / (device.g_max_s - device.g_min_s) / static_cast<double>(2 * pairs.plus().size());
  return out;
}

// Steps that do not depend on the state commute: all rows at once or one after the other.
TEST(WriteSchemes, SignsRowByRowGiveTheWeightsOfSignsAllAtOnce) {
  RunConfig c = quiet_run();
  c.chip.update.circuit = UpdateCircuit::sign_sign;
  c.chip.update.sign_threshold_post = 0.002;
  c.chip.update.sign_threshold_pre = 0.05;
  const auto parallel = train(c, 5);
  c.chip.update.row_serial = true;
  const auto serial = train(c, 5);
  for (std::size_t l = 0; l < 2; ++l) {
    for (std::size_t k = 0; k < parallel.difference[l].size(); ++k) {
      EXPECT_NEAR(serial.difference[l].data()[k], parallel.difference[l].data()[k], 1e-12);
    }
  }
  EXPECT_GT(serial.pulses.set_pulses + serial.pulses.reset_pulses, 0u);
}

TEST(WriteSchemes, ProductSignLearns) {
  RunConfig c = quiet_run();
  c.learning.form = learning::UpdateForm::product;
  c.chip.update.circuit = UpdateCircuit::product_sign;
  c.chip.update.product_dead_zone = 0.03;
  c.chip.device.step = 0.02;
  EXPECT_GT(train(c, 400).accuracy, 0.8);
  c.learning.rate = {0.0};
  EXPECT_EQ(train(c, 8).pulses.set_pulses, 0u);
}

// With devices whose steps spread by 30 %, verified writes come closer to what was wanted.
TEST(WriteSchemes, VerifiedWritesAreExactWhereStepsSpread) {
  RunConfig c = quiet_run();
  c.learning.rate = {1.0};
  RunConfig exact = c;  // the same draws: U1 on devices that do as they are told
  c.chip.device.step_spread = 0.3;
  c.chip.device.cycle_noise = 0.3;
  RunConfig verified = c;
  verified.chip.update.circuit = UpdateCircuit::write_verify;
  verified.chip.update.verify_bits = 14;
  verified.chip.update.verify_tolerance = 0.15;  // of a step, which is a dozen codes or two
  verified.chip.update.verify_rounds = 64;
  const auto wanted = train(exact, 1), open = train(c, 1), closed = train(verified, 1);
  const auto miss = [&](const Outcome& o) {
    double sum = 0.0;
    for (std::size_t k = 0; k < wanted.difference[1].size(); ++k) {
      const double d = o.difference[1].data()[k] - wanted.difference[1].data()[k];
      sum += d * d;
    }
    return std::sqrt(sum / static_cast<double>(wanted.difference[1].size()));
  };
  EXPECT_GT(closed.verify.cells, 0u);
  EXPECT_GE(closed.verify.reads, closed.verify.cells);
  EXPECT_LT(miss(closed), 0.5 * miss(open));
}

TEST(WriteSchemes, VerifyNeedsAConverterThatSeesAStep) {
  RunConfig c = quiet_run();
  c.chip.update.circuit = UpdateCircuit::write_verify;
  c.chip.update.verify_bits = 6;
  try {
    train(c, 1);
    ADD_FAILURE() << "six bits were accepted";
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("chip.update.verify_bits"), std::string::npos);
  }
}

TEST(WriteSchemes, WriteVerifyLearns) {
  RunConfig c = quiet_run();
  c.chip.device.step_spread = 0.3;
  c.chip.device.cycle_noise = 0.3;
  c.chip.update.circuit = UpdateCircuit::write_verify;
  c.chip.update.verify_bits = 14;
  const auto out = train(c, 400);
  EXPECT_GT(out.accuracy, 0.8);
}

RunConfig reset_only_run() {
  RunConfig c = quiet_run();
  c.chip.pair = hw::PairCoding::differential;
  c.chip.update.reset_only = true;
  c.chip.device.step = 0.05;  // 40 steps from bound to bound
  return c;
}

TEST(WriteSchemes, ResetOnlyPairsRunLowWithoutRefresh) {
  RunConfig c = reset_only_run();
  const auto out = train(c, 400);
  EXPECT_EQ(out.pulses.set_pulses, 0u);
  EXPECT_GT(out.pulses.reset_pulses, 0u);
  EXPECT_LT(out.mean_conductance, 0.4);
  EXPECT_EQ(out.refreshes.pairs, 0u);
}

TEST(WriteSchemes, RefreshKeepsThePairsInTheWindowAndTheWeightsLearning) {
  RunConfig c = reset_only_run();
  const auto without = train(c, 400);
  c.chip.update.refresh_every = 20;
  c.chip.update.refresh_level = 0.35;
  const auto with = train(c, 400);
  EXPECT_GT(with.refreshes.pairs, 0u);
  EXPECT_GT(with.refreshes.cycles, 0u);
  EXPECT_GT(with.pulses.set_pulses, 0u);
  EXPECT_GT(with.mean_conductance, without.mean_conductance);
  EXPECT_GT(with.accuracy, 0.8);
}

// A chip that goes on from a saved state, in another object, does what it would have done.
TEST(WriteSchemes, ResumeChangesNoBit) {
  RunConfig verify = quiet_run();
  verify.chip.device.step_spread = verify.chip.device.cycle_noise = 0.3;
  verify.chip.update.circuit = UpdateCircuit::write_verify;
  verify.chip.update.verify_bits = 14;
  verify.chip.update.verify_noise = 1.0;
  RunConfig refreshed = reset_only_run();
  refreshed.chip.update.refresh_every = 7;
  refreshed.chip.update.refresh_level = 0.45;
  RunConfig twins = test::small_run();
  twins.learning.nudging = learning::Nudging::random_sign;
  twins.chip.twin.mode = hw::TwinMode::swapped;
  twins.chip.twin.gain_mismatch = 0.01;
  twins.chip.neuron.amplifier_time_constant_s = 5e-9;
  twins.chip.neuron.reset = false;
  constexpr std::size_t samples = 24, first = 11;
  const auto data = test::small_samples(samples);
  for (const RunConfig& c : {verify, refreshed, twins}) {
    std::vector<Matrix> straight, resumed;
    std::vector<double> values;
    std::vector<std::uint64_t> counters;
    double energy[2];
    for (int part = 0; part < 2; ++part) {
      test::FreshKernel kernel;
      const auto network = learning::build_network(c.network, c.seed);
      hw::ChipRunner runner("runner", c.chip, network, c.learning, c.seed);
      if (part == 1) runner.restore(values, counters);
      for (std::size_t k = part == 0 ? 0 : first; k < samples; ++k) {
        runner.run_sample(data.inputs.row(k), data.targets.row(k), true);
        if (part == 0 && k + 1 == first) runner.save(values, counters);
      }
      auto& chip = runner.chip().analog();
      energy[part] = chip.twins() != nullptr ? chip.twins()->tiles()[0]->array_energy_j() : 0.0;
      for (std::size_t l = 1; l <= chip.layer_count(); ++l) {
        (part == 0 ? straight : resumed).push_back(chip.tile(l).pairs().difference());
      }
    }
    for (std::size_t l = 0; l < straight.size(); ++l) {
      EXPECT_EQ(straight[l].values(), resumed[l].values()) << "layer " << l + 1;
    }
    EXPECT_EQ(energy[0], energy[1]);
  }
}

// Refreshing moves both devices and leaves their difference where it was, within half a step each.
TEST(WriteSchemes, RefreshKeepsTheDifference) {
  analog::DevicePairsConfig c;
  c.name = "tile";
  c.rows = 20;
  c.columns = 10;
  c.coding = analog::PairCoding::differential;
  c.device.model = analog::DeviceModel::constant_step;
  c.device.step = 0.02;
  c.reset_only = true;
  analog::DevicePairs pairs(c);
  std::vector<std::uint32_t> cells(200);
  for (std::uint32_t k = 0; k < 200; ++k) cells[k] = k;
  for (std::uint64_t event = 0; event < 30; ++event) {
    pairs.pulse(cells, event % 2 == 0, event);
    if (event % 3 == 0) pairs.pulse({cells.data(), 70}, true, 100 + event);
  }
  const Matrix before = pairs.difference();
  const auto done = pairs.refresh(0.5, 100, 1000);
  EXPECT_EQ(done.pairs, 200u);
  EXPECT_GT(done.pulses, 0u);
  double centre = 0.0;
  for (std::size_t k = 0; k < 200; ++k) {
    EXPECT_NEAR(pairs.difference().data()[k], before.data()[k],
                1.001 * pairs.plus().nominal_step_s());
    centre += pairs.plus().conductance()[k] + pairs.minus()->conductance()[k];
  }
  EXPECT_NEAR(centre / 400.0, 0.5 * (c.device.g_min_s + c.device.g_max_s), 0.02 * c.device.g_max_s);
}

}  // namespace
}  // namespace memprop::bench
