// Update circuit U1: exact cases, the cycle count, and the statistics of stochastic rounding.
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "digital/shift_register.hpp"
#include "digital/test/sample_driver.hpp"

namespace memprop::digital {
namespace {

// One tile; d = codes of the positive phase, the negative phase reads zero.
Sample difference_sample(std::vector<std::uint16_t> x, std::vector<std::int32_t> d) {
  Sample sample;
  sample.input = std::move(x);
  sample.codes[0].assign(d.size(), 0);
  sample.codes[2].assign(d.size(), 0);
  sample.codes[1] = std::move(d);
  return sample;
}

// "S 0: 1 2" is a SET slot of row 0 and columns 1 and 2, "." a cycle without pulses.
std::vector<std::string> update_cycles(Controller& controller, const Sample& sample,
                                       std::size_t tile = 0) {
  std::vector<std::string> cycles;
  run_sample(controller, sample, [&](const ControllerOutputs& out) {
    if (out.phase != Phase::update) {
      EXPECT_FALSE(out.upd_en);
      EXPECT_FALSE(out.row_pulse[tile].any());
      EXPECT_FALSE(out.col_pulse[tile].any());
      EXPECT_EQ(out.upd_pol[tile], 0);
      return;
    }
    if (!out.row_pulse[tile].any()) {
      EXPECT_FALSE(out.col_pulse[tile].any());
      EXPECT_EQ(out.upd_pol[tile], 0);
      cycles.emplace_back(".");
      return;
    }
    EXPECT_TRUE(out.upd_en);
    std::string text = out.upd_pol[tile] != 0 ? "S" : "R";
    out.row_pulse[tile].for_each([&](std::size_t j) { text += " " + std::to_string(j); });
    text += ":";
    out.col_pulse[tile].for_each([&](std::size_t i) { text += " " + std::to_string(i); });
    cycles.push_back(text);
  });
  return cycles;
}

using Cycles = std::vector<std::string>;

TEST(PulseCount, ExactSlotsWhereTheRateLeavesNoFraction) {
  ControllerConfig config = make_config({4, 3}, UpdateCircuit::pulse_count);
  config.tile[0].rate_mantissa = 0x4000;  // 1/4 pulse per unit of code product
  config.tile[0].rate_shift = 16;
  Controller controller(config);
  // D rows: (4, -8, 0), skipped, (8, -16, 0), and 1/4 of them: (1, -2, 0), (2, -4, 0).
  const Cycles found = update_cycles(controller, difference_sample({4, 0, 8, 0}, {1, -2, 0}));
  const Cycles expected = {"S 0: 0", "R 0: 1", "R 0: 1", "S 2: 0", "S 2: 0",
                           "R 2: 1", "R 2: 1", "R 2: 1", "R 2: 1"};
  EXPECT_EQ(found, expected);
  EXPECT_EQ(controller.counters().pulses_up[0], 3U);
  EXPECT_EQ(controller.counters().pulses_down[0], 6U);
  EXPECT_EQ(controller.counters().pulse_clipped, 0U);
  EXPECT_EQ(controller.counters().update_cycles, 9U);
}

TEST(PulseCount, ClippedCountsAreCutAndCounted) {
  ControllerConfig config = make_config({2, 3}, UpdateCircuit::pulse_count);
  config.tile[0].rate_mantissa = 0x8000;  // 1/2
  config.tile[0].rate_shift = 16;
  config.max_pulses = 2;
  Controller controller(config);
  // Halves of (6, 4, -10): 3, 2, -5.
  const Cycles found = update_cycles(controller, difference_sample({2, 0}, {3, 2, -5}));
  EXPECT_EQ(found, (Cycles{"S 0: 0 1", "S 0: 0 1", "R 0: 2", "R 0: 2"}));
  EXPECT_EQ(controller.counters().pulse_clipped, 2U);
}

TEST(PulseCount, RowsWithoutPulsesTakeOneCycleAndAnEmptyUpdateTakesOne) {
  ControllerConfig config = make_config({3, 2}, UpdateCircuit::pulse_count);
  config.tile[0].rate_mantissa = 0x4000;
  config.tile[0].rate_shift = 16;
  Controller controller(config);
  EXPECT_EQ(update_cycles(controller, difference_sample({4, 4, 0}, {0, 0})), (Cycles{".", "."}));
  EXPECT_EQ(update_cycles(controller, difference_sample({0, 0, 0}, {5, 5})), (Cycles{"."}));
}

TEST(PulseCount, BiasRowIsTheLastRowAtFullScale) {
  ControllerConfig config = make_config({2, 2, 1}, UpdateCircuit::pulse_count);
  config.bias = true;
  config.x_full_scale = 4;
  config.adc_full_scale = 8;
  for (auto& tile : config.tile) {
    tile.rate_mantissa = 0x4000;  // 1/4
    tile.rate_shift = 16;
  }
  Sample sample;
  sample.input = {0, 0};
  sample.codes[0] = {0, 0, 0};
  sample.codes[1] = {1, -1, 1};
  sample.codes[2] = {0, 0, 0};
  Controller controller(config);
  EXPECT_EQ(update_cycles(controller, sample, 0), (Cycles{"S 2: 0", "R 2: 1"}));
  EXPECT_EQ(update_cycles(controller, sample, 1), (Cycles{"S 2: 0", "S 2: 0"}));
}

TEST(PulseCount, ProductDifferenceOfTwoTiles) {
  ControllerConfig config = make_config({1, 2, 1}, UpdateCircuit::pulse_count);
  config.product_form = true;
  for (auto& tile : config.tile) {
    tile.rate_mantissa = 0x8000;  // 1/2
    tile.rate_shift = 16;
  }
  Sample sample;
  sample.input = {2};
  sample.codes[0] = {100, 100, 100};  // the free codes do not enter the centred difference
  sample.codes[1] = {3, -4, 2};
  sample.codes[2] = {1, -4, -6};
  Controller controller(config);
  // Tile 0: 2 * (3 - 1) / 2 = 2, 0. Tile 1: (3*2 - 1*(-6)) / 2 = 6, (-4*2 - (-4)(-6)) / 2 = -16.
  const Cycles first = update_cycles(controller, sample, 0);
  ASSERT_EQ(first.size(), 22U);
  EXPECT_EQ(first[0], "S 0: 0");
  EXPECT_EQ(first[1], "S 0: 0");
  for (std::size_t k = 2; k < first.size(); ++k) EXPECT_EQ(first[k], ".");
  const Cycles second = update_cycles(controller, sample, 1);
  ASSERT_EQ(second.size(), 22U);
  for (std::size_t k = 0; k < 6; ++k) EXPECT_EQ(second[k], "S 0: 0");
  for (std::size_t k = 6; k < 22; ++k) EXPECT_EQ(second[k], "R 1: 0");
}

TEST(PulseCount, CodesOfIdealConvertersKeepEveryBit) {
  ControllerConfig config = make_config({1, 2, 3}, UpdateCircuit::pulse_count);
  config.adc_full_scale = 0x7fffffff;
  config.max_pulses = 100;
  config.tile[0].rate_mantissa = 0;
  config.tile[1].rate_mantissa = 0x8000;  // 2^-60
  config.tile[1].rate_shift = 75;
  Sample sample;
  sample.input = {0};
  sample.codes[0] = {1 << 30, -(1 << 30), 0, 0, 0};
  sample.codes[1] = {0, 0, 1 << 30, 0x7fffffff, -(1 << 30)};
  sample.codes[2] = {0, 0, -(1 << 30), -0x7fffffff - 1, 0};
  // d = (2^31, 2^32 - 1, -2^30); x = +-2^30: d x / 2^60 = +-(2, 4 - 2^-30, -1). The fraction cut to
  // 16 bits is 65535 / 65536: rounded up unless the draw is 0.
  Controller controller(config);
  const Cycles found = update_cycles(controller, sample, 1);
  EXPECT_EQ(found, (Cycles{"S 0: 0 1", "S 0: 0 1", "S 0: 1", "S 0: 1", "R 0: 2", "S 1: 2",
                           "R 1: 0 1", "R 1: 0 1", "R 1: 1", "R 1: 1"}));
}

TEST(PulseCount, WideArithmeticGivesTheCountsOfTheNarrowOne) {
  for (const bool product : {false, true}) {
    ControllerConfig config = make_config({40, 33, 17}, UpdateCircuit::pulse_count);
    config.product_form = product;
    for (auto& tile : config.tile) {
      tile.rate_mantissa = 51234;
      tile.rate_shift = 27;
    }
    ControllerConfig wide = config;
    wide.adc_full_scale = 0x7fffffff;  // the same codes, but none of the bounds holds
    Sample sample;
    std::uint32_t s = 1;
    for (int j = 0; j < 40; ++j) sample.input.push_back((s = advance(s)) & 0xffU);
    for (auto& codes : sample.codes) {
      for (int i = 0; i < 50; ++i) {
        s = advance(s);
        codes.push_back(static_cast<std::int32_t>(s % 1024) - 512);
      }
    }
    Controller a(config), b(wide);
    for (std::size_t tile = 0; tile < 2; ++tile) {
      EXPECT_EQ(update_cycles(a, sample, tile), update_cycles(b, sample, tile));
    }
    EXPECT_GT(a.counters().pulses_up[0] + a.counters().pulses_down[0], 100U);
  }
}

TEST(PulseCount, UpdateCyclesFollowTheFormula) {
  ControllerConfig config = make_config({30, 20, 10}, UpdateCircuit::pulse_count);
  config.bias = true;
  config.max_pulses = 5;
  for (auto& tile : config.tile) {
    tile.rate_mantissa = 50000;
    tile.rate_shift = 29;
  }
  Controller controller(config);
  std::uint32_t s = 99;
  for (int repeat = 0; repeat < 50; ++repeat) {
    Sample sample;
    for (int j = 0; j < 30; ++j) {
      s = advance(s);
      sample.input.push_back(s >> 31 ? 0 : static_cast<std::uint16_t>(s & 0xffU));
    }
    for (auto& codes : sample.codes) {
      for (int i = 0; i < 30; ++i) {
        s = advance(s);
        codes.push_back(static_cast<std::int32_t>((s >> 4) % 301) - 150);
      }
    }
    std::vector<int> up[2], down[2];
    for (std::size_t t = 0; t < 2; ++t) {
      up[t].assign((config.widths[t] + 1) * config.widths[t + 1], 0);
      down[t] = up[t];
    }
    const SampleTiming timing = run_sample(controller, sample, [&](const ControllerOutputs& out) {
      for (std::size_t t = 0; t < 2; ++t) {
        count_coincidences(out, t, out.upd_pol[t] != 0 ? up[t] : down[t]);
      }
    });
    std::uint64_t longest = 1;
    for (std::size_t t = 0; t < 2; ++t) {
      std::uint64_t cycles = 0;
      const std::size_t columns = config.widths[t + 1];
      for (std::size_t j = 0; j <= config.widths[t]; ++j) {
        const bool bias = j == config.widths[t];
        if (!bias && (t == 0 ? sample.input[j] : sample.codes[0][j]) == 0) continue;
        int most_up = 0, most_down = 0;
        for (std::size_t i = 0; i < columns; ++i) {
          most_up = std::max(most_up, up[t][j * columns + i]);
          most_down = std::max(most_down, -down[t][j * columns + i]);
        }
        cycles += static_cast<std::uint64_t>(std::max(1, most_up + most_down));
      }
      longest = std::max(longest, cycles);
    }
    ASSERT_EQ(timing.update, longest);
    ASSERT_EQ(timing.busy, 1U + 1 + 3 * 1 + 2 + 3 * 2 + longest);
  }
}

// Pulses of every cell, sample by sample, for the same codes again and again.
struct Statistics {
  std::vector<double> mean;
  std::vector<std::vector<int>> counts;  // [sample][cell]
};

Statistics repeat(Controller& controller, const Sample& sample, int samples) {
  const std::size_t cells = controller.config().widths[0] * controller.config().widths[1];
  Statistics result;
  result.mean.assign(cells, 0.0);
  for (int k = 0; k < samples; ++k) {
    std::vector<int> net(cells, 0);
    run_sample(controller, sample,
               [&](const ControllerOutputs& out) { count_coincidences(out, 0, net); });
    for (std::size_t c = 0; c < cells; ++c) result.mean[c] += net[c] / double(samples);
    result.counts.push_back(std::move(net));
  }
  return result;
}

TEST(PulseCount, MeanIsTheWantedChange) {
  ControllerConfig config = make_config({6, 5}, UpdateCircuit::pulse_count);
  config.tile[0].rate_mantissa = 40000;
  config.tile[0].rate_shift = 27;
  Controller controller(config);
  const Sample sample = difference_sample({1, 17, 64, 100, 200, 255}, {3, -40, 90, -7, 300});
  constexpr int samples = 20000;
  const Statistics found = repeat(controller, sample, samples);
  for (std::size_t j = 0; j < 6; ++j) {
    for (std::size_t i = 0; i < 5; ++i) {
      const double wanted = double(sample.input[j]) * sample.codes[1][i] * 40000 / 134217728.0;
      const double f = std::abs(wanted) - std::floor(std::abs(wanted));
      // Stochastic rounding: variance f (1 - f); the cut fraction is at most 2^-16 too small.
      const double error = std::sqrt(f * (1 - f) / samples);
      EXPECT_NEAR(found.mean[j * 5 + i], wanted, 4 * error + 1.0 / 65536) << j << " " << i;
    }
  }
}

TEST(PulseCount, NeighbouringDrawsAreUncorrelated) {
  ControllerConfig config = make_config({4, 48}, UpdateCircuit::pulse_count);
  config.tile[0].rate_mantissa = 0x8000;  // with |D| = 1: pulses with probability 1/2
  config.tile[0].rate_shift = 16;
  Controller controller(config);
  const Sample sample = difference_sample({1, 1, 1, 1}, std::vector<std::int32_t>(48, 1));
  constexpr int samples = 4000;
  const Statistics found = repeat(controller, sample, samples);
  const auto correlation = [&](std::size_t a, std::size_t b) {
    double sum = 0;
    for (const auto& counts : found.counts) sum += (counts[a] - 0.5) * (counts[b] - 0.5) * 4;
    return sum / samples;
  };
  // 4.5 standard errors: 330 pairs, so one false alarm in 400 seeds.
  const double limit = 4.5 / std::sqrt(samples);
  for (std::size_t j = 0; j < 4; ++j) {
    for (std::size_t i = 0; i + 1 < 48; ++i) {
      EXPECT_LT(std::abs(correlation(j * 48 + i, j * 48 + i + 1)), limit) << j << " " << i;
    }
  }
  for (std::size_t j = 0; j + 1 < 4; ++j) {
    for (std::size_t i = 0; i < 48; ++i) {
      EXPECT_LT(std::abs(correlation(j * 48 + i, (j + 1) * 48 + i)), limit) << j << " " << i;
    }
  }
}

}  // namespace
}  // namespace memprop::digital
