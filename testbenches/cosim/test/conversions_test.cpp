// Shared converters and averaged conversions in a chip run: the same at cycle and rtl, their cycles
// and energy accounted for, their noise falling as 1/sqrt(N).
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <tuple>

#include "hw_models/chip_runner.hpp"
#include "hw_models/controller_setup.hpp"
#include "hw_models/rtl/rtl_build.hpp"
#include "solvers/error.hpp"
#include "testbenches/cosim/lockstep.hpp"
#include "testbenches/cosim/test/cosim_chip.hpp"

namespace memprop::bench::cosim {
namespace {

constexpr std::size_t neurons = 8 + test::small_outputs;

struct End {
  std::vector<double> values;
  std::vector<std::uint64_t> counters;
  digital::ControllerCounters controller;
  std::uint64_t conversions = 0;
};

End run(const SmallRun& small, std::size_t samples, bool train,
        const hw::ControllerFactory& controller = {}) {
  test::FreshKernel kernel;
  hw::ChipConfig chip = small.chip;
  chip.controller.monitor = true;
  hw::ChipRunner runner("runner", chip, small.network, small.learning, 1, controller);
  for (std::size_t k = 0; k < samples; ++k) runner.run_sample(small.x(k), small.target(k), train);
  End end;
  runner.chip().analog().save(end.values, end.counters);
  end.controller = runner.chip().controller().counters();
  end.conversions = runner.chip().analog().adc().conversions();
  EXPECT_EQ(runner.monitor()->rules().total(), 0U);
  return end;
}

SmallRun small_with(unsigned channels, std::uint32_t average) {
  SmallRun small = small_cosim_run(hw::UpdateCircuit::pulse_count);
  small.chip.adc.channels = channels;
  small.chip.adc.average = average;
  return small;
}

class Conversions : public ::testing::TestWithParam<std::tuple<unsigned, std::uint32_t>> {};

TEST_P(Conversions, AreTheSameInBothControllersAndCounted) {
  const auto [channels, average] = GetParam();
  const SmallRun small = small_with(channels, average);
  constexpr std::uint64_t samples = 60;
  const End cycle = run(small, samples, true);

  // Cycles: three sampled states, each converted group by group.
  const auto& s = small.chip.schedule;
  const std::uint64_t groups = channels == 0 ? 1 : (neurons + channels - 1) / channels;
  const std::uint64_t adc_cycles = 3 * groups * average * s.convert;
  EXPECT_EQ(cycle.controller.busy_cycles - cycle.controller.update_cycles,
            samples * (s.load + s.free + 3 * s.sample + s.nudge_positive + s.nudge_negative +
                       adc_cycles));
  // Every conversion costs its energy, and is told by the controller.
  EXPECT_EQ(cycle.conversions, samples * 3 * neurons * average);
  EXPECT_EQ(cycle.controller.conversions, cycle.conversions);

  if (!have_verilator()) GTEST_SKIP() << "not run: needs the package verilator";
  const End rtl =
      run(small, samples, true,
          lockstep_factory({"rtl", hw::rtl::rtl_factory(hw::rtl::RtlSources{})}, {"C++", {}}));
  EXPECT_EQ(cycle.values, rtl.values);
  EXPECT_EQ(cycle.counters, rtl.counters);
  EXPECT_EQ(cycle.controller.busy_cycles, rtl.controller.busy_cycles);
  EXPECT_EQ(cycle.controller.conversions, rtl.controller.conversions);
  EXPECT_EQ(cycle.controller.pulses_up, rtl.controller.pulses_up);
  EXPECT_EQ(cycle.controller.pulses_down, rtl.controller.pulses_down);
}

INSTANTIATE_TEST_SUITE_P(ChannelsAndAverage, Conversions,
                         ::testing::Values(std::tuple{0U, 1U}, std::tuple{0U, 16U},
                                           std::tuple{5U, 1U}, std::tuple{5U, 16U},
                                           std::tuple{1U, 2U}),
                         [](const auto& tested) {
                           return "Channels" + std::to_string(std::get<0>(tested.param)) +
                                  "Average" + std::to_string(std::get<1>(tested.param));
                         });

TEST(SharedConverters, TakeTimeAndChangeNothingElse) {
  SmallRun small = small_with(0, 1);
  small.chip.adc.offset_v = 0.0;  // of converters, not of neurons
  small.chip.noise.read = 0.0;    // goes on while conversions take their time
  const End own = run(small, 100, true);
  small.chip.adc.channels = 3;
  const End shared = run(small, 100, true);
  // Noise of the first conversion of a line does not ask which converter it is.
  EXPECT_EQ(own.controller.pulses_up, shared.controller.pulses_up);
  EXPECT_EQ(own.controller.pulses_down, shared.controller.pulses_down);
  EXPECT_GT(shared.controller.busy_cycles, own.controller.busy_cycles);
}

// Amplified differences are codes like any others: the controller in Verilog needs to know their
// gain in its rates only.
TEST(DifferenceAmplifier, ControllersAgreePinByPin) {
  if (!have_verilator()) GTEST_SKIP() << "verilator is not installed";
  SmallRun small = small_with(0, 1);
  const End plain = run(small, 50, true);
  small.chip.difference_amplifier = {{16.0, 2.0}, 0.05, 1e-3, 1e-4, 0.9, 0.0};
  const End amplified = run(small, 50, true);
  EXPECT_NE(plain.controller.pulses_up, amplified.controller.pulses_up);
  const End both =
      run(small, 50, true,
          lockstep_factory({"rtl", hw::rtl::rtl_factory(hw::rtl::RtlSources{})}, {"C++", {}}));
  EXPECT_EQ(amplified.controller.pulses_up, both.controller.pulses_up);
  EXPECT_EQ(amplified.controller.pulses_down, both.controller.pulses_down);
}

// Root mean square of a code around its mean, over many inferences of one image.
double code_noise(const SmallRun& small, std::size_t samples) {
  test::FreshKernel kernel;
  hw::ChipRunner runner("runner", small.chip, small.network, small.learning, 1);
  std::vector<double> sum(neurons, 0.0), squares(neurons, 0.0);
  for (std::size_t k = 0; k < samples; ++k) {
    runner.run_sample(small.x(0), small.target(0), false);
    const auto codes = runner.chip().controller().latched(0);
    for (std::size_t i = 0; i < neurons; ++i) {
      const double code = codes[i];
      sum[i] += code;
      squares[i] += code * code;
    }
  }
  const auto n = static_cast<double>(samples);
  double variance = 0.0;
  for (std::size_t i = 0; i < neurons; ++i) {
    const double mean = sum[i] / n;
    variance += (squares[i] / n - mean * mean) * n / (n - 1.0);
  }
  return std::sqrt(variance / static_cast<double>(neurons));
}

TEST(AveragedConversions, HaveTheNoiseOfOneOverTheRootOfTheirNumber) {
  SmallRun small = small_with(5, 1);
  small.chip.noise.read = 0.0;
  small.chip.dac.noise_v = 0.0;
  small.chip.sample_hold.thermal_noise = false;
  small.chip.adc.bits = 12;
  small.chip.adc.range = 2.0;     // far from the ends of the range
  small.chip.adc.noise_v = 4e-3;  // 41 codes
  constexpr std::size_t samples = 250;
  const double lsb_v = small.chip.adc.range * small.chip.voltage_scale_v / 2048.0;
  // 12 x 250 values: 1.3 % of error, three sigma of which are allowed.
  for (const std::uint32_t average : {1U, 4U, 16U}) {
    small.chip.adc.average = average;
    // Rounding adds 1/12 of a code squared, of each conversion and of the mean.
    const double one = small.chip.adc.noise_v / lsb_v;
    const double expected =
        std::sqrt((one * one + 1.0 / 12.0) / average + (average > 1 ? 1.0 / 12.0 : 0.0));
    EXPECT_NEAR(code_noise(small, samples) / expected, 1.0, 0.04) << average;
  }
}

TEST(AveragedConversions, NeedTimeForEachOfThem) {
  SmallRun small = small_with(0, 2);
  small.chip.schedule.convert = 1;
  try {
    run(small, 1, true);
    FAIL() << "accepted";
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("key 'chip.schedule.convert': expected at least 2"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace memprop::bench::cosim
