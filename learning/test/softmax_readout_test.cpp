// The softmax readout outside the loop: fre-rnn.md 1.1 and identity A4.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/exact_gradient.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/reference/ode_reference.hpp"
#include "learning/test/task.hpp"

namespace memprop::learning::test {
namespace {

IdealConfig settled() {
  IdealConfig config;
  config.free_steps = config.nudged_steps = 600;
  return config;
}

// A4: s^n - s^0 is -beta_f beta^(L-l) rho' a_l, with a_l the adjoint of the equilibrium: cosine
// above 0.9999 in every layer, norm ratio within 1 %.
TEST(SoftmaxReadout, StateDifferencesAreTheAdjointOfTheEquilibrium) {
  constexpr double kNudge = 1e-4;
  for (const double gain : {0.01, 0.1, 0.2}) {
    NetworkConfig config = chain_config({50, 64, 64, 64, 10}, gain, Readout::softmax);
    config.bias = false;
    const Network net = build_network(config, 2);
    const Samples s = random_samples(3, 50, 10, 2);
    IdealReference ideal(net, LearningConfig{}, settled(), 1);
    for (std::size_t k = 0; k < 3; ++k) {
      const auto x = s.inputs.row(k), y = s.targets.row(k);
      const LayerStates free = ideal.relax_free(x);
      const LayerStates nudged = ideal.relax_nudged(x, y, kNudge);
      const ExactGradient g = exact_gradient(net, x, y);
      for (std::size_t l = 0; l < 3; ++l) {
        std::vector<double> difference(64);
        for (std::size_t i = 0; i < 64; ++i) difference[i] = free.r[l][i] - nudged.r[l][i];
        EXPECT_GT(cosine(difference, g.adjoint[l]), 0.9999) << gain << " " << l;
        const double expected = kNudge * std::pow(gain, static_cast<double>(2 - l));
        EXPECT_NEAR(norm_ratio(difference, g.adjoint[l]) / expected, 1.0, 0.01) << gain << " " << l;
      }
    }
  }
}

TEST(SoftmaxReadout, ProductEstimateApproachesTheExactGradient) {
  const Network net = network_with_biases(chain_config({15, 30, 20, 6}, 0.2, Readout::softmax), 3);
  const Samples s = random_samples(1, 15, 6, 3);
  const ExactGradient exact = exact_gradient(net, s.inputs.row(0), s.targets.row(0));
  for (const UpdateForm form : {UpdateForm::product, UpdateForm::simplified}) {
    LearningConfig learning;
    learning.form = form;
    learning.beta = 1e-3;
    IdealReference ideal(net, learning, settled(), 1);
    Gradient g = ideal.ep_update_estimate(s.inputs, s.targets);
    for (std::size_t l = 0; l < 3; ++l) {
      for (double& v : g.weight[l].values()) v = -v;
      for (double& v : g.bias[l]) v = -v;
      const Matrix& truth = form == UpdateForm::product ? exact.weight[l] : exact.forward[l];
      EXPECT_LT(relative_error(g.weight[l], truth), 1e-5) << l;
      EXPECT_LT(relative_error(g.bias[l], exact.bias[l]), 1e-5) << l;
    }
  }
}

TEST(SoftmaxReadout, OutputsAreProbabilitiesAndTrainingLearns) {
  const Samples s = random_samples(40, 20, 4, 12);
  LearningConfig learning;
  learning.nudging = Nudging::one_sided;
  learning.beta = 0.1;
  learning.rate = {0.2};
  learning.batch = 4;
  IdealConfig config;
  config.free_steps = 20;
  IdealReference ideal(build_network(chain_config({20, 40, 30, 4}, 0.1, Readout::softmax), 1),
                       learning, config, 1);
  for (int epoch = 0; epoch < 200; ++epoch) {
    ideal.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  }
  const Evaluation after =
      ideal.evaluate(s.flat_inputs.data(), s.flat_targets.data(), s.labels.data(), 40);
  EXPECT_GT(after.accuracy, 0.95);
  double sum = 0;
  for (const double p : ideal.relax_free(s.inputs.row(0)).output) sum += p;
  EXPECT_NEAR(sum, 1.0, 1e-14);
}

// The way of the readout's error is stored beside feedback that learns, and does not learn.
TEST(SoftmaxReadout, FeedbackThatLearnsIsTheSameInContinuousTime) {
  NetworkConfig config = chain_config({8, 7, 6, 4}, 0.3, Readout::softmax);
  config.feedback = FeedbackWeights::separate;
  config.train_feedback = true;
  const Network start = build_network(config, 5);
  const Samples s = random_samples(8, 8, 4, 13);
  LearningConfig learning;
  learning.beta = 0.05;
  learning.rate = {0.02};
  learning.batch = 4;
  learning.optimiser.kind = OptimiserKind::adam;
  OdeConfig lengths;
  lengths.free_s = lengths.nudged_s = 60 * config.time_constant.mean_s;
  ode::StepperConfig stepper;
  stepper.rtol = 1e-10;
  stepper.atol = 1e-12;
  IdealReference ideal(start, learning, settled(), 1);
  OdeReference flow(start, learning, lengths, stepper, 1);
  ideal.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  flow.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  for (std::size_t l = 0; l < start.feedback.size(); ++l) {
    const Span<const double> before = start.feedback[l].values();
    double off = 0, moved = 0;
    for (std::size_t k = 0; k < before.size(); ++k) {
      const double there = flow.network().feedback[l].values()[k];
      off = std::max(off, std::abs(there - ideal.network().feedback[l].values()[k]));
      moved = std::max(moved, std::abs(there - before[k]));
    }
    EXPECT_LT(off, 1e-5) << l;
    EXPECT_EQ(moved > 0, l + 1 < start.feedback.size()) << l;
  }
}

}  // namespace
}  // namespace memprop::learning::test
