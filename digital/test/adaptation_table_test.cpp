// The window of adaptation in the schedules, and updates with the nudged activity at the rows.
#include "digital/adaptation_table.hpp"

#include <gtest/gtest.h>

#include "digital/rtl_support.hpp"
#include "digital/test/sample_driver.hpp"
#include "digital/update_operands.hpp"
#include "solvers/error.hpp"

namespace memprop::digital {
namespace {

constexpr PhaseLengths lengths{3, 20, 2, 4, 9, 11};

ControllerConfig adapting(NudgePhases phases) {
  ControllerConfig config = make_config({2, 2, 2}, UpdateCircuit::pulse_count, phases, lengths);
  config.table = with_adaptation(config.table, 7);
  config.random_sign = phases == NudgePhases::random_sign;
  return config;
}

Sample training(bool train = true) {
  Sample s;
  s.input = {1, 0};
  for (auto& codes : s.codes) codes = {4, 4, 1, 1};
  s.codes[1] = {9, 3, 5, -2};
  s.train = train;
  return s;
}

TEST(AdaptationTable, AWindowBehindEachNudgedPhaseEndsWithItsSample) {
  for (const auto phases : {NudgePhases::one_sided, NudgePhases::centred}) {
    Controller controller(adapting(phases));
    const bool centred = phases == NudgePhases::centred;
    std::uint64_t adapting_cycles = 0, tracked = 0;
    const auto timing = run_sample(controller, training(), [&](const ControllerOutputs& out) {
      if (out.phase == Phase::adapt) {
        ++adapting_cycles;
        EXPECT_TRUE(out.row_en);
        EXPECT_TRUE(out.nudge_en);
        tracked += out.sh_en != 0;
      }
      EXPECT_TRUE(out.phase != Phase::sample_p || out.adc_bank == 1);
      EXPECT_TRUE((out.sh_en & 6U) == 0 || out.phase == Phase::adapt);
    });
    EXPECT_EQ(adapting_cycles, centred ? 14U : 7U);
    EXPECT_EQ(tracked, centred ? 4U : 2U);
    EXPECT_EQ(timing.busy,
              3U + 20 + 2 + 4 + 9 + 7 + 4 + (centred ? 11U + 7 + 4 : 0U) + timing.update);
    EXPECT_EQ(controller.latched(1)[0], 9);
  }
}

TEST(AdaptationTable, InferenceIsAsItWas) {
  Controller controller(adapting(NudgePhases::centred));
  const auto timing = run_sample(controller, training(false), [](const ControllerOutputs& out) {
    EXPECT_NE(out.phase, Phase::adapt);
  });
  EXPECT_EQ(timing.busy, 3U + 20 + 2 + 4 + 1);
}

// A random sign of the nudge is that of its window, too.
TEST(AdaptationTable, TheRandomSignStays) {
  Controller controller(adapting(NudgePhases::random_sign));
  std::size_t negative = 0, positive = 0;
  for (std::size_t k = 0; k < 20; ++k) {
    bool first = true, sign = false;
    run_sample(controller, training(), [&](const ControllerOutputs& out) {
      if (!out.nudge_en) return;
      if (first) sign = out.nudge_sign;
      first = false;
      EXPECT_EQ(out.nudge_sign, sign) << name(out.phase);
    });
    (sign ? negative : positive) += 1;
  }
  EXPECT_GT(negative, 0U);
  EXPECT_GT(positive, 0U);
}

TEST(AdaptationTable, AWindowNoLongerThanItsTrackingIsRefused) {
  const auto table = equilibrium_propagation_table(lengths, NudgePhases::centred, true);
  EXPECT_THROW(with_adaptation(table, 2), UserError);
  EXPECT_NO_THROW(with_adaptation(table, 3));
}

TEST(AdaptationTable, RunsOnTheControllerInVerilog) {
  EXPECT_NO_THROW(check_rtl_support(adapting(NudgePhases::centred), 32));
}

// Predictive: rows from the nudged phase, columns as in the simplified rule, whatever the sign.
TEST(PredictiveForm, TakesTheRowsFromTheNudgedPhase) {
  ControllerConfig config = adapting(NudgePhases::random_sign);
  const std::vector<std::int32_t> latch[3] = {{4, 4, 1, 1}, {9, 3, 5, -2}, {0, 0, 0, 0}};
  const std::vector<std::uint16_t> input{1, 0};
  for (const bool predictive : {false, true}) {
    config.predictive_form = predictive;
    UpdateOperands operands(config, false);
    for (const bool negative : {false, true}) {
      operands.load(input, latch, negative);
      const auto& tile = operands.tiles()[1];
      EXPECT_EQ(tile.row[0][0], predictive ? 9 : 4);
      EXPECT_EQ(tile.row[0][1], predictive ? 3 : 4);
      EXPECT_EQ(tile.col[0][0], negative ? -4 : 4);
      EXPECT_EQ(operands.tiles()[0].row[0][0], 1);
    }
  }
}

TEST(PredictiveForm, WhatCannotBeIsRefused) {
  ControllerConfig config = adapting(NudgePhases::centred);
  config.predictive_form = true;
  EXPECT_THROW(Controller{config}, UserError);
  config = adapting(NudgePhases::one_sided);
  config.predictive_form = true;
  EXPECT_NO_THROW(Controller{config});
  EXPECT_THROW(check_rtl_support(config, 32), UserError);
  config.product_form = true;
  EXPECT_THROW(Controller{config}, UserError);
}

}  // namespace
}  // namespace memprop::digital
