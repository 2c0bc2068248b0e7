// Time constants that are spread by the leaks: every neuron's drive is scaled, and fixed points,
// gradients and both references know it.
#include <gtest/gtest.h>

#include <cmath>

#include "learning/metric/gradient_metric.hpp"
#include "learning/network/time_constants.hpp"
#include "learning/reference/exact_gradient.hpp"
#include "learning/reference/fixed_point.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/reference/ode_reference.hpp"
#include "learning/test/numeric_gradient.hpp"
#include "learning/test/task.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::test {
namespace {

const std::vector<double> x{0.3, -0.5, 0.9, 0.1}, y{0.4, -0.2, 0.1};

NetworkConfig leaking(double gain) {
  NetworkConfig config = chain_config({4, 7, 6, 3}, gain);
  config.init_gain = 0.6;
  config.time_constant.family = TimeConstantFamily::lognormal;
  config.time_constant.cv = 0.3;
  config.time_constant.source = TimeConstantSource::leak;
  return config;
}

double loss_of(const Network& network) {
  const LayerStates s = fixed_point(network, x);
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) sum += 0.5 * std::pow(y[i] - s.output[i], 2);
  return sum;
}

TEST(LeakTimeConstants, GainIsTheTimeConstantOverItsMean) {
  const Network network = build_network(leaking(1.0), 3);
  ASSERT_EQ(network.gain.size(), 3U);
  for (std::size_t l = 0; l < 3; ++l) {
    for (std::size_t i = 0; i < network.gain[l].size(); ++i) {
      EXPECT_DOUBLE_EQ(network.gain[l][i], network.tau_s[l][i] / 100e-9);
    }
  }
  EXPECT_GT(realised_cv(network.gain[0]), 0.1);
  NetworkConfig capacitors = leaking(1.0);
  capacitors.time_constant.source = TimeConstantSource::capacitance;
  const Network other = build_network(capacitors, 3);
  EXPECT_TRUE(other.gain.empty());
  EXPECT_EQ(other.tau_s, network.tau_s);
}

// g_L,i V_i = drive: r = gain w x without an activation function.
TEST(LeakTimeConstants, OneNeuronStandsAtItsGain) {
  NetworkConfig config = leaking(1.0);
  config.layers = {1, 1};
  config.activation = {Activation::linear};
  config.feedback_gain = {};
  Network network = build_network(config, 5);
  network.bias[0][0] = 0.25;
  network.gain[0][0] = 1.7;
  const double one = 0.8;
  EXPECT_NEAR(fixed_point(network, {&one, 1}).r[0][0], 1.7 * (0.8 * network.weight[0](0, 0) + 0.25),
              1e-14);
}

TEST(LeakTimeConstants, ReferencesShareFixedPoints) {
  const Network network = network_with_biases(leaking(0.5), 7);
  const LayerStates exact = fixed_point(network, x), pushed = fixed_point(network, x, 0.2, y);
  IdealConfig steps;
  steps.free_steps = steps.nudged_steps = 400;
  IdealReference ideal(network, LearningConfig{}, steps, 1);
  OdeConfig phases;
  phases.free_s = phases.nudged_s = 20e-6;
  ode::StepperConfig stepper;
  stepper.rtol = 1e-10;
  stepper.atol = 1e-12;
  OdeReference continuous(network, LearningConfig{}, phases, stepper, 1);
  const auto compare = [](const LayerStates& a, const LayerStates& b, double tolerance) {
    for (std::size_t l = 0; l < 3; ++l) {
      for (std::size_t i = 0; i < a.r[l].size(); ++i) {
        EXPECT_NEAR(a.r[l][i], b.r[l][i], tolerance) << l << " " << i;
      }
    }
  };
  compare(ideal.relax_free(x), exact, 1e-12);
  compare(ideal.relax_nudged(x, y, 0.2), pushed, 1e-12);
  compare(continuous.relax_free(x), exact, 1e-8);
  compare(continuous.relax_nudged(x, y, 0.2), pushed, 1e-8);
}

TEST(LeakTimeConstants, ExactGradientMatchesFiniteDifferences) {
  for (const double gain : {0.3, 1.0}) {
    const Network network = network_with_biases(leaking(gain), 11);
    const ExactGradient g = exact_gradient(network, x, y);
    for (std::size_t l = 0; l < 3; ++l) {
      EXPECT_LT(relative_error(g.weight[l], numeric_gradient(network, l, loss_of)), 1e-8) << l;
    }
  }
}

// The energy sum v^2 / 2 gain - .. has symmetric weights, so EP's update is the gradient, without
// any gain in the rule.
TEST(LeakTimeConstants, SmallNudgesGiveTheExactGradient) {
  const Network network = network_with_biases(leaking(1.0), 13);
  LearningConfig learning;
  learning.nudging = Nudging::centred;
  learning.form = UpdateForm::product;
  learning.beta = 1e-3;
  IdealConfig steps;
  steps.free_steps = steps.nudged_steps = 600;
  Matrix inputs(1, 4), targets(1, 3);
  std::copy(x.begin(), x.end(), inputs.row(0).begin());
  std::copy(y.begin(), y.end(), targets.row(0).begin());
  Gradient wanted = IdealReference(network, learning, steps, 1).ep_update_estimate(inputs, targets);
  const ExactGradient exact = exact_gradient(network, x, y);
  for (std::size_t l = 0; l < 3; ++l) {
    const double sign = cosine(wanted.weight[l], exact.weight[l]) < 0 ? -1.0 : 1.0;
    for (double& value : wanted.weight[l].values()) value *= sign;
    EXPECT_LT(relative_error(wanted.weight[l], exact.weight[l]), 1e-4) << l;
  }
}

TEST(LeakTimeConstants, WhatHasNoMembraneIsRefused) {
  NetworkConfig rate = leaking(1.0);
  rate.dynamics = Dynamics::rate;
  EXPECT_THROW(build_network(rate, 1), UserError);
  NetworkConfig softmax = leaking(1.0);
  softmax.readout = Readout::softmax;
  EXPECT_THROW(build_network(softmax, 1), UserError);
  NetworkConfig anew = leaking(1.0);
  anew.time_constant.resample = true;
  EXPECT_THROW(build_network(anew, 1), UserError);
}

}  // namespace
}  // namespace memprop::learning::test
