// The difference amplifiers before the hold capacitors against their formula (ep-circuits 2.1):
// what they amplify, what cancels in the difference of the two nudged phases, what noise is left.
#include "hw_models/converter/difference_amplifier.hpp"

#include <gtest/gtest.h>

#include "hw_models/controller_setup.hpp"
#include "solvers/error.hpp"
#include "testbenches/test/imperfection_fixture.hpp"

namespace memprop::bench {
namespace {

using test::Held;
using test::Job;
using test::run;

constexpr double boltzmann = 1.380649e-23;

Job simplified() {
  Job job;
  job.form = learning::UpdateForm::simplified;
  return job;
}

Job with_gain(std::vector<double> gain) {
  Job job = simplified();
  job.chip.difference_amplifier.gain = std::move(gain);
  return job;
}

TEST(DifferenceAmplifier, HoldsTheGainTimesTheDifferenceLayerByLayer) {
  const Held plain = run(simplified());
  const Held amplified = run(with_gain({50.0, 0.0, 2.0}));
  const double gain[] = {50.0, 50.0, 0.0, 0.0, 2.0, 2.0};
  EXPECT_EQ(amplified.free, plain.free);  // the free phase is held as it is
  for (std::size_t k = 0; k < 6; ++k) {
    for (const bool minus : {false, true}) {
      const double v = (minus ? plain.minus : plain.plus)[k];
      const double expected = gain[k] == 0.0 ? v : gain[k] * (v - plain.free[k]);
      EXPECT_NEAR((minus ? amplified.minus : amplified.plus)[k], expected, 1e-12) << k;
    }
  }
}

// The change that is asked for is the same, whatever the gains.
TEST(DifferenceAmplifier, GainIsTakenBackInTheRates) {
  constexpr float x[] = {1.0F, -0.5F, 0.25F}, y[] = {0.5F, -0.5F};
  const std::vector<double> inputs{1.0, -0.5, 0.25};
  learning::LearningConfig learning;
  learning.rate = {0.1};
  const auto change = [&](const Job& job) {
    test::FreshKernel kernel;
    hw::ChipRunner runner("runner", job.chip, job.network, learning, 1);
    runner.run_sample({x, 3}, {y, 2}, true);
    return hw::wanted_change(job.chip, job.network, learning, runner.chip().controller(), inputs,
                             1.0, false);
  };
  const auto plain = change(simplified()), amplified = change(with_gain({50.0, 0.0, 2.0}));
  for (std::size_t l = 0; l < 3; ++l) {
    double largest = 0.0;
    for (std::size_t k = 0; k < plain[l].size(); ++k) {
      largest = std::max(largest, std::abs(plain[l].data()[k]));
    }
    ASSERT_GT(largest, 1e-5);
    for (std::size_t k = 0; k < plain[l].size(); ++k) {
      EXPECT_NEAR(amplified[l].data()[k], plain[l].data()[k], 1e-6 * largest) << l;
    }
  }
  Job counted = simplified();
  counted.chip.update.circuit = hw::UpdateCircuit::pulse_count;
  counted.chip.device.model = analog::DeviceModel::constant_step;
  counted.chip.adc.bits = 10;
  const std::vector<double> step{1e-2, 1e-2, 1e-2};
  const auto rate_of = [&](double gain, std::size_t tile) {
    counted.chip.difference_amplifier.gain = {gain};
    const auto c = hw::controller_config(counted.chip, counted.network, learning, step, 1);
    return std::ldexp(c.tile[tile].rate_mantissa, -static_cast<int>(c.tile[tile].rate_shift));
  };
  for (std::size_t tile = 0; tile < 3; ++tile) {
    EXPECT_NEAR(rate_of(64.0, tile) * 64.0 / rate_of(0.0, tile), 1.0, 1e-4) << tile;
  }
}

// Each of two codes is off by at most half a step, and a step stands for 1/A of what it did.
TEST(DifferenceAmplifier, ResolvesWhatTheConverterAloneDoesNot) {
  constexpr double gain = 32.0;
  const Held exact = run(simplified());
  const auto worst = [&](double a) {
    Job job = with_gain({a});
    job.chip.adc.bits = 8;
    job.codes = true;
    const Held codes = run(job);
    double most = 0.0;
    for (std::size_t k = 0; k < 6; ++k) {
      const double d = (codes.plus[k] - codes.minus[k]) / (a > 0.0 ? a : 1.0);
      most = std::max(most, std::abs(d - (exact.plus[k] - exact.minus[k])));
    }
    return most;
  };
  const double lsb = 1.0 / 128.0;
  EXPECT_LE(worst(gain), lsb / gain * (1.0 + 1e-9));
  EXPECT_GT(worst(0.0), 4.0 * lsb / gain);
}

TEST(DifferenceAmplifier, OffsetsCancelAndGainErrorsDoNot) {
  const Held clean = run(with_gain({20.0}));
  Job off = with_gain({20.0});
  off.chip.difference_amplifier.offset_v = 1e-3;
  const Held shifted = run(off);
  const auto drawn = hw::DifferenceAmplifier(off.chip, {2, 2, 2}, 0.1, 1);
  EXPECT_EQ(drawn.amplifiers(), 6U);
  double moved = 0.0;
  for (std::size_t k = 0; k < 6; ++k) {
    moved = std::max(moved, std::abs(shifted.plus[k] - clean.plus[k]));
    EXPECT_NEAR(shifted.plus[k] - shifted.minus[k], clean.plus[k] - clean.minus[k], 1e-12) << k;
  }
  EXPECT_GT(moved, 0.05);  // 20 times 10 mV on 100 mV
  Job unequal = with_gain({20.0});
  unequal.chip.difference_amplifier.gain_error = 0.1;
  const Held scaled = run(unequal);
  const RandomStream stream(1, "chip/difference-amplifier/gain");
  for (std::size_t k = 0; k < 6; ++k) {
    const double factor = 1.0 + 0.1 * stream.normal(k);
    EXPECT_NEAR(scaled.plus[k], factor * clean.plus[k], 1e-12) << k;
  }
}

TEST(DifferenceAmplifier, OutputStaysWithinItsSwingAndCutsAreCounted) {
  const Held clean = run(with_gain({200.0}));
  const double swing = 0.5 * test::largest(clean.plus);
  Job job = with_gain({200.0});
  job.chip.difference_amplifier.saturation = swing;
  std::uint64_t expected = 0, counted = 0, amplified = 0;
  const Held cut = run(job, {}, [&](hw::ChipRunner& runner) {
    const auto* amplifier = runner.chip().analog().sample_hold().difference_amplifier();
    ASSERT_NE(amplifier, nullptr);
    counted = amplifier->saturated();
    amplified = amplifier->amplified();
  });
  for (const bool minus : {false, true}) {
    const auto& free_of_cuts = minus ? clean.minus : clean.plus;
    for (std::size_t k = 0; k < 6; ++k) {
      const double v = free_of_cuts[k];
      expected += std::abs(v) > swing;
      EXPECT_NEAR((minus ? cut.minus : cut.plus)[k], std::clamp(v, -swing, swing), 1e-12);
    }
  }
  EXPECT_GT(expected, 0U);
  EXPECT_EQ(counted, expected);
  EXPECT_EQ(amplified, 12U);
}

// Rms of (held+ - held-) / A about its mean, of all neurons over many samples, in units of
// activity.
double noise_of(const Job& job, double gain) {
  constexpr float x[] = {1.0F, -0.5F, 0.25F}, y[] = {0.5F, -0.5F};
  constexpr std::size_t samples = 400;
  test::FreshKernel kernel;
  learning::LearningConfig learning;
  learning.form = job.form;
  learning.rate = {0.0};
  hw::ChipRunner runner("runner", job.chip, job.network, learning, 1);
  std::vector<double> sum(6, 0.0), squares(6, 0.0);
  for (std::size_t n = 0; n < samples; ++n) {
    runner.run_sample({x, 3}, {y, 2}, true);
    const auto& hold = runner.chip().analog().sample_hold();
    for (std::size_t k = 0; k < 6; ++k) {
      const double d = (hold.held(1)[k] - hold.held(2)[k]) / gain / 0.1;
      sum[k] += d;
      squares[k] += d * d;
    }
  }
  double variance = 0.0;
  for (std::size_t k = 0; k < 6; ++k) {
    variance += (squares[k] - sum[k] * sum[k] / samples) / (samples - 1) / 6.0;
  }
  return std::sqrt(variance);
}

// kT/C of the two capacitors behind the amplifier is A times smaller, that of the one before it
// cancels, the amplifier's own noise stays. 2,400 values: 6 % is four standard errors.
TEST(DifferenceAmplifier, NoiseBehindItShrinksAndItsOwnStays) {
  Job job = with_gain({0.0});
  job.chip.solver.rtol = 1e-5;
  job.chip.solver.atol = 1e-7;
  job.chip.schedule = {2, 100, 2, 2, 100, 100};
  job.chip.sample_hold.thermal_noise = true;
  const double ktc = std::sqrt(boltzmann * 300.0 / 1e-12) / 0.1;
  EXPECT_NEAR(noise_of(job, 1.0) / (std::sqrt(2.0) * ktc), 1.0, 0.06);
  job.chip.difference_amplifier.gain = {40.0};
  EXPECT_NEAR(noise_of(job, 40.0) / (std::sqrt(2.0) * ktc / 40.0), 1.0, 0.06);
  job.chip.sample_hold.thermal_noise = false;
  job.chip.difference_amplifier.noise_v = 30e-6;
  EXPECT_NEAR(noise_of(job, 40.0) / (std::sqrt(2.0) * 30e-6 / 0.1), 1.0, 0.06);
}

// What has leaked from the free phase's capacitor when a nudged one is sampled is amplified, too.
TEST(DifferenceAmplifier, DroopOfTheFreePhaseIsAmplified) {
  constexpr double leakage_a = 1e-12, gain = 10.0;
  const Held clean = run(with_gain({gain}));
  Job job = with_gain({gain});
  job.chip.sample_hold.leakage_a = leakage_a;
  const Held leaking = run(job);
  const auto& s = job.chip.schedule;
  const double per_cycle = leakage_a / job.chip.sample_hold.capacitance_f * job.chip.clock_s / 0.1;
  const double to_plus = s.convert + s.nudge_positive + s.sample;
  const double to_minus = to_plus + s.convert + s.nudge_negative + s.sample;
  for (std::size_t k = 0; k < 6; ++k) {
    EXPECT_NEAR(leaking.plus[k] - clean.plus[k], gain * per_cycle * to_plus, 1e-12) << k;
    EXPECT_NEAR(leaking.minus[k] - clean.minus[k], gain * per_cycle * to_minus, 1e-12) << k;
  }
}

TEST(DifferenceAmplifier, WhatItCannotServeIsRefused) {
  const auto message = [](const Job& job) -> std::string {
    try {
      run(job);
    } catch (const UserError& error) {
      return error.what();
    }
    return "";
  };
  Job one_sided = with_gain({8.0});
  one_sided.nudging = test::Nudging::one_sided;
  EXPECT_NE(message(one_sided).find("'learning.nudging': expected \"centred\""), std::string::npos);
  Job product = with_gain({8.0});
  product.form = learning::UpdateForm::product;
  EXPECT_NE(message(product).find("'learning.form': expected \"simplified\""), std::string::npos);
  EXPECT_NE(message(with_gain({8.0, 8.0}))
                .find("expected one gain or one for each of the 3 layers, got 2"),
            std::string::npos);
}

}  // namespace
}  // namespace memprop::bench
