// Optimisers, and the options of training that they meet.
#include <gtest/gtest.h>

#include <cmath>

#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/backprop_reference.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/reference/ode_reference.hpp"
#include "learning/rule/optimiser.hpp"
#include "learning/test/task.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::test {
namespace {

// Three updates with wanted changes 1, -2, 0.5, by hand.
TEST(Optimiser, StepsAreThoseOfTheFormulas) {
  const double wanted[] = {1.0, -2.0, 0.5};
  const auto run = [&](OptimiserConfig config) {
    double w = 0.25, first = 0, second = 0;
    for (std::uint64_t t = 1; t <= 3; ++t) {
      optimiser_step(config, t, 0.1, &wanted[t - 1], &w, &first, &second, 1);
    }
    return w;
  };
  OptimiserConfig config;
  EXPECT_NEAR(run(config), 0.25 + 0.1 * (1.0 - 2.0 + 0.5), 1e-15);
  config.weight_decay = 0.5;
  double w = 0.25;
  for (const double g : wanted) w += 0.1 * (g - 0.5 * w);
  EXPECT_NEAR(run(config), w, 1e-15);
  config.weight_decay = 0;

  config.kind = OptimiserKind::momentum;
  config.momentum = 0.5;
  // m = 1, -1.5, -0.25
  EXPECT_NEAR(run(config), 0.25 + 0.1 * (1.0 - 1.5 - 0.25), 1e-15);

  config.kind = OptimiserKind::adagrad;
  config.epsilon = 0.01;
  EXPECT_NEAR(
      run(config),
      0.25 + 0.1 * (1.0 / 1.01 - 2.0 / (std::sqrt(5.0) + 0.01) + 0.5 / (std::sqrt(5.25) + 0.01)),
      1e-15);

  config.kind = OptimiserKind::adam;
  config.epsilon = 1e-8;
  // m = 0.1, -0.11, -0.049 over 1 - 0.9^t = 0.1, 0.19, 0.271;
  // s = 0.001, 0.004999, 0.005244001 over 1 - 0.999^t = 0.001, 0.001999, 0.002997001
  EXPECT_NEAR(
      run(config),
      0.25 + 0.1 * (1.0 / (1.0 + 1e-8) - 0.11 / 0.19 / (std::sqrt(0.004999 / 0.001999) + 1e-8) -
                    0.049 / 0.271 / (std::sqrt(0.005244001 / 0.002997001) + 1e-8)),
      1e-14);
}

TEST(Optimiser, BadSettingsAreRefused) {
  OptimiserConfig config;
  config.momentum = 1.0;
  EXPECT_THROW(check_optimiser(config), UserError);
  config = {};
  config.decay2 = -0.1;
  EXPECT_THROW(check_optimiser(config), UserError);
  config = {};
  config.epsilon = 0;
  EXPECT_THROW(check_optimiser(config), UserError);
  config = {};
  config.weight_decay = -1;
  EXPECT_THROW(check_optimiser(config), UserError);
}

struct Trained {
  Network network;
  TrainingState state;
};

NetworkConfig small(FeedbackWeights feedback = FeedbackWeights::tied) {
  NetworkConfig config = chain_config({12, 20, 9, 18, 5}, 0.2, Readout::softmax);
  config.feedback = feedback;
  config.links = {"1-3"};
  return config;
}

LearningConfig adam() {
  LearningConfig learning;
  learning.nudging = Nudging::random_sign;
  learning.beta = 0.1;
  learning.batch = 7;
  learning.rate = {0.01, 0.02, 0.03, 0.04};
  learning.optimiser.kind = OptimiserKind::adam;
  return learning;
}

std::vector<double> all_weights(const Network& net) {
  std::vector<double> all;
  for (const Matrix& w : net.weight) all.insert(all.end(), w.values().begin(), w.values().end());
  for (const Link& l : net.links) {
    all.insert(all.end(), l.weight.values().begin(), l.weight.values().end());
  }
  for (const auto& b : net.bias) all.insert(all.end(), b.begin(), b.end());
  return all;
}

// With noise and mismatch, in both precisions: threads and a resume change no bit.
TEST(Optimiser, ThreadsAndResumeChangeNoBit) {
  const Samples s = random_samples(42, 12, 5, 9);
  for (const Precision precision : {Precision::float64, Precision::float32}) {
    for (const bool imperfect : {false, true}) {
      IdealConfig config;
      config.precision = precision;
      config.free_steps = 12;
      config.nudged_steps = 6;
      config.noise = imperfect ? 1e-2 : 0.0;
      config.mismatch = imperfect ? 0.1 : 0.0;
      const Network net = network_with_biases(small(), 1);
      const auto train = [&](IdealReference& r, std::size_t first, std::size_t count) {
        r.train(s.flat_inputs.data(), s.flat_targets.data(), {s.order.data() + first, count});
      };
      IdealReference one(net, adam(), config, 1), three(net, adam(), config, 3);
      train(one, 0, 42);
      train(three, 0, 42);
      EXPECT_EQ(all_weights(one.network()), all_weights(three.network()));
      IdealReference half(net, adam(), config, 1);
      train(half, 0, 21);
      IdealReference resumed(half.network(), adam(), config, 1);
      resumed.set_training_state(half.training_state());
      train(resumed, 21, 21);
      EXPECT_EQ(all_weights(one.network()), all_weights(resumed.network()));
      EXPECT_NE(all_weights(one.network()), all_weights(net));
    }
  }
}

// Ideal, continuous-time and back-propagation trainers take the same steps from the same wanted
// changes: the first Adam step of every weight is its rate, with the sign of the change.
TEST(Optimiser, EveryTrainerUsesIt) {
  const Samples s = random_samples(7, 12, 5, 10);
  const Network net = network_with_biases(small(), 1);
  LearningConfig learning = adam();
  learning.nudging = Nudging::centred;
  IdealConfig config;
  config.free_steps = config.nudged_steps = 200;
  OdeConfig phases;
  phases.free_s = phases.nudged_s = 6e-6;
  ode::StepperConfig stepper;
  stepper.rtol = 1e-9;
  stepper.atol = 1e-11;
  IdealReference ideal(net, learning, config, 1);
  OdeReference ode(net, learning, phases, stepper, 1);
  BackpropReference backprop(net, learning, Precision::float64, 1);
  for (Reference* r : {static_cast<Reference*>(&ideal), static_cast<Reference*>(&ode),
                       static_cast<Reference*>(&backprop)}) {
    r->train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
    const Network after = r->network();
    for (std::size_t l = 0; l < 4; ++l) {
      double largest = 0;
      for (std::size_t i = 0; i < net.weight[l].size(); ++i) {
        largest =
            std::max(largest, std::abs(after.weight[l].values()[i] - net.weight[l].values()[i]));
      }
      EXPECT_NEAR(largest, learning.rate[l], 1e-3 * learning.rate[l]) << l;
    }
    EXPECT_EQ(r->training_state().updates, 1U);
  }
  EXPECT_LT(relative_error(ideal.network().weight[1], ode.network().weight[1]), 1e-4);
}

TEST(Training, MismatchIsLearnedAroundAndNotStored) {
  const Samples s = random_samples(20, 12, 5, 11);
  LearningConfig learning;
  learning.rate = {0.0};
  IdealConfig config;
  config.mismatch = 0.3;
  const Network net = network_with_biases(small(), 1);
  IdealReference reference(net, learning, config, 1), plain(net, learning, IdealConfig{}, 1);
  reference.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  EXPECT_EQ(all_weights(reference.network()), all_weights(net));  // the weights, not the factors
  EXPECT_NE(reference.relax_free(s.inputs.row(0)).r[0], plain.relax_free(s.inputs.row(0)).r[0]);
}

TEST(Training, NudgeErrorsDifferOnlyAsTheyShould) {
  const Network net = network_with_biases(small(), 1);
  const Samples s = random_samples(1, 12, 5, 12);
  const auto nudged = [&](NudgeError error, std::size_t steps) {
    LearningConfig learning;
    learning.nudge_error = error;
    IdealConfig config;
    config.free_steps = 200;
    config.nudged_steps = steps;
    return IdealReference(net, learning, config, 1)
        .relax_nudged(s.inputs.row(0), s.targets.row(0), 0.1)
        .r[2];
  };
  const auto once = nudged(NudgeError::recomputed, 1);
  EXPECT_EQ(once, nudged(NudgeError::constant, 1));  // of one step all are alike
  EXPECT_EQ(once, nudged(NudgeError::ramp, 1));
  EXPECT_NE(nudged(NudgeError::recomputed, 9), nudged(NudgeError::constant, 9));
  EXPECT_NE(nudged(NudgeError::constant, 9), nudged(NudgeError::ramp, 9));
}

// White noise of the stated size on every activity: the spread over samples of the same input.
TEST(Training, NoiseHasTheStatedSize) {
  NetworkConfig shape = chain_config({3, 200, 4}, 1e-9);
  const Network net = build_network(shape, 1);
  IdealConfig config;
  config.noise = 0.05;
  IdealReference noisy(net, LearningConfig{}, config, 1),
      quiet(net, LearningConfig{}, IdealConfig{}, 1);
  const std::vector<double> x{0.1, 0.2, 0.3};
  const auto a = noisy.relax_free(x).r[0], b = quiet.relax_free(x).r[0];
  double sum = 0;
  for (std::size_t i = 0; i < 200; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  EXPECT_NEAR(std::sqrt(sum / 200), 0.05, 0.0075);  // three standard errors
}

TEST(FeedbackAlignment, LearnsThroughFixedFeedback) {
  const Samples s = random_samples(40, 20, 4, 12);
  NetworkConfig shape = chain_config({20, 40, 30, 4}, 0.1, Readout::softmax);
  LearningConfig learning;
  learning.rule = RuleKind::feedback_alignment;
  learning.batch = 4;
  learning.rate = {0.05};
  EXPECT_THROW(BackpropReference(build_network(shape, 1), learning, Precision::float64, 1),
               UserError);
  shape.feedback = FeedbackWeights::separate;
  const Network net = build_network(shape, 1);
  BackpropReference aligned(net, learning, Precision::float64, 1);
  learning.rule = RuleKind::backprop;
  BackpropReference exact(net, learning, Precision::float64, 1);
  const Gradient a = aligned.gradient(s.inputs, s.targets), b = exact.gradient(s.inputs, s.targets);
  EXPECT_EQ(a.weight[2].values(), b.weight[2].values());
  EXPECT_LT(std::abs(cosine(a.weight[0], b.weight[0])), 0.5);  // no angle yet
  for (int epoch = 0; epoch < 200; ++epoch) {
    aligned.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  }
  EXPECT_GT(
      aligned.evaluate(s.flat_inputs.data(), s.flat_targets.data(), s.labels.data(), 40).accuracy,
      0.95);
  EXPECT_EQ(aligned.network().feedback[0].values(), net.feedback[0].values());
}

}  // namespace
}  // namespace memprop::learning::test
