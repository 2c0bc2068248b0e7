// What is wrong with circuits of adaptation, each error against its closed form; and what does not
// go with them.
#include <gtest/gtest.h>

#include <cmath>

#include "hw_models/adaptation_setup.hpp"
#include "solvers/error.hpp"
#include "testbenches/test/adaptation_fixture.hpp"

namespace memprop::bench::test {
namespace {

// A held voltage that droops by D up to the window shifts the output by (1 - s) D, and by what
// leaks during the window: with k = g_a / C, D' = D + L (T - (1 - s) / k) / (1 - s).
TEST(AdaptationOnChip, DroopOfTheHeldVoltage) {
  const Ends clean = run(adapting_chip(), hebbian());
  hw::ChipConfig chip = adapting_chip();
  chip.sample_hold.leakage_a = 200e-12;  // of 1 pF: 0.8 mV in the taught phase
  const Ends leaking = run(chip, hebbian());
  const double per_s = chip.sample_hold.leakage_a / chip.sample_hold.capacitance_f;
  const double s = std::pow(0.9, 20), window_s = 20 * chip.clock_s;
  const double before_s = (chip.schedule.convert + chip.schedule.nudge_positive) * chip.clock_s;
  const double k = -std::log(s) / window_s;
  const double exact = -per_s * ((1 - s) * before_s + window_s - (1 - s) / k) / scale_v;
  for (std::size_t i = 0; i < outputs; ++i) {
    const double bias = leaking.adapted[1][i] - clean.adapted[1][i];
    EXPECT_NEAR(bias, exact, 1e-7);
    EXPECT_NEAR(bias / (-per_s * before_s / scale_v), 1 - s, 0.05);
  }
}

// Each neuron's own conductance leaves s^(g_a,i / g_a); a spread of 5 % in g_a is one of z times as
// much in s, z = -ln s.
TEST(AdaptationOnChip, MismatchOfTheConductance) {
  hw::ChipConfig chip = adapting_chip();
  chip.adaptation.conductance_mismatch = 0.05;
  const Ends e = run(chip, hebbian());
  const RandomStream stream(1, "chip/layer2/adaptation");
  for (std::size_t i = 0; i < outputs; ++i) {
    const double left = (e.adapted[1][i] - e.free[1][i]) / (e.taught[1][i] - e.free[1][i]);
    EXPECT_NEAR(left, std::pow(0.9, 20 * (1 + 0.05 * stream.normal(i))), 1e-7);
  }
  learning::NetworkConfig wide = learning::test::chain_config({1, 4000}, 1.0);
  wide.feedback_gain = {};
  wide.time_constant.mean_s = tau_s;
  const auto banks = hw::fabricate_adaptation(hw::with_adaptation(chip, hebbian()),
                                              learning::build_network(wide, 1), 3);
  double sum = 0.0, squares = 0.0;
  for (const double g : banks[0].conductance_s) {
    const double s = std::exp(-g / (tau_s * leak_s) * 20 * chip.clock_s);
    sum += s;
    squares += s * s;
  }
  const double mean = sum / 4000, deviation = std::sqrt(squares / 4000 - mean * mean);
  const double z = -20 * std::log(0.9);
  EXPECT_NEAR(deviation / mean / 0.05, z, 0.05 * z);
}

// What is held is off by kT/C, the injection of the switch and the offset of the buffer.
TEST(AdaptationOnChip, ErrorsOfTheHeldVoltage) {
  const Sample s = the_sample();
  const auto held_error = [&](const hw::ChipConfig& chip, std::size_t samples) {
    FreshKernel kernel;
    hw::ChipRunner runner("runner", chip, logistic_network(), hebbian(), 1);
    std::vector<double> errors;
    WaveformRecorder waves(runner);
    for (std::size_t k = 0; k < samples; ++k) {
      waves.begin();
      runner.run_sample(s.x, s.y, true);
      waves.end();
      const std::size_t free = chip.schedule.load + chip.schedule.free + chip.schedule.sample;
      for (std::size_t l = 1; l <= 2; ++l) {
        const auto held = runner.chip().analog().adaptation()->bank(l).held();
        const auto v = waves.membranes(l);
        for (std::size_t i = 0; i < v.count; ++i) {
          errors.push_back(held[i] - waves.nodes(free)[v.first + i]);
        }
      }
    }
    return errors;
  };
  hw::ChipConfig chip = adapting_chip();
  chip.solver.rtol = 1e-5;
  chip.solver.atol = 1e-7;
  chip.schedule = {2, 50, 2, 2, 50, 50, 20};
  chip.sample_hold.thermal_noise = true;
  double squares = 0.0;
  const auto noise = held_error(chip, 150);
  for (const double e : noise) squares += e * e;
  const double ktc = std::sqrt(1.380649e-23 * 300.0 / 1e-12);
  // 1,650 values: 7 % is four standard errors.
  EXPECT_NEAR(std::sqrt(squares / static_cast<double>(noise.size())) / ktc, 1.0, 0.07);
  chip.sample_hold.thermal_noise = false;
  chip.sample_hold.injection_v = 1e-3;
  for (const double e : held_error(chip, 1)) EXPECT_NEAR(e, 1e-3, 1e-12);
  // An offset of the buffers is what the pure mode goes to.
  hw::ChipConfig off = adapting_chip();
  off.adaptation.offset_v = 2e-3;
  const Ends clean = run(adapting_chip(), hebbian(AdaptationMode::pure));
  const Ends shifted = run(off, hebbian(AdaptationMode::pure));
  const RandomStream stream(1, "chip/layer2/adaptation-offset");
  std::vector<double> draw(outputs);
  stream.normals(0, 0, draw);
  for (std::size_t i = 0; i < outputs; ++i) {
    EXPECT_NEAR(shifted.adapted[1][i] - clean.adapted[1][i],
                (1 - std::pow(0.9, 20)) * 2e-3 * draw[i] / scale_v, 1e-7);
  }
}

// Released membranes are cut off from their amplifiers, too, whatever those pass on.
TEST(AdaptationOnChip, ReleaseCutsOffAmplifiersAndSlots) {
  hw::ChipConfig chip = adapting_chip();
  chip.solver.rtol = 1e-8;
  chip.neuron.amplifier_gain = 200;
  chip.neuron.amplifier_time_constant_s = 5e-9;
  chip.neuron.slew_v_per_s = 1e6;
  chip.noise.read = 0.01;
  const Ends e = run(chip, hebbian());
  for (std::size_t i = 0; i < outputs; ++i) {
    EXPECT_NEAR((e.adapted[1][i] - e.free[1][i]) / (e.taught[1][i] - e.free[1][i]),
                std::pow(0.9, 20), 1e-6);
  }
}

// What a phase has settled to is measured before its window opens.
TEST(AdaptationOnChip, SettlingIsMeasuredBeforeTheWindow) {
  hw::ChipConfig chip = adapting_chip();
  run(chip, nudged(Nudging::centred, AdaptationMode::interleaved),
      [&](hw::ChipRunner& runner, const WaveformRecorder&) {
        const auto& analog = runner.chip().analog();
        for (std::size_t bank = 0; bank < 3; ++bank) {
          EXPECT_EQ(analog.settling(bank).phases, 1U);
          EXPECT_LT(analog.last_residual(bank), 1e-8) << bank;
        }
        const auto& t = chip.schedule;
        EXPECT_EQ(runner.phase_log().back().cycle, t.load + t.free + t.nudge_positive +
                                                       t.nudge_negative + t.sample + 3 * t.convert +
                                                       2 * t.adapt);
      });
}

TEST(AdaptationOnChip, WhatDoesNotFitIsRefused) {
  const auto refused = [](const hw::ChipConfig& chip, const learning::LearningConfig& learning,
                          const std::string& key) {
    try {
      run(chip, learning);
      ADD_FAILURE() << key;
    } catch (const UserError& error) {
      EXPECT_NE(std::string(error.what()).find("'" + key + "'"), std::string::npos) << error.what();
    }
  };
  const auto with = [](auto change) {
    hw::ChipConfig chip = adapting_chip();
    change(chip);
    return chip;
  };
  learning::LearningConfig l = hebbian();
  refused(with([](auto& c) { c.adaptation.circuit = AdaptationCircuit::none; }), l,
          "learning.adaptation.steps");
  refused(with([](auto& c) { c.schedule.adapt = 2; }), l, "chip.schedule.adapt");
  refused(with([](auto& c) { c.difference_amplifier.gain = {2.0}; }), l,
          "chip.difference_amplifier.gain");
  l.clamp = 0;
  refused(adapting_chip(), l, "learning.clamp");
  l = hebbian();
  l.teacher_delay = 13;
  refused(adapting_chip(), l, "learning.teacher_delay");
  l = hebbian();
  l.clamped_start = learning::ClampedStart::zero;
  refused(adapting_chip(), l, "learning.clamped_start");
  l = hebbian();
  l.adaptation.c = 1.0;
  refused(adapting_chip(), l, "learning.adaptation.c");
  l.adaptation = {};
  refused(adapting_chip(), l, "chip.adaptation.circuit");
  l = nudged(Nudging::one_sided, AdaptationMode::interleaved);
  refused(with([](auto& c) { c.twin.mode = hw::TwinMode::free_nudged; }), l, "chip.twin.mode");
}

}  // namespace
}  // namespace memprop::bench::test
