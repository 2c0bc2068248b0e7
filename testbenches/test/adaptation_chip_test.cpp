// Neuronal adaptation on the chip: the track-and-hold circuit and the slow variable against closed
// forms, against the equations of the published rule in continuous time (integrated here on their
// own) and against the continuous-time reference.
#include <gtest/gtest.h>

#include <cmath>

#include "hw_models/controller_setup.hpp"
#include "learning/reference/ode_reference.hpp"
#include "testbenches/test/adaptation_fixture.hpp"

namespace memprop::bench::test {
namespace {

// A5: g_a R = 1.0536 for two time constants leaves 0.1216 of the output's difference, and hidden
// neurons follow C dV/dt = -g V + I - g_a (V - V_free), with the output's known decay.
TEST(AdaptationOnChip, TrackAndHoldLeavesTheKnownPartAndFollowsTheEquations) {
  hw::ChipConfig chip = adapting_chip();
  chip.adaptation.conductance_s = 1.0536 * leak_s;
  const learning::Network net = logistic_network();
  const Ends e = run(chip, hebbian());
  const auto& v_free = e.free[1];
  for (std::size_t i = 0; i < outputs; ++i) {
    EXPECT_GT(std::abs(e.taught[1][i] - v_free[i]), 0.5);
    EXPECT_NEAR((e.adapted[1][i] - v_free[i]) / (e.taught[1][i] - v_free[i]), 0.1216, 1e-3);
  }
  const auto s = the_sample();
  std::vector<double> v = e.taught[0];
  constexpr int steps = 20000;
  for (int k = 0; k < steps; ++k) {
    const double t = 2.0 * k / steps;  // in tau
    for (std::size_t i = 0; i < hidden; ++i) {
      double drive = net.bias[0][i];
      for (std::size_t j = 0; j < inputs; ++j) drive += net.weight[0](i, j) * s.inputs[j];
      for (std::size_t j = 0; j < outputs; ++j) {
        const double u = v_free[j] + (e.taught[1][j] - v_free[j]) * std::exp(-1.0536 * t);
        drive += net.weight[1](j, i) / (1 + std::exp(-u));
      }
      v[i] += 2.0 / steps * (drive - v[i] - 1.0536 * (v[i] - e.free[0][i]));
    }
  }
  for (std::size_t i = 0; i < hidden; ++i) {
    const double moved = v[i] - e.free[0][i];
    EXPECT_GT(std::abs(moved), 1e-3);
    EXPECT_NEAR(e.adapted[0][i] - e.free[0][i], moved, 0.02 * std::abs(moved)) << i;
    EXPECT_NEAR(e.adapted[0][i] - e.free[0][i], moved, 1e-3 * std::abs(moved)) << i;
  }
}

// The conductance that follows from the rule leaves (1 - c)^N of a released neuron, whatever the
// window and the time constants.
TEST(AdaptationOnChip, TheRuleSetsTheConductanceForAnyWindow) {
  learning::Network net = logistic_network();
  for (auto& layer : net.tau_s) {
    for (std::size_t i = 0; i < layer.size(); ++i)
      layer[i] = tau_s * (0.5 + 0.1 * static_cast<double>(i));
  }
  for (const std::uint32_t window : {5U, 37U}) {
    hw::ChipConfig chip = adapting_chip();
    chip.schedule.adapt = window;
    const Ends e = run(chip, hebbian(AdaptationMode::pure), {}, net);
    for (std::size_t l = 0; l < 2; ++l) {
      for (std::size_t i = 0; i < e.free[l].size(); ++i) {
        EXPECT_NEAR((e.adapted[l][i] - e.free[l][i]) / (e.taught[l][i] - e.free[l][i]),
                    std::pow(0.9, 20), 1e-7);
      }
    }
  }
}

struct Case {
  const char* name;
  learning::LearningConfig learning;
  AdaptationCircuit circuit;
};

std::vector<Case> cases() {
  const auto hold = AdaptationCircuit::track_hold, slow = AdaptationCircuit::slow_variable;
  const auto mixed = AdaptationMode::interleaved, pure = AdaptationMode::pure;
  return {{"centred", nudged(Nudging::centred, mixed), hold},
          {"centred, pure", nudged(Nudging::centred, pure), hold},
          {"one-sided", nudged(Nudging::one_sided, mixed), hold},
          {"one-sided, slow", nudged(Nudging::one_sided, mixed), slow},
          {"contrastive Hebbian", hebbian(mixed), hold},
          {"contrastive Hebbian, pure", hebbian(pure), hold},
          {"contrastive Hebbian, slow", hebbian(mixed), slow}};
}

// Every cycle of the chip against the continuous network with the chip's weights.
TEST(AdaptationOnChip, EveryCycleIsThatOfTheContinuousNetwork) {
  for (const Case& c : cases()) {
    hw::ChipConfig chip = adapting_chip();
    chip.adaptation.circuit = c.circuit;
    chip.adaptation.time_constant_s = 3 * tau_s;
    chip.solver.rtol = 1e-8;
    chip.solver.atol = 1e-9;
    const Ends e = run(chip, c.learning);
    EXPECT_LT(e.worst_state, 1e-7) << c.name;
    EXPECT_GT(e.worst_state, 1e-13) << c.name;  // two integrators
  }
}

// Settled phases and ideal parts: what is held, and the change that is wanted, are those of the
// continuous-time reference of the same rule.
TEST(AdaptationOnChip, StatesAndWantedChangeEqualThoseOfTheReference) {
  const Sample s = the_sample();
  learning::OdeConfig ode;
  ode.free_s = ode.nudged_s = 40 * tau_s;
  ode::StepperConfig tight;
  tight.rtol = 1e-11;
  tight.atol = 1e-13;
  for (const Case& c : cases()) {
    if (c.circuit == AdaptationCircuit::slow_variable) continue;  // creeps between the phases, too
    const bool clamps = c.learning.rule == RuleKind::contrastive_hebbian;
    ode.step_s = 200e-9 / static_cast<double>(c.learning.adaptation.steps);
    learning::OdeReference reference(logistic_network(0.5), c.learning, ode, tight, 1);
    const auto ends = reference.relax_phases(s.inputs, s.targets);
    Matrix x(1, inputs), y(1, outputs);
    std::copy(s.inputs.begin(), s.inputs.end(), x.data());
    std::copy(s.targets.begin(), s.targets.end(), y.data());
    const auto expected = reference.ep_update_estimate(x, y);
    learning::LearningConfig learning = c.learning;
    learning.rate = {1.0};
    std::vector<Matrix> change;
    const auto look = [&](hw::ChipRunner& runner, const WaveformRecorder&) {
      change = hw::wanted_change(runner.chip().config(), logistic_network(0.5), learning,
                                 runner.chip().controller(), s.inputs, 1.0, true);
    };
    const Ends e = run(adapting_chip(), learning, look, logistic_network(0.5));
    // Phases: free, positive, its window (, negative, its window).
    const std::size_t banks = ends.size() == 5 ? 3 : 2;
    const std::size_t phase[] = {0, 2, 4};
    for (std::size_t bank = 0; bank < banks; ++bank) {
      for (std::size_t k = 0; k < hidden + outputs; ++k) {
        const auto& r = ends[phase[bank]].r[k < hidden ? 0 : 1];
        EXPECT_NEAR(e.held[bank][k], r[k < hidden ? k : k - hidden], 1e-6)
            << c.name << " bank " << bank << " neuron " << k;
      }
    }
    ASSERT_EQ(change.size(), 2U);
    for (std::size_t l = 0; l < 2; ++l) {
      const auto& w = expected.weight[l];
      for (std::size_t i = 0; i < w.rows(); ++i) {
        for (std::size_t j = 0; j < w.cols(); ++j) {
          EXPECT_NEAR(change[l](i, j), w(i, j), clamps ? 1e-4 : 3e-5) << c.name << ' ' << l;
        }
        EXPECT_NEAR(change[l](i, w.cols()), expected.bias[l][i], clamps ? 1e-4 : 3e-5) << c.name;
      }
    }
  }
}

// A7: while the membranes hold still (a conversion), the slow variable goes on towards them, by
// 1 - exp(-T / tau_w).
TEST(AdaptationOnChip, TheSlowVariableCreeps) {
  hw::ChipConfig chip = adapting_chip();
  chip.adaptation.circuit = AdaptationCircuit::slow_variable;
  chip.adaptation.time_constant_s = 1e-6;
  chip.schedule.free = 50;
  chip.schedule.convert = 100;
  const double crept = 1.0 - std::exp(-100 * chip.clock_s / 1e-6);
  run(chip, hebbian(), [&](hw::ChipRunner& runner, const WaveformRecorder& waves) {
    const std::size_t begin = chip.schedule.load + chip.schedule.free + chip.schedule.sample;
    const std::size_t end = begin + chip.schedule.convert;
    std::size_t seen = 0;
    for (std::size_t l = 1; l <= 2; ++l) {
      const auto v = waves.membranes(l);
      const auto w = runner.chip().analog().adaptation()->bank(l).slow_nodes();
      ASSERT_EQ(w.count, v.count);
      for (std::size_t i = 0; i < v.count; ++i, ++seen) {
        const double membrane = waves.nodes(begin)[v.first + i];
        EXPECT_EQ(waves.nodes(end)[v.first + i], membrane);
        const double before = waves.nodes(begin)[w.first + i];
        const double after = waves.nodes(end)[w.first + i];
        EXPECT_GT(std::abs(membrane - before), 1e-5);
        EXPECT_NEAR((after - before) / (membrane - before), crept, 1e-7);
      }
    }
    EXPECT_EQ(seen, hidden + outputs);
  });
}

// With equal phases a fixed pole has forgotten the free state: what is left of the output is far
// from the known part.
TEST(AdaptationOnChip, EqualPhasesNeedAHeldValue) {
  for (const double tau_w : {1e-7, 1e-6, 1e-5}) {
    hw::ChipConfig chip = adapting_chip();
    chip.schedule.free = chip.schedule.nudge_positive = 120;
    chip.adaptation.circuit = AdaptationCircuit::slow_variable;
    chip.adaptation.time_constant_s = tau_w;
    chip.solver.rtol = 1e-8;
    const Ends e = run(chip, hebbian());
    const double left = (e.adapted[1][0] - e.free[1][0]) / (e.taught[1][0] - e.free[1][0]);
    EXPECT_GT(std::abs(left - std::pow(0.9, 20)), 0.05) << tau_w;
  }
}

}  // namespace
}  // namespace memprop::bench::test
