#include <string>

#include <gtest/gtest.h>

#include "digital/test/sample_driver.hpp"

namespace memprop::digital {
namespace {

Sample blank_sample(const ControllerConfig& config, bool train) {
  Sample sample;
  sample.train = train;
  sample.input.assign(config.widths[0], 0);
  std::size_t neurons = 0;
  for (std::size_t l = 1; l < config.widths.size(); ++l) neurons += config.widths[l];
  for (auto& codes : sample.codes) codes.assign(neurons, 0);
  return sample;
}

struct Run {
  Phase phase;
  std::uint64_t cycles;
};

void expect_runs(const std::vector<Phase>& phases, const std::vector<Run>& runs) {
  std::size_t at = 0;
  for (const Run& run : runs) {
    for (std::uint64_t k = 0; k < run.cycles; ++k, ++at) {
      ASSERT_LT(at, phases.size());
      ASSERT_EQ(name(phases[at]), name(run.phase)) << "cycle " << at;
    }
  }
  EXPECT_EQ(at, phases.size());
}

TEST(PhaseSequence, DesignPoint) {
  // ep-circuits section 4: 100 + 50 + 60 + 3 * 4 + 124 and 20 for load (8) and conversion (3 * 4).
  Controller controller(
      make_config({6, 5, 3}, UpdateCircuit::stochastic, NudgePhases::centred, design_point));
  const SampleTiming timing = run_sample(controller, blank_sample(controller.config(), true));
  EXPECT_EQ(timing.busy, 366U);
  EXPECT_EQ(timing.update, 124U);
  EXPECT_EQ(timing.driven, 222U);
  EXPECT_EQ(timing.done, 1U);
  EXPECT_EQ(controller.counters().busy_cycles, 366U);
  EXPECT_EQ(controller.counters().update_cycles, 124U);
  EXPECT_EQ(controller.counters().row_driven_cycles, 222U);
  EXPECT_EQ(controller.counters().conversions, 3U * 8U);
  expect_runs(timing.phases, {{Phase::load, 8},
                              {Phase::free, 100},
                              {Phase::sample0, 8},
                              {Phase::nudge_p, 50},
                              {Phase::sample_p, 8},
                              {Phase::nudge_n, 60},
                              {Phase::sample_n, 8},
                              {Phase::update, 124}});
}

TEST(PhaseSequence, OneSidedAndInference) {
  Controller controller(
      make_config({6, 3}, UpdateCircuit::stochastic, NudgePhases::one_sided, design_point));
  const SampleTiming train = run_sample(controller, blank_sample(controller.config(), true));
  expect_runs(train.phases, {{Phase::load, 8},
                             {Phase::free, 100},
                             {Phase::sample0, 8},
                             {Phase::nudge_p, 50},
                             {Phase::sample_p, 8},
                             {Phase::update, 62}});  // unsigned rows: two passes of 31
  const SampleTiming infer = run_sample(controller, blank_sample(controller.config(), false));
  expect_runs(infer.phases,
              {{Phase::load, 8}, {Phase::free, 100}, {Phase::sample0, 8}, {Phase::read, 1}});
  EXPECT_EQ(infer.busy, 117U);
}

TEST(PhaseSequence, WithoutUpdateTrainingEndsAfterTheLastSample) {
  Controller controller(
      make_config({6, 3}, UpdateCircuit::none, NudgePhases::centred, design_point));
  const SampleTiming timing = run_sample(controller, blank_sample(controller.config(), true));
  EXPECT_EQ(timing.busy, 8U + 100 + 3 * 4 + 50 + 60 + 3 * 4);
  EXPECT_EQ(timing.phases.back(), Phase::sample_n);
}

TEST(PhaseSequence, OutputsOfEveryCycle) {
  // LOAD 1, FREE 1, then per sample state track 1, convert 2; NUDGEP 1, NUDGEN 1; UPDATE 4 (U3).
  Controller controller(make_config({6, 5, 3}, UpdateCircuit::sign_sign));
  struct Expected {
    Phase phase;
    bool load, row_en, nudge_en, negative;
    int sh_en;
    bool adc_start;
    int bank;
  };
  const std::vector<Expected> expected = {
      {Phase::load, true, false, false, false, 0, false, 0},
      {Phase::free, false, true, false, false, 0, false, 0},
      {Phase::sample0, false, true, false, false, 1, false, 0},
      {Phase::sample0, false, false, false, false, 0, true, 0},
      {Phase::sample0, false, false, false, false, 0, false, 0},
      {Phase::nudge_p, false, true, true, false, 0, false, 0},
      {Phase::sample_p, false, true, true, false, 2, false, 0},
      {Phase::sample_p, false, false, false, false, 0, true, 1},
      {Phase::sample_p, false, false, false, false, 0, false, 1},
      {Phase::nudge_n, false, true, true, true, 0, false, 0},
      {Phase::sample_n, false, true, true, true, 4, false, 0},
      {Phase::sample_n, false, false, false, false, 0, true, 2},
      {Phase::sample_n, false, false, false, false, 0, false, 2},
      {Phase::update, false, false, false, false, 0, false, 0},
      {Phase::update, false, false, false, false, 0, false, 0},
      {Phase::update, false, false, false, false, 0, false, 0},
      {Phase::update, false, false, false, false, 0, false, 0},
  };
  for (const std::uint32_t late : {0U, 1U}) {
    std::size_t cycle = 0;
    run_sample(
        controller, blank_sample(controller.config(), true),
        [&](const ControllerOutputs& out) {
          if (cycle == expected.size()) {
            EXPECT_EQ(out.phase, Phase::idle);
            EXPECT_TRUE(out.done);
            EXPECT_FALSE(out.busy);
            return;
          }
          ASSERT_LT(cycle, expected.size());
          const Expected& want = expected[cycle];
          SCOPED_TRACE("cycle " + std::to_string(cycle));
          EXPECT_EQ(name(out.phase), name(want.phase));
          EXPECT_EQ(out.x_dac_load, want.load);
          EXPECT_EQ(out.row_en, want.row_en);
          EXPECT_EQ(out.nudge_en, want.nudge_en);
          EXPECT_EQ(out.nudge_sign, want.negative);
          EXPECT_EQ(int{out.sh_en}, want.sh_en);
          EXPECT_EQ(out.adc_start, want.adc_start);
          EXPECT_EQ(int{out.adc_bank}, want.bank);
          EXPECT_FALSE(out.upd_en);  // all codes are zero
          EXPECT_TRUE(out.busy);
          EXPECT_FALSE(out.done);
          ++cycle;
        },
        late);
    EXPECT_EQ(cycle, expected.size());
  }
}

TEST(PhaseSequence, StartInTheDoneCycleGivesOneIdleCycle) {
  Controller controller(make_config({2, 2}, UpdateCircuit::sign_sign));
  const Sample sample = blank_sample(controller.config(), true);
  run_sample(controller, sample);
  EXPECT_TRUE(controller.outputs().done);
  ControllerInputs in;
  in.start = true;
  EXPECT_EQ(controller.step(in).phase, Phase::load);
  EXPECT_FALSE(controller.outputs().done);
}

TEST(PhaseSequence, IdleWaits) {
  Controller controller(make_config({2, 2}, UpdateCircuit::sign_sign));
  for (int k = 0; k < 10; ++k) {
    const ControllerOutputs& out = controller.step(ControllerInputs{});
    EXPECT_EQ(out.phase, Phase::idle);
    EXPECT_FALSE(out.busy);
    EXPECT_FALSE(out.done);
  }
  EXPECT_EQ(controller.counters().busy_cycles, 0U);
}

// A table of the user's: contrastive learning with the output clamped only in the nudged phase and
// a second window after the update.
TEST(PhaseSequence, OtherTablesRun) {
  ControllerConfig config = make_config({2, 2}, UpdateCircuit::sign_sign);
  PhaseTable table = equilibrium_propagation_table(short_lengths, NudgePhases::one_sided, true);
  const auto update = static_cast<std::uint32_t>(table.size() - 2);
  ASSERT_EQ(table[update].phase, Phase::update);
  PhaseRow window;
  window.phase = Phase::free;
  window.cycles = 7;
  window.row_en = true;
  table.push_back(window);
  table[update].next_train = static_cast<std::uint32_t>(table.size() - 1);
  config.table = table;
  Controller controller(config);
  const SampleTiming timing = run_sample(controller, blank_sample(config, true));
  expect_runs(timing.phases, {{Phase::load, 1},
                              {Phase::free, 1},
                              {Phase::sample0, 3},
                              {Phase::nudge_p, 1},
                              {Phase::sample_p, 3},
                              {Phase::update, 2},
                              {Phase::free, 7}});
}

TEST(PhaseSequence, BrokenTablesAreRefused) {
  const ControllerConfig good = make_config({2, 2}, UpdateCircuit::sign_sign);
  const auto refuses = [&](auto&& breaks) {
    ControllerConfig config = good;
    breaks(config);
    EXPECT_THROW(Controller{config}, UserError);
  };
  refuses([](ControllerConfig& c) { c.table.clear(); });
  refuses([](ControllerConfig& c) { c.table[0].phase = Phase::load; });
  refuses([](ControllerConfig& c) { c.table[2].phase = Phase::idle; });
  refuses([](ControllerConfig& c) { c.table[2].cycles = 0; });
  refuses([](ControllerConfig& c) { c.table[2].next_train = 99; });
  refuses([](ControllerConfig& c) { c.table[3].next_infer = 1; });
  refuses([](ControllerConfig& c) { c.table[0].next_infer = 0; });
  refuses([](ControllerConfig& c) { c.table[4].convert = false; });
  refuses([](ControllerConfig& c) { c.table[4].adc_bank = 3; });
  refuses([](ControllerConfig& c) { c.circuit = UpdateCircuit::none; });
  refuses([](ControllerConfig& c) { c.random_sign = true; });
  EXPECT_NO_THROW(Controller{good});
}

}  // namespace
}  // namespace memprop::digital
