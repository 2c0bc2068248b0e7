// Update circuits U2 (stochastic coincidence) and U3 (sign-sign).
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "digital/host_registers.hpp"
#include "digital/sign_passes.hpp"
#include "digital/test/sample_driver.hpp"

namespace memprop::digital {
namespace {

Sample one_tile_sample(std::vector<std::uint16_t> x, std::vector<std::int32_t> plus,
                       std::vector<std::int32_t> minus) {
  Sample sample;
  sample.input = std::move(x);
  sample.codes[0].assign(plus.size(), 0);
  sample.codes[1] = std::move(plus);
  sample.codes[2] = std::move(minus);
  return sample;
}

struct Moments {
  std::vector<double> mean, variance;
};

// Of the net pulses per cell of the only tile.
Moments moments(Controller& controller, const Sample& sample, int samples) {
  const std::size_t cells = controller.config().widths[0] * controller.config().widths[1];
  std::vector<double> sum(cells, 0.0), squares(cells, 0.0);
  for (int k = 0; k < samples; ++k) {
    std::vector<int> net(cells, 0);
    run_sample(controller, sample,
               [&](const ControllerOutputs& out) { count_coincidences(out, 0, net); });
    for (std::size_t c = 0; c < cells; ++c) {
      sum[c] += net[c];
      squares[c] += double(net[c]) * net[c];
    }
  }
  Moments result;
  for (std::size_t c = 0; c < cells; ++c) {
    const double mean = sum[c] / samples;
    result.mean.push_back(mean);
    result.variance.push_back((squares[c] / samples - mean * mean) * samples / (samples - 1));
  }
  return result;
}

TEST(Coincidence, PackedLinesAreTheBytesInOrder) {
  for (const std::size_t size : {1U, 15U, 16U, 64U, 65U, 130U}) {
    std::vector<std::uint8_t> high((size + 15) / 16 * 16, 0);
    std::size_t expected = 0;
    for (std::size_t i = 0; i < size; ++i) {
      high[i] = (i * i + i / 3) % 3 == 0;
      expected += high[i];
    }
    BitVector lines(size);
    EXPECT_EQ(pack_lines(high, lines), expected);
    for (std::size_t i = 0; i < size; ++i) EXPECT_EQ(lines.test(i), high[i] != 0) << size;
  }
}

TEST(StochasticCoincidence, MeanAndVarianceAreThoseOfTheBinomial) {
  ControllerConfig config = make_config({4, 5}, UpdateCircuit::stochastic);
  config.stream_length = 31;
  config.tile[0].row_mantissa = 40000;  // p = 40000 |x| / 2^24
  config.tile[0].row_shift = 8;
  config.tile[0].col_mantissa = 50000;  // q = 50000 |d| / 2^23
  config.tile[0].col_shift = 7;
  Controller controller(config);
  const Sample sample =
      one_tile_sample({255, 100, 0, 20}, {90, 0, -60, 5, 200}, {-20, 30, 0, 5, -100});
  constexpr int samples = 20000;
  const Moments found = moments(controller, sample, samples);
  for (std::size_t j = 0; j < 4; ++j) {
    const double p = sample.input[j] * 40000 / 256 / 65536.0;
    for (std::size_t i = 0; i < 5; ++i) {
      const int d = sample.codes[1][i] - sample.codes[2][i];
      const double q = std::min(65535, std::abs(d) * 50000 / 128) / 65536.0;
      const double pq = p * q;
      const double variance = 31 * pq * (1 - pq);
      const double mean = (d < 0 ? -31 : 31) * pq;
      SCOPED_TRACE("cell " + std::to_string(j) + " " + std::to_string(i));
      EXPECT_NEAR(found.mean[j * 5 + i], mean, 4 * std::sqrt(variance / samples));
      // Fourth central moment of the binomial: variance^2 (3 - 6/BL) + variance; the standard error
      // of a sample variance is sqrt((m4 - variance^2) / N).
      const double m4 = variance * variance * (3 - 6.0 / 31) + variance;
      EXPECT_NEAR(found.variance[j * 5 + i], variance,
                  4 * std::sqrt((m4 - variance * variance) / samples));
    }
  }
}

// From the rate to the pulses: x = 0.5, d = +-0.4, rate 0.01, pulses of 0.001 in streams of 31
// slots are to give rate x d / 0.001 = +-2 pulses per update.
TEST(StochasticCoincidence, MeanOfManyUpdatesIsTheWantedChange) {
  constexpr double rate = 0.01, weight_step = 0.001, lsb = 1e-3;
  constexpr int updates = 100000;
  for (const int sign : {1, -1}) {
    ControllerConfig config = make_config({1, 1}, UpdateCircuit::stochastic);
    config.stream_length = 31;
    config.x_full_scale = 1000;
    const double pulses = pulses_per_code_product(rate, lsb, lsb, weight_step);
    const auto peak = set_stochastic_rate(config.tile[0], pulses, 31, 1000.0, 1000.0);
    EXPECT_LT(peak.row, 1.0);  // nothing saturates
    Controller controller(config);
    const Moments found =
        moments(controller, one_tile_sample({500}, {200 * sign}, {-200 * sign}), updates);
    const double p = 2.0 / 31.0, deviation = std::sqrt(31 * p * (1 - p));
    EXPECT_NEAR(found.mean[0], 2.0 * sign, 4 * deviation / std::sqrt(double(updates)));
    EXPECT_NEAR(found.variance[0], deviation * deviation, 0.03);
  }
}

TEST(StochasticCoincidence, PassesSignsAndPolarities) {
  // Thresholds at their largest: every line with a fitting sign fires but once in 65536 slots.
  ControllerConfig config = make_config({1, 3, 2}, UpdateCircuit::stochastic);
  config.stream_length = 2;
  for (auto& tile : config.tile) tile = {0, 16, 65535, 0, 65535, 0, 0, 0};
  Sample sample;
  sample.input = {1};
  sample.codes[0] = {5, -5, 0, 0, 0};
  sample.codes[1] = {1, 0, 0, 3, 0};
  sample.codes[2] = {0, 2, 0, 0, 4};
  Controller controller(config);
  std::vector<std::string> cycles;
  run_sample(controller, sample, [&](const ControllerOutputs& out) {
    if (out.phase != Phase::update) return;
    std::string text;
    for (std::size_t t = 0; t < 2; ++t) {
      text += out.upd_pol[t] != 0 ? "S" : "R";
      out.row_pulse[t].for_each([&](std::size_t j) { text += " r" + std::to_string(j); });
      out.col_pulse[t].for_each([&](std::size_t i) { text += " c" + std::to_string(i); });
      text += t == 0 ? ", " : "";
    }
    cycles.push_back(text);
  });
  // Tile 0: x = +1, d = (+, -, 0). Tile 1: x = (+, -, 0), d = (+, -).
  const std::vector<std::string> expected = {
      "S r0 c0, S r0 c0", "S r0 c0, S r0 c0", "S c1, S r1 c1", "S c1, S r1 c1",
      "R r0 c1, R r0 c1", "R r0 c1, R r0 c1", "R c0, R r1 c0", "R c0, R r1 c0"};
  EXPECT_EQ(cycles, expected);
  EXPECT_EQ(controller.counters().pulses_up[0], 2U);
  EXPECT_EQ(controller.counters().pulses_down[0], 2U);
  EXPECT_EQ(controller.counters().pulses_up[1], 4U);
  EXPECT_EQ(controller.counters().pulses_down[1], 4U);
}

TEST(StochasticCoincidence, UpdateCyclesArePassesTimesStreamLength) {
  const auto cycles = [](std::vector<std::size_t> widths, bool product) {
    ControllerConfig config = make_config(std::move(widths), UpdateCircuit::stochastic);
    config.stream_length = 31;
    config.product_form = product;
    Controller controller(config);
    Sample sample;
    sample.input.assign(config.widths[0], 0);
    for (auto& codes : sample.codes) codes.assign(controller.latched(0).size(), 0);
    return run_sample(controller, sample).update;
  };
  EXPECT_EQ(cycles({3, 2}, false), 2U * 31);
  EXPECT_EQ(cycles({3, 2, 2}, false), 4U * 31);
  EXPECT_EQ(cycles({3, 2}, true), 4U * 31);
  EXPECT_EQ(cycles({3, 2, 2}, true), 8U * 31);
}

TEST(StochasticCoincidence, ProductDifferenceWithCommonRandomNumbers) {
  ControllerConfig config = make_config({3, 4}, UpdateCircuit::stochastic);
  config.product_form = true;
  config.stream_length = 31;
  config.tile[0].row_mantissa = 40000;
  config.tile[0].row_shift = 8;
  config.tile[0].col_mantissa = 50000;
  config.tile[0].col_shift = 7;
  Controller controller(config);
  // Equal codes in both states: every pulse is taken back.
  std::vector<int> net(12, 0);
  run_sample(controller, one_tile_sample({255, 90, 10}, {150, -150, 70, 3}, {150, -150, 70, 3}),
             [&](const ControllerOutputs& out) { count_coincidences(out, 0, net); });
  EXPECT_EQ(net, std::vector<int>(12, 0));
  EXPECT_GT(controller.counters().pulses_up[0], 0U);
  // Codes that differ by little: the mean is the difference, and the variance that of the slots in
  // which only one of both fires, BL p (q+ - q-), far below the sum BL p (q+ + q-) of two
  // independent streams.
  const Sample sample = one_tile_sample({255, 90, 10}, {150, -150, 70, 3}, {140, -145, 80, -3});
  constexpr int samples = 20000;
  const Moments found = moments(controller, sample, samples);
  for (std::size_t j = 0; j < 3; ++j) {
    const double p = sample.input[j] * 40000 / 256 / 65536.0;
    for (std::size_t i = 0; i < 4; ++i) {
      const int plus = sample.codes[1][i], minus = sample.codes[2][i];
      const auto q = [](int code) { return std::abs(code) * 50000 / 128 / 65536.0; };
      const double mean =
          31 * p * ((plus < 0 ? -1 : 1) * q(plus) - (minus < 0 ? -1 : 1) * q(minus));
      SCOPED_TRACE("cell " + std::to_string(j) + " " + std::to_string(i));
      const double error = std::sqrt(found.variance[j * 4 + i] / samples);
      EXPECT_NEAR(found.mean[j * 4 + i], mean, 4 * error);
      if (i == 3) continue;  // the sign changes: nothing is common
      const double only_one = p * std::abs(q(plus) - q(minus));
      const double variance = 31 * only_one * (1 - only_one);
      const double m4 = variance * variance * (3 - 6.0 / 31) + variance;
      EXPECT_NEAR(found.variance[j * 4 + i], variance,
                  4 * std::sqrt((m4 - variance * variance) / samples));
    }
  }
}

TEST(StochasticCoincidence, LinesAreUncorrelated) {
  ControllerConfig config = make_config({24, 24}, UpdateCircuit::stochastic);
  config.stream_length = 20000;
  config.tile[0] = {0, 16, 32768, 0, 32768, 0, 0, 0};  // p = q = 1/2
  Controller controller(config);
  const Sample sample =
      one_tile_sample(std::vector<std::uint16_t>(24, 1), std::vector<std::int32_t>(24, 1),
                      std::vector<std::int32_t>(24, 0));
  std::vector<std::vector<int>> slots;  // +-1 per line, rows then columns
  run_sample(controller, sample, [&](const ControllerOutputs& out) {
    if (out.phase != Phase::update || slots.size() == 20000) return;
    std::vector<int> lines;
    for (std::size_t k = 0; k < 24; ++k) lines.push_back(out.row_pulse[0].test(k) ? 1 : -1);
    for (std::size_t k = 0; k < 24; ++k) lines.push_back(out.col_pulse[0].test(k) ? 1 : -1);
    slots.push_back(lines);
  });
  ASSERT_EQ(slots.size(), 20000U);
  // All 1128 pairs of lines and every line with itself one slot later: 5 standard errors.
  const double limit = 5 / std::sqrt(20000.0);
  for (std::size_t a = 0; a < 48; ++a) {
    for (std::size_t b = a; b < 48; ++b) {
      double sum = 0;
      const std::size_t lag = a == b ? 1 : 0;
      for (std::size_t k = 0; k + lag < slots.size(); ++k) sum += slots[k][a] * slots[k + lag][b];
      EXPECT_LT(std::abs(sum / 20000), limit) << a << " " << b;
    }
  }
}

TEST(SignSign, OnePulseWhereBothMagnitudesExceedTheirThresholds) {
  ControllerConfig config = make_config({3, 4, 2}, UpdateCircuit::sign_sign);
  for (auto& tile : config.tile) {
    tile.row_threshold = 10;
    tile.col_threshold = 5;
  }
  Sample sample;
  sample.input = {10, 11, 200};
  sample.codes[0] = {50, -50, 10, -11, 0, 0};
  sample.codes[1] = {3, -3, 6, -5, 4, -4};
  sample.codes[2] = {-3, 3, 1, 0, -2, 2};
  Controller controller(config);
  std::vector<int> net[2] = {std::vector<int>(12, 0), std::vector<int>(8, 0)};
  const SampleTiming timing = run_sample(controller, sample, [&](const ControllerOutputs& out) {
    for (std::size_t t = 0; t < 2; ++t) count_coincidences(out, t, net[t]);
  });
  EXPECT_EQ(timing.update, 4U);
  // d = (6, -6, 5, -5 | 6, -6); x = (10, 11, 200) and (50, -50, 10, -11).
  EXPECT_EQ(net[0], (std::vector<int>{0, 0, 0, 0, 1, -1, 0, 0, 1, -1, 0, 0}));
  EXPECT_EQ(net[1], (std::vector<int>{1, -1, -1, 1, 0, 0, -1, 1}));
}

TEST(SignSign, ProductFormIsRefusedWithTheAlternatives) {
  ControllerConfig config = make_config({3, 2}, UpdateCircuit::sign_sign);
  config.product_form = true;
  try {
    Controller controller(config);
    FAIL() << "accepted";
  } catch (const UserError& error) {
    const std::string text = error.what();
    for (const char* word : {"pulse_count", "stochastic", "simplified"}) {
      EXPECT_NE(text.find(word), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace memprop::digital
