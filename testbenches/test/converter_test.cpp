// Static errors of converters against what their keys state, and the timing of a conversion.
#include <gtest/gtest.h>

#include "hw_models/converter/channel_errors.hpp"
#include "hw_models/converter/input_coding.hpp"
#include "solvers/error.hpp"
#include "testbenches/test/imperfection_fixture.hpp"

namespace memprop::bench {
namespace {

using hw::ChannelErrors;
using hw::SignedScale;

constexpr unsigned bits = 10;
const SignedScale scale{1.0, bits};

hw::AdcConfig converter(double inl, double dnl) {
  hw::AdcConfig c;
  c.bits = bits;
  c.inl = inl;
  c.dnl = dnl;
  return c;
}

// The voltage from which on the channel gives at least `code`, in steps.
double threshold(const ChannelErrors& errors, std::size_t channel, int code) {
  std::uint64_t clipped = 0;
  double low = code - 20.0, high = code + 20.0;
  for (int k = 0; k < 50; ++k) {
    const double middle = 0.5 * (low + high);
    const bool reached =
        errors.convert(channel, middle * scale.lsb_v(), 0.0, scale, clipped) >= code;
    (reached ? high : low) = middle;
  }
  return low;
}

TEST(ConverterErrors, WithoutAnyTheCodeIsTheIdealOne) {
  const ChannelErrors errors(converter(0.0, 0.0), bits, false, 2, 1, "test");
  std::uint64_t clipped = 0, expected_clipped = 0;
  for (double v = -1.2; v < 1.2; v += 0.00137) {
    EXPECT_EQ(errors.convert(1, v, 0.0, scale, clipped), scale.to_code(v, expected_clipped));
  }
  EXPECT_EQ(clipped, expected_clipped);
  EXPECT_EQ(errors.apply(0, 0.123, 63, scale.lsb_v()), 0.123);
}

TEST(ConverterErrors, PeakOfTheBowIsTheStatedInl) {
  const ChannelErrors errors(converter(3.0, 0.0), bits, false, 6, 5, "test");
  double other = 0.0;
  for (std::size_t channel = 0; channel < 6; ++channel) {
    double peak = 0.0;
    for (int code = scale.smallest() + 1; code <= scale.largest(); code += 3) {
      peak = std::max(peak, std::abs(threshold(errors, channel, code) - (code - 0.5)));
    }
    EXPECT_NEAR(peak, 3.0, 0.02);
    // At both ends of the range the line is met.
    EXPECT_NEAR(threshold(errors, channel, scale.largest()) - (scale.largest() - 0.5), 0.0, 0.06);
    const double here = errors.level_error(channel, 100);
    EXPECT_NE(here, other);  // every channel has its own
    other = here;
  }
}

TEST(ConverterErrors, StepsDeviateByTheStatedDnl) {
  const ChannelErrors errors(converter(0.0, 0.2), bits, false, 4, 5, "test");
  double sum = 0.0;
  std::size_t count = 0;
  for (std::size_t channel = 0; channel < 4; ++channel) {
    double before = threshold(errors, channel, -200);
    for (int code = -199; code <= 200; ++code, ++count) {
      const double next = threshold(errors, channel, code);
      sum += (next - before - 1.0) * (next - before - 1.0);
      before = next;
    }
  }
  // 1600 steps, neighbours correlated by -1/2: the rms is known to about 2 %.
  EXPECT_NEAR(std::sqrt(sum / static_cast<double>(count)), 0.2, 0.012);
}

TEST(ConverterErrors, DacLevelsLieOnTheSameCurve) {
  hw::DacConfig c;
  c.bits = 8;
  c.inl = 1.5;
  c.gain_error = 0.01;
  c.offset_v = 1e-3;
  const ChannelErrors errors(c, 8, true, 3, 9, "test");
  const double lsb = 1.0 / 255.0;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const double offset = errors.apply(channel, 0.0, 0, lsb);
    const double gain = errors.apply(channel, 1.0, 255, lsb) - offset;
    EXPECT_NE(gain, 1.0);
    double peak = 0.0;
    for (int code = 0; code < 256; ++code) {
      const double level = errors.apply(channel, code * lsb, code, lsb);
      peak = std::max(peak, std::abs((level - offset) / gain - code * lsb) / lsb);
    }
    EXPECT_NEAR(peak, 1.5, 0.01);
  }
}

// Through cells that bend, a pulse of full scale draws its share of full scale's current; a height
// draws less than its share.
TEST(InputCoding, PulseWidthIsLinearWhereAmplitudeIsNot) {
  constexpr double full = 0.3, bend = 0.15;
  const auto current = [&](double v) { return bend * std::sinh(v / bend); };
  for (const double share : {0.0, 0.25, 0.5, 1.0}) {
    const double v = hw::pulse_width_voltage(share * full, full, bend);
    EXPECT_NEAR(current(v), share * current(full), 1e-15);
    EXPECT_EQ(hw::pulse_width_voltage(share * full, full, 0.0), share * full);
  }
  EXPECT_LT(current(0.5 * full), 0.4 * current(full));
}

// A successive approximation answers after bits x cycles_per_bit cycles; a schedule that gives it
// less is refused by the reader of configurations, and found by the controller.
TEST(ConverterTiming, SuccessiveApproximationTakesItsCycles) {
  test::Job job;
  job.chip.adc.bits = 8;
  job.chip.adc.cycles_per_bit = 2;
  job.chip.schedule = {2, 20, 2, 16, 20, 20};
  EXPECT_NO_THROW(test::run(job));
  job.chip.schedule.convert = 15;
  EXPECT_THROW(test::run(job), InternalError);
  job.chip.adc.cycles_per_bit = 0;
  EXPECT_NO_THROW(test::run(job));
}

}  // namespace
}  // namespace memprop::bench
