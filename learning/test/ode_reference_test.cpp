#include "learning/reference/ode_reference.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/continuous_network.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/test/task.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::test {
namespace {

ode::StepperConfig tight() {
  ode::StepperConfig config;
  config.rtol = 1e-10;
  config.atol = 1e-12;
  return config;
}

// One linear layer without feedback: v = (W x + bias)(1 - exp(-t/tau)), each neuron with its tau.
TEST(ContinuousNetwork, LinearLayerFollowsTheClosedForm) {
  NetworkConfig config = chain_config({3, 4}, 1.0);
  config.activation = {Activation::linear};
  config.feedback_gain = {};
  config.time_constant.family = TimeConstantFamily::lognormal;
  config.time_constant.cv = 0.5;
  const Network net = network_with_biases(config, 4);
  const std::vector<double> x{0.4, -0.7, 1.0}, y{1, 0, 0, 0};
  OdeConfig phases;
  phases.free_s = 130e-9;
  phases.nudged_s = 70e-9;
  OdeReference ode(net, LearningConfig{}, phases, tight(), 1);
  const auto free = ode.relax_free(x).v[0];
  constexpr double kBeta = 0.3;
  const auto nudged = ode.relax_nudged(x, y, kBeta).v[0];
  for (std::size_t i = 0; i < 4; ++i) {
    double drive = net.bias[0][i];
    for (std::size_t j = 0; j < 3; ++j) drive += net.weight[0](i, j) * x[j];
    const double tau = net.tau_s[0][i];
    const double at_end = drive * (1 - std::exp(-phases.free_s / tau));
    EXPECT_NEAR(free[i], at_end, 1e-9);
    // tau dv/dt = drive + beta y - (1 + beta) v.
    const double rest = (drive + kBeta * y[i]) / (1 + kBeta);
    EXPECT_NEAR(nudged[i], rest + (at_end - rest) * std::exp(-(1 + kBeta) * phases.nudged_s / tau),
                1e-9);
  }
}

// X14: with tied feedback the end state does not depend on the spread of time constants.
TEST(OdeReference, SpreadOfTimeConstantsLeavesTheFixedPoint) {
  NetworkConfig config = chain_config({20, 30, 20, 10}, 0.1);
  const Network equal = network_with_biases(config, 6);
  config.time_constant.family = TimeConstantFamily::lognormal;
  config.time_constant.cv = 1.0;
  config.time_constant.clip_low = 0.3;
  config.time_constant.clip_high = 3.0;
  const Network spread = network_with_biases(config, 6);
  ASSERT_EQ(equal.weight[1].values(), spread.weight[1].values());
  const Samples s = random_samples(1, 20, 10, 6);
  OdeConfig phases;
  phases.free_s = 300 * 100e-9;
  const auto a =
      OdeReference(equal, LearningConfig{}, phases, tight(), 1).relax_free(s.inputs.row(0));
  const auto b =
      OdeReference(spread, LearningConfig{}, phases, tight(), 1).relax_free(s.inputs.row(0));
  for (std::size_t l = 0; l < 3; ++l) {
    for (std::size_t i = 0; i < a.v[l].size(); ++i) EXPECT_NEAR(a.v[l][i], b.v[l][i], 1e-9);
  }
}

// ep-circuits 2.1: dE/dt = -sum kappa tau f' (dv/dt)^2, so the energy never rises.
TEST(ContinuousNetwork, EnergyFallsForAnyTimeConstants) {
  NetworkConfig config = chain_config({20, 30, 20, 10}, 0.3);
  config.time_constant.family = TimeConstantFamily::lognormal;
  config.time_constant.cv = 1.0;
  config.time_constant.clip_low = 0.3;
  config.time_constant.clip_high = 3.0;
  const Network net = network_with_biases(config, 6);
  const Samples s = random_samples(1, 20, 10, 6);
  ContinuousNetwork system(net);
  system.set_input(s.inputs.row(0));
  const auto energy = [&](const std::vector<double>& v) {
    std::vector<double> r(v.size());
    system.activity(v.data(), r.data());
    double e = 0, kappa = 1;
    for (std::size_t l = 1; l <= 3; ++l) {
      const double* rl = r.data() + system.first(l);
      const double* vl = v.data() + system.first(l);
      for (std::size_t i = 0; i < net.width(l); ++i) {
        // Q(r) = r atanh(r) + log(1 - r^2)/2 for tanh, with atanh(r) = v.
        double part = rl[i] * vl[i] - std::log(std::cosh(vl[i])) - net.bias[l - 1][i] * rl[i];
        for (std::size_t j = 0; j < net.width(l - 1); ++j) {
          const double below = l == 1 ? s.inputs(0, j) : r[system.first(l - 1) + j];
          part -= rl[i] * net.weight[l - 1](i, j) * below;
        }
        e += kappa * part;
      }
      if (l < 3) kappa *= net.config.feedback_gain[l - 1];
    }
    return e;
  };
  std::vector<double> v(system.size(), 0.0);
  const auto stepper = ode::make_stepper(tight());
  double before = energy(v);
  for (int k = 0; k < 200; ++k) {
    stepper->advance(system, v, k * 20e-9, (k + 1) * 20e-9);
    const double now = energy(v);
    EXPECT_LE(now, before + 1e-12) << k;
    before = now;
  }
}

TEST(OdeReference, ThreadsChangeNoBitAndTrainingFollowsIdeal) {
  const Samples s = random_samples(30, 12, 4, 9);
  for (const Nudging nudging : {Nudging::one_sided, Nudging::centred, Nudging::random_sign}) {
    LearningConfig learning;
    learning.nudging = nudging;
    learning.rate = {0.1};
    learning.batch = 10;
    const Network net = network_with_biases(chain_config({12, 20, 4}, 0.1), 9);
    OdeConfig phases;
    // 200 time constants: a negative nudge slows settling, 40 still leave 1e-5 of the difference.
    phases.free_s = phases.nudged_s = 20e-6;
    OdeReference one(net, learning, phases, tight(), 1, 3),
        two(net, learning, phases, tight(), 2, 3);
    IdealConfig config;
    config.free_steps = config.nudged_steps = 100;
    IdealReference ideal(net, learning, config, 1, 3);
    one.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
    two.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
    ideal.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
    for (std::size_t l = 0; l < 2; ++l) {
      EXPECT_EQ(one.network().weight[l].values(), two.network().weight[l].values());
      Matrix a = one.network().weight[l], b = ideal.network().weight[l];
      for (std::size_t i = 0; i < a.size(); ++i) {
        a.values()[i] -= net.weight[l].values()[i];
        b.values()[i] -= net.weight[l].values()[i];
      }
      EXPECT_LT(relative_error(a, b), 1e-6);
    }
    const auto evaluate = [&](Reference& r) {
      return r.evaluate(s.flat_inputs.data(), s.flat_targets.data(), s.labels.data(), 30);
    };
    EXPECT_NEAR(evaluate(one).loss, evaluate(ideal).loss, 1e-8);
    EXPECT_EQ(evaluate(one).accuracy, evaluate(ideal).accuracy);
  }
}

TEST(OdeReference, WrongPhaseNamesTheKey) {
  OdeConfig phases;
  phases.free_s = 0;
  try {
    OdeReference(build_network(chain_config({2, 2}, 1.0), 1), LearningConfig{}, phases, tight(), 1);
    FAIL();
  } catch (const UserError& e) {
    EXPECT_STREQ(e.what(), "key 'ode.free': expected a positive time, got 0 s");
  }
}

}  // namespace
}  // namespace memprop::learning::test
