// Update circuit U7 against what follows from its definition: nothing wanted is lost or written
// twice, and with a threshold of one it is U1.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

#include "digital/shift_register.hpp"
#include "digital/test/sample_driver.hpp"

namespace memprop::digital {
namespace {

const std::vector<std::size_t> widths{9, 7, 4};

ControllerConfig config_of(UpdateCircuit circuit, bool product = false) {
  ControllerConfig config = make_config(widths, circuit);
  config.bias = true;
  config.product_form = product;
  config.max_pulses = 1000;
  config.accumulator_bits = 24;
  config.seed = 11;
  config.tile[0].rate_mantissa = 40000;
  config.tile[0].rate_shift = 27;
  config.tile[1].rate_mantissa = 50000;
  config.tile[1].rate_shift = 28;
  return config;
}

std::vector<Sample> random_samples(std::size_t count) {
  std::vector<Sample> samples(count);
  std::uint32_t s = 777;
  for (Sample& sample : samples) {
    for (std::size_t j = 0; j < widths[0]; ++j) {
      s = advance(s);
      sample.input.push_back((s >> 16) % 3 == 0 ? 0 : static_cast<std::uint16_t>(s & 0xffU));
    }
    for (auto& codes : sample.codes) {
      for (std::size_t i = 0; i < widths[1] + widths[2]; ++i) {
        s = advance(s);
        codes.push_back((static_cast<std::int32_t>((s >> 8) % 41) - 20) * 5);
      }
    }
  }
  return samples;
}

// Net pulses of every cell of a tile, row by row.
struct Net {
  explicit Net(std::size_t t) : tile(t), net((widths[t] + 1) * widths[t + 1], 0) {}
  void operator()(const ControllerOutputs& out) { count_coincidences(out, tile, net); }

