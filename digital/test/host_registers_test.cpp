#include "digital/host_registers.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "solvers/error.hpp"

namespace memprop::digital {
namespace {

double u1_rate(const TileUpdateRegisters& tile) {
  return std::ldexp(tile.rate_mantissa, -static_cast<int>(tile.rate_shift));
}

TEST(HostRegisters, PulsesPerCodeProduct) {
  // dw = 0.1 * (200 / 255) * (13 / 511); a pulse is worth 0.002.
  const double r = pulses_per_code_product(0.1, 1.0 / 255, 1.0 / 511, 0.002);
  EXPECT_NEAR(r * 200 * 13, 0.1 * 200 / 255 * 13 / 511 / 0.002, 1e-12);
  EXPECT_THROW(pulses_per_code_product(-0.1, 1, 1, 1), UserError);
  EXPECT_THROW(pulses_per_code_product(NAN, 1, 1, 1), UserError);
  EXPECT_THROW(pulses_per_code_product(0.1, 0, 1, 1), UserError);
  EXPECT_THROW(pulses_per_code_product(0.1, 1, 1, 0), UserError);
}

TEST(HostRegisters, PulseCountRateToSixteenBits) {
  for (double rate = 0.9; rate > 1e-15; rate *= 0.37) {
    TileUpdateRegisters tile;
    set_pulse_count_rate(tile, rate);
    EXPECT_LT(tile.rate_mantissa, 65536U);
    EXPECT_GE(tile.rate_mantissa, 32768U);
    EXPECT_GE(tile.rate_shift, 16U);
    EXPECT_LE(tile.rate_shift, 80U);
    EXPECT_NEAR(u1_rate(tile) / rate, 1.0, 1.0 / 65536) << rate;
  }
}

TEST(HostRegisters, PulseCountRateAtItsLimits) {
  TileUpdateRegisters tile;
  set_pulse_count_rate(tile, 0.5);
  EXPECT_EQ(tile.rate_mantissa, 32768U);
  EXPECT_EQ(tile.rate_shift, 16U);
  set_pulse_count_rate(tile, 65535.0 / 65536);
  EXPECT_EQ(tile.rate_mantissa, 65535U);
  EXPECT_EQ(tile.rate_shift, 16U);
  set_pulse_count_rate(tile, 0.5 - std::ldexp(1, -30));  // rounds up into the next binade
  EXPECT_EQ(u1_rate(tile), 0.5);
  set_pulse_count_rate(tile, 0.0);
  EXPECT_EQ(tile.rate_mantissa, 0U);
  set_pulse_count_rate(tile, std::ldexp(1, -73));
  EXPECT_EQ(tile.rate_mantissa, 128U);
  EXPECT_EQ(tile.rate_shift, 80U);
  EXPECT_THROW(set_pulse_count_rate(tile, 1.0), UserError);
  EXPECT_THROW(set_pulse_count_rate(tile, 0.999999), UserError);
  EXPECT_THROW(set_pulse_count_rate(tile, std::ldexp(1, -75)), UserError);
  EXPECT_THROW(set_pulse_count_rate(tile, -0.1), UserError);
  EXPECT_THROW(set_pulse_count_rate(tile, INFINITY), UserError);
}

double probability(std::uint32_t mantissa, std::uint32_t shift, double code) {
  return code * std::ldexp(mantissa, -static_cast<int>(shift) - 16);
}

TEST(HostRegisters, StochasticRateIsSplitEvenly) {
  for (const double rate : {1e-3, 4.5e-6, 1e-9}) {
    for (const double x : {1.0, 255.0, 511.0}) {
      for (const double d : {3.0, 1022.0}) {
        TileUpdateRegisters tile;
        if (rate * x * d > 31) continue;
        const PeakProbability peak = set_stochastic_rate(tile, rate, 31, x, d);
        const double p = probability(tile.row_mantissa, tile.row_shift, x);
        const double q = probability(tile.col_mantissa, tile.col_shift, d);
        EXPECT_NEAR(31 * p * q / (rate * x * d), 1.0, 2.0 / 65536);
        EXPECT_NEAR(p / q, 1.0, 2.0 / 65536);
        EXPECT_NEAR(p / peak.row, 1.0, 1.0 / 65536);
        EXPECT_LE(p, 1.0);
        EXPECT_LE(q, 1.0);
        EXPECT_LT(tile.row_mantissa, 65536U);
        EXPECT_LT(tile.col_mantissa, 65536U);
      }
    }
  }
}

TEST(HostRegisters, StochasticRateAtItsLimits) {
  TileUpdateRegisters tile;
  // A binary line that always fires.
  set_stochastic_rate(tile, 31.0, 31, 1.0, 1.0);
  EXPECT_EQ(tile.row_mantissa, 65535U);
  EXPECT_EQ(tile.row_shift, 0U);
  // More than BL pulses wanted at the peak: both lines saturate there, the product stays right for
  // small codes.
  const PeakProbability peak = set_stochastic_rate(tile, 0.01, 31, 255.0, 511.0);
  EXPECT_GT(peak.row, 1.0);
  EXPECT_EQ(peak.row, peak.col);
  EXPECT_NEAR(31 * probability(tile.row_mantissa, tile.row_shift, 1) *
                  probability(tile.col_mantissa, tile.col_shift, 1),
              0.01, 0.01 * 2 / 65536);
  set_stochastic_rate(tile, 0.0, 31, 255.0, 511.0);
  EXPECT_EQ(tile.row_mantissa, 0U);
  EXPECT_THROW(set_stochastic_rate(tile, 100.0, 31, 1.0, 1.0), UserError);
  EXPECT_THROW(set_stochastic_rate(tile, -1.0, 31, 1.0, 1.0), UserError);
  EXPECT_THROW(set_stochastic_rate(tile, 1e-3, 0, 1.0, 1.0), UserError);
  EXPECT_THROW(set_stochastic_rate(tile, 1e-3, 31, 0.0, 1.0), UserError);
}

TEST(HostRegisters, ThresholdCodes) {
  // |code| > result exactly where |code| * lsb > threshold.
  for (const double threshold : {0.0, 0.1, 0.125, 0.13, 0.999}) {
    const double lsb = 1.0 / 64;
    const std::uint32_t result = threshold_code(threshold, lsb);
    for (std::uint32_t code = 0; code < 64; ++code) {
      EXPECT_EQ(code > result, code * lsb > threshold) << threshold << " " << code;
    }
  }
  EXPECT_THROW(threshold_code(-0.1, 1.0), UserError);
  EXPECT_THROW(threshold_code(1.0, 0.0), UserError);
}

}  // namespace
}  // namespace memprop::digital
