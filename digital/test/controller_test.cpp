// Protocol, random sign, replay, checkpoints.
#include "digital/controller.hpp"

#include <cmath>
#include <utility>

#include <gtest/gtest.h>

#include "digital/shift_register.hpp"
#include "digital/test/sample_driver.hpp"

namespace memprop::digital {
namespace {

ControllerConfig training_config(UpdateCircuit circuit, NudgePhases phases, std::uint32_t seed) {
  ControllerConfig config = make_config({12, 9, 4}, circuit, phases);
  config.bias = true;
  config.seed = seed;
  config.stream_length = 6;
  for (auto& tile : config.tile) tile = {45000, 27, 40000, 8, 50000, 8, 3, 3};
  return config;
}

std::vector<Sample> random_samples(int count, std::uint32_t s) {
  std::vector<Sample> samples(static_cast<std::size_t>(count));
  for (Sample& sample : samples) {
    s = advance(s);
    sample.train = s % 4 != 0;
    for (int j = 0; j < 12; ++j) sample.input.push_back((s = advance(s)) & 0xffU);
    for (auto& codes : sample.codes) {
      for (int i = 0; i < 13; ++i) {
        s = advance(s);
        codes.push_back(static_cast<std::int32_t>((s >> 3) % 401) - 200);
      }
    }
  }
  return samples;
}

// Everything visible outside, cycle by cycle.
using Record = std::vector<std::vector<std::uint64_t>>;

void record(Controller& controller, const Sample& sample, Record& out_record) {
  run_sample(controller, sample, [&](const ControllerOutputs& out) {
    std::vector<std::uint64_t> row = {static_cast<std::uint64_t>(out.phase),
                                      out.nudge_sign,
                                      out.upd_en,
                                      out.adc_start,
                                      out.sh_en,
                                      out.done};
    for (std::size_t t = 0; t < out.upd_pol.size(); ++t) {
      row.push_back(out.upd_pol[t]);
      row.insert(row.end(), out.row_pulse[t].words().begin(), out.row_pulse[t].words().end());
      row.insert(row.end(), out.col_pulse[t].words().begin(), out.col_pulse[t].words().end());
    }
    out_record.push_back(row);
  });
}

Record record_all(Controller& controller, const std::vector<Sample>& samples) {
  Record result;
  for (const Sample& sample : samples) record(controller, sample, result);
  return result;
}

void expect_same(const ControllerCounters& a, const ControllerCounters& b) {
  EXPECT_EQ(a.busy_cycles, b.busy_cycles);
  EXPECT_EQ(a.update_cycles, b.update_cycles);
  EXPECT_EQ(a.row_driven_cycles, b.row_driven_cycles);
  EXPECT_EQ(a.conversions, b.conversions);
  EXPECT_EQ(a.pulse_clipped, b.pulse_clipped);
  EXPECT_EQ(a.pulses_up, b.pulses_up);
  EXPECT_EQ(a.pulses_down, b.pulses_down);
}

class EveryCircuit : public ::testing::TestWithParam<UpdateCircuit> {};

TEST_P(EveryCircuit, ReplayResumeAndSeed) {
  const std::vector<Sample> samples = random_samples(30, 77);
  const ControllerConfig config = training_config(GetParam(), NudgePhases::random_sign, 3);
  Controller original(config);
  const Record first = record_all(original, samples);
  EXPECT_GT(original.counters().pulses_up[0], 0U);
  EXPECT_GT(original.counters().pulses_down[1], 0U);

  Controller replayed(config);
  EXPECT_EQ(record_all(replayed, samples), first);
  expect_same(replayed.counters(), original.counters());

  // Saved after 11 samples, and continued by another object that has already done something else.
  Controller until(config);
  Record resumed;
  for (std::size_t k = 0; k < 11; ++k) record(until, samples[k], resumed);
  const std::vector<std::uint64_t> state = until.save();
  Controller after(config);
  record_all(after, random_samples(5, 1234));
  after.restore(state);
  EXPECT_EQ(after.save(), state);
  for (std::size_t k = 11; k < samples.size(); ++k) record(after, samples[k], resumed);
  EXPECT_EQ(resumed, first);
  expect_same(after.counters(), original.counters());

  Controller other(training_config(GetParam(), NudgePhases::random_sign, 4));
  EXPECT_NE(record_all(other, samples), first);
}

TEST_P(EveryCircuit, ResetIsPowerOn) {
  const std::vector<Sample> samples = random_samples(6, 5);
  const ControllerConfig config = training_config(GetParam(), NudgePhases::centred, 3);
  Controller controller(config);
  const Record first = record_all(controller, samples);
  // Reset in the middle of an update.
  ControllerInputs in;
  in.start = true;
  in.train = true;
  while (controller.outputs().phase != Phase::update) {
    controller.step(in);
    in.start = false;
    in.adc_done = controller.outputs().adc_start;
    if (in.adc_done) in.adc_data = samples[0].codes[controller.outputs().adc_bank];
  }
  in.rst_n = false;
  const ControllerOutputs& out = controller.step(in);
  EXPECT_EQ(out.phase, Phase::idle);
  EXPECT_FALSE(out.busy || out.done || out.upd_en);
  for (std::size_t t = 0; t < 2; ++t) {
    EXPECT_FALSE(out.row_pulse[t].any() || out.col_pulse[t].any());
  }
  EXPECT_EQ(controller.counters().busy_cycles, 0U);
  EXPECT_EQ(record_all(controller, samples), first);
}

TEST_P(EveryCircuit, CanBeMovedInTheMiddleOfAnUpdate) {
  const std::vector<Sample> samples = random_samples(2, 6);
  const ControllerConfig config = training_config(GetParam(), NudgePhases::centred, 3);
  const auto trace = [&](bool moves) {
    auto controller = std::make_unique<Controller>(config);
    controller->load_input(samples[0].input);
    Record result;
    ControllerInputs in;
    in.start = true;
    in.train = true;
    for (;;) {
      const ControllerOutputs& out = controller->step(in);
      in.start = false;
      in.adc_done = out.adc_start;
      if (in.adc_done) in.adc_data = samples[0].codes[out.adc_bank];
      result.push_back(out.row_pulse[0].words());
      result.push_back(out.col_pulse[1].words());
      if (out.done) return result;
      if (moves && out.phase == Phase::update) {
        controller = std::make_unique<Controller>(std::move(*controller));
      }
    }
  };
  EXPECT_EQ(trace(true), trace(false));
}

INSTANTIATE_TEST_SUITE_P(Circuits, EveryCircuit,
                         ::testing::Values(UpdateCircuit::pulse_count, UpdateCircuit::stochastic,
                                           UpdateCircuit::sign_sign),
                         [](const auto& param) {
                           switch (param.param) {
                             case UpdateCircuit::pulse_count:
                               return "u1";
                             case UpdateCircuit::stochastic:
                               return "u2";
                             default:
                               return "u3";
                           }
                         });

TEST(Controller, RandomSignFollowsItsRegisterAndTurnsTheUpdate) {
  ControllerConfig config =
      make_config({1, 1}, UpdateCircuit::pulse_count, NudgePhases::random_sign);
  config.tile[0].rate_mantissa = 0x8000;
  config.tile[0].rate_shift = 16;
  Controller controller(config);
  std::uint32_t sign = register_seed(config.seed, 0, Lane::sign, 0);
  int negatives = 0;
  constexpr int samples = 2000;
  for (int k = 0; k < samples; ++k) {
    Sample sample;
    sample.input = {2};
    sample.codes[0] = {10};
    sample.codes[1] = {11};  // nudged minus free: +1
    sample.train = k % 3 != 2;
    if (sample.train) sign = advance(sign);
    const bool negative = sample.train && (sign & 1U) != 0;
    negatives += negative;
    std::vector<int> net(1, 0);
    run_sample(controller, sample, [&](const ControllerOutputs& out) {
      const bool driven = out.phase == Phase::nudge_p || out.phase == Phase::sample_p;
      EXPECT_EQ(out.nudge_sign, driven && negative);
      count_coincidences(out, 0, net);
    });
    EXPECT_EQ(net[0], !sample.train ? 0 : negative ? -1 : 1);
  }
  const double trained = std::floor(samples * 2 / 3.0) + 1;
  EXPECT_NEAR(negatives, trained / 2, 4 * std::sqrt(trained) / 2);
}

TEST(Controller, ConversionProtocol) {
  const ControllerConfig config = training_config(UpdateCircuit::none, NudgePhases::one_sided, 1);
  const std::vector<std::int32_t> codes(13, 7);
  const auto start = [&](Controller& controller) {
    ControllerInputs in;
    in.start = true;
    while (!controller.outputs().adc_start) {
      controller.step(in);
      in.start = false;
    }
  };
  const auto answer = [&](Span<const std::int32_t> data) {
    ControllerInputs in;
    in.adc_done = true;
    in.adc_data = data;
    return in;
  };
  {  // in the same cycle as adc_start
    Controller controller(config);
    start(controller);
    controller.step(answer(codes));
    EXPECT_EQ(controller.latched(0)[12], 7);
    EXPECT_EQ(controller.counters().conversions, 13U);
    // A second adc_done of the same row is ignored.
    const std::vector<std::int32_t> late(13, 9);
    controller.step(answer(late));
    EXPECT_EQ(controller.latched(0)[12], 7);
    EXPECT_EQ(controller.outputs().phase, Phase::read);
  }
  {  // in the last cycle of the row
    Controller controller(config);
    start(controller);
    controller.step(ControllerInputs{});
    controller.step(answer(codes));
    EXPECT_EQ(controller.latched(0)[0], 7);
  }
  {  // too late
    Controller controller(config);
    start(controller);
    controller.step(ControllerInputs{});
    EXPECT_THROW(controller.step(ControllerInputs{}), InternalError);
  }
  {  // wrong number, wrong range
    Controller controller(config);
    start(controller);
    const std::vector<std::int32_t> few(12, 7), high(13, 512), low(13, -513);
    EXPECT_THROW(controller.step(answer(few)), InternalError);
    EXPECT_THROW(controller.step(answer(high)), InternalError);
    EXPECT_THROW(controller.step(answer(low)), InternalError);
    EXPECT_NO_THROW(controller.step(answer(std::vector<std::int32_t>(13, -512))));
  }
}

TEST(Controller, HostInterfaceOnlyWhileIdle) {
  const ControllerConfig config =
      training_config(UpdateCircuit::stochastic, NudgePhases::centred, 1);
  Controller controller(config);
  const std::vector<std::uint64_t> state = controller.save();
  EXPECT_THROW(controller.load_input(std::vector<std::uint16_t>(11, 0)), InternalError);
  EXPECT_THROW(controller.load_input(std::vector<std::uint16_t>(12, 256)), InternalError);
  ControllerInputs in;
  in.start = true;
  controller.step(in);
  EXPECT_THROW(controller.load_input(std::vector<std::uint16_t>(12, 0)), InternalError);
  EXPECT_THROW(controller.save(), InternalError);
  EXPECT_THROW(controller.restore(state), InternalError);
}

TEST(Controller, ForeignStatesAreRefused) {
  const auto make = [](UpdateCircuit circuit, std::uint32_t seed) {
    return Controller(training_config(circuit, NudgePhases::centred, seed));
  };
  Controller controller = make(UpdateCircuit::stochastic, 1);
  std::vector<std::uint64_t> state = controller.save();
  EXPECT_THROW(make(UpdateCircuit::stochastic, 2).restore(state), UserError);
  EXPECT_THROW(make(UpdateCircuit::pulse_count, 1).restore(state), UserError);
  EXPECT_NO_THROW(controller.restore(state));
  state[0] ^= 1;
  EXPECT_THROW(controller.restore(state), UserError);
  EXPECT_THROW(controller.restore(Span<const std::uint64_t>{}), UserError);
}

TEST(Controller, ImpossibleConfigurationsAreRefused) {
  const ControllerConfig good =
      training_config(UpdateCircuit::pulse_count, NudgePhases::centred, 1);
  const auto refuses = [&](auto&& breaks) {
    ControllerConfig config = good;
    breaks(config);
    EXPECT_THROW(Controller{config}, UserError);
  };
  refuses([](ControllerConfig& c) { c.widths = {5}; });
  refuses([](ControllerConfig& c) { c.widths[1] = 0; });
  refuses([](ControllerConfig& c) { c.tile.pop_back(); });
  refuses([](ControllerConfig& c) { c.tile[1].rate_shift = 15; });
  refuses([](ControllerConfig& c) { c.tile[1].rate_shift = 81; });
  refuses([](ControllerConfig& c) { c.tile[1].rate_mantissa = 65536; });
  refuses([](ControllerConfig& c) { c.tile[0].row_mantissa = 65536; });
  refuses([](ControllerConfig& c) { c.tile[0].col_shift = 64; });
  refuses([](ControllerConfig& c) { c.max_pulses = 0; });
  refuses([](ControllerConfig& c) { c.stream_length = 0; });
  refuses([](ControllerConfig& c) { c.x_full_scale = 65536; });
  refuses([](ControllerConfig& c) { c.adc_full_scale = 0x80000000U; });
  EXPECT_NO_THROW(Controller{good});
}

}  // namespace
}  // namespace memprop::digital