  std::size_t tile;
  std::vector<int> net;
};

TEST(Accumulate, OfOneUnitIsThePulseCount) {
  for (const bool product : {false, true}) {
    Controller u1(config_of(UpdateCircuit::pulse_count, product));
    Controller u7(config_of(UpdateCircuit::accumulate, product));
    for (const Sample& sample : random_samples(20)) {
      std::vector<ControllerOutputs> expected;
      run_sample(u1, sample, [&](const ControllerOutputs& out) { expected.push_back(out); });
      std::size_t cycle = 0;
      run_sample(u7, sample, [&](const ControllerOutputs& out) {
        ASSERT_LT(cycle, expected.size());
        EXPECT_EQ(out.phase, expected[cycle].phase);
        EXPECT_EQ(out.upd_pol, expected[cycle].upd_pol);
        EXPECT_EQ(out.row_pulse, expected[cycle].row_pulse);
        EXPECT_EQ(out.col_pulse, expected[cycle].col_pulse);
        ++cycle;
      });
      EXPECT_EQ(cycle, expected.size());
    }
    EXPECT_GT(u1.counters().pulses_up[0], 100U);
    for (std::size_t t = 0; t < 2; ++t) {
      for (const std::int32_t a : u7.accumulators(t)) EXPECT_EQ(a, 0);
    }
  }
}

// U1 with the same registers draws the same counts: they are what U7 adds.
TEST(Accumulate, LosesNothingAndWritesNothingTwice) {
  for (const std::uint32_t most : {1U, 3U, 1000U}) {
    ControllerConfig config = config_of(UpdateCircuit::accumulate);
    config.max_pulses = most;
    config.tile[0].accumulate_threshold = 6;
    config.tile[1].accumulate_threshold = 5;
    for (std::size_t tile = 0; tile < 2; ++tile) {
      Net wanted(tile), written(tile);
      Controller counting(config_of(UpdateCircuit::pulse_count)), accumulating(config);
      for (const Sample& sample : random_samples(60)) {
        run_sample(counting, sample, std::ref(wanted));
        run_sample(accumulating, sample, std::ref(written));
      }
      const auto threshold = static_cast<int>(config.tile[tile].accumulate_threshold);
      const auto left = accumulating.accumulators(tile);
      ASSERT_EQ(left.size(), written.net.size());
      std::size_t over = 0;
      for (std::size_t k = 0; k < left.size(); ++k) {
        EXPECT_EQ(written.net[k] * threshold + left[k], wanted.net[k]) << "cell " << k;
        over += std::abs(left[k]) >= threshold;
      }
      // Only a limit of pulses leaves a cell above its threshold.
      if (most == 1000) {
        EXPECT_EQ(over, 0U);
      }
      if (most == 1) {
        EXPECT_GT(over, 0U);
      }
      EXPECT_EQ(accumulating.counters().pulse_clipped, 0U);
      EXPECT_GT(std::accumulate(wanted.net.begin(), wanted.net.end(), 0,
                                [](int sum, int n) { return sum + std::abs(n); }),
                200);
    }
  }
}

TEST(Accumulate, SaturatesAndCountsIt) {
  ControllerConfig config = config_of(UpdateCircuit::accumulate);
  config.accumulator_bits = 4;
  config.max_pulses = 1;
  for (auto& tile : config.tile) tile.accumulate_threshold = 7;
  Controller controller(config);
  std::uint64_t saturated = 0;
  // One direction only: the wanted change of every visited cell stays the same.
  const Sample sample = random_samples(1)[0];
  for (int turn = 0; turn < 40; ++turn) {
    run_sample(controller, sample);
    for (std::size_t t = 0; t < 2; ++t) {
      for (const std::int32_t a : controller.accumulators(t)) EXPECT_LE(std::abs(a), 7);
    }
    EXPECT_GE(controller.counters().pulse_clipped, saturated);
    saturated = controller.counters().pulse_clipped;
  }
  EXPECT_GT(saturated, 100U);
}

TEST(Accumulate, SavesWhatItHasAccumulated) {
  ControllerConfig config = config_of(UpdateCircuit::accumulate);
  for (auto& tile : config.tile) tile.accumulate_threshold = 20;
  const auto samples = random_samples(20);
  Controller whole(config), first(config), second(config);
  for (const Sample& sample : samples) run_sample(whole, sample);
  for (std::size_t k = 0; k < 9; ++k) run_sample(first, samples[k]);
  // Restored over another past.
  run_sample(second, samples[15]);
  second.restore(first.save());
  for (std::size_t k = 9; k < samples.size(); ++k) run_sample(second, samples[k]);
  EXPECT_EQ(second.save(), whole.save());
  EXPECT_EQ(second.counters().pulses_up, whole.counters().pulses_up);

  config.accumulator_bits = 6;
  Controller narrow(config);
  std::int32_t largest = 0;
  for (const std::int32_t a : whole.accumulators(0)) largest = std::max(largest, std::abs(a));
  if (largest <= 31) {
    narrow.restore(whole.save());
    EXPECT_EQ(narrow.save(), whole.save());
  }
  config.accumulator_bits = 2;
  for (auto& tile : config.tile) tile.accumulate_threshold = 1;
  Controller narrowest(config);
  EXPECT_THROW(narrowest.restore(whole.save()), UserError);
  Controller other(config_of(UpdateCircuit::pulse_count));
  EXPECT_THROW(other.restore(whole.save()), UserError);
}

TEST(Accumulate, ForgetsInAReset) {
  ControllerConfig config = config_of(UpdateCircuit::accumulate);
  for (auto& tile : config.tile) tile.accumulate_threshold = 200;
  Controller controller(config);
  const auto fresh = controller.save();
  for (const Sample& sample : random_samples(3)) run_sample(controller, sample);
  EXPECT_NE(controller.save(), fresh);
  ControllerInputs in;
  in.rst_n = false;
  controller.step(in);
  EXPECT_EQ(controller.save(), fresh);
}

TEST(Accumulate, RefusesThresholdsThatNoCounterReaches) {
  for (const auto& [bits, threshold] :
       {std::pair{8U, 0U}, {8U, 128U}, {2U, 2U}, {1U, 1U}, {25U, 1U}}) {
    ControllerConfig config = config_of(UpdateCircuit::accumulate);
    config.accumulator_bits = bits;
    config.tile[0].accumulate_threshold = config.tile[1].accumulate_threshold = threshold;
    EXPECT_THROW(Controller{config}, UserError) << bits << " bits, threshold " << threshold;
    config.circuit = UpdateCircuit::pulse_count;
    EXPECT_NO_THROW(Controller{config});
  }
}

}  // namespace
}  // namespace memprop::digital
