// The schedules of chips with two copies of their neurons.
#include "digital/twin_table.hpp"

#include <gtest/gtest.h>

#include "digital/rtl_support.hpp"
#include "digital/test/sample_driver.hpp"

namespace memprop::digital {
namespace {

ControllerConfig twins(bool zero_nudge) {
  ControllerConfig config = make_config({2, 2}, UpdateCircuit::sign_sign);
  config.table = twin_table({3, 20, 2, 4, 9, 11}, zero_nudge, true);
  return config;
}

Sample training(bool train = true) {
  Sample s;
  s.input = {1, 0};
  s.codes[0] = {4, 4};
  s.codes[1] = {9, 3};
  s.codes[2] = {5, 5};
  s.train = train;
  return s;
}

TEST(TwinTable, BothCopiesRelaxAndAreSampledAtTheSameTime) {
  Controller controller(twins(false));
  std::uint64_t nudged = 0;
  std::uint8_t banks = 0;
  const auto timing = run_sample(controller, training(), [&](const ControllerOutputs& out) {
    nudged += out.nudge_en;
    banks |= out.sh_en;
    EXPECT_TRUE(out.sh_en == 0 || out.sh_en == 3);
  });
  // LOAD, one relaxation, one tracking, two conversions.
  EXPECT_EQ(timing.busy, 3u + 20u + 2u + 2u * 4u + timing.update);
  EXPECT_EQ(nudged, 22u);
  EXPECT_EQ(banks, 3u);
  EXPECT_EQ(controller.latched(0)[0], 4);
  EXPECT_EQ(controller.latched(1)[0], 9);
  // d = nudged - free = (5, -1)
  EXPECT_EQ(controller.counters().pulses_up[0], 1u);
  EXPECT_EQ(controller.counters().pulses_down[0], 1u);
}

TEST(TwinTable, ZeroNudgeComparesTheNudgedCopyWithItself) {
  Controller controller(twins(true));
  const auto timing = run_sample(controller, training());
  EXPECT_EQ(timing.busy, 3u + 20u + 2u + 8u + 9u + 2u + 4u + timing.update);
  // d = bank 1 - bank 2 = (4, -2)
  EXPECT_EQ(controller.latched(2)[1], 5);
  EXPECT_EQ(controller.counters().pulses_up[0], 1u);
  EXPECT_EQ(controller.counters().pulses_down[0], 1u);
}

TEST(TwinTable, InferenceLeavesBothFree) {
  for (const bool zero_nudge : {false, true}) {
    Controller controller(twins(zero_nudge));
    const auto timing = run_sample(controller, training(false), [&](const ControllerOutputs& out) {
      EXPECT_FALSE(out.nudge_en);
      EXPECT_TRUE(out.sh_en <= 1);
    });
    EXPECT_EQ(timing.busy, 3u + 20u + 2u + 4u + 1u);
  }
}

TEST(TwinTable, RunsOnTheControllerInVerilog) {
  EXPECT_NO_THROW(check_rtl_support(twins(true), 16));
}

}  // namespace
}  // namespace memprop::digital
