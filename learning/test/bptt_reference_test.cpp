// Truncated back-propagation through time against finite differences of the unrolled loss, and
// equilibrium propagation of dendritic nets against it.
#include "learning/reference/bptt_reference.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "learning/metric/gradient_metric.hpp"
#include "learning/network/dendrites.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/test/bptt.hpp"
#include "learning/test/dendritic_loops.hpp"
#include "learning/test/golden_network.hpp"
#include "learning/test/numeric_gradient.hpp"
#include "learning/test/task.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::test {
namespace {

double unrolled_loss(const Network& network, const Samples& s, std::size_t steps) {
  IdealConfig ideal;
  ideal.free_steps = steps;
  IdealReference reference(network, LearningConfig{}, ideal, 1);
  return reference.evaluate(s.flat_inputs.data(), s.flat_targets.data(), nullptr, s.inputs.rows())
      .loss;
}

// Everything that is trained, all iterations.
void expect_gradient(Network network, double bound) {
  constexpr std::size_t kSteps = 7;
  const Samples s = random_samples(2, network.width(0), network.width(network.layer_count()), 4);
  IdealConfig ideal;
  ideal.free_steps = ideal.nudged_steps = kSteps;
  LearningConfig learning;
  const Gradient g = BpttReference(network, learning, ideal, 1).gradient(s.inputs, s.targets);
  const auto loss = [&](const Network& net) { return unrolled_loss(net, s, kSteps); };
  for (std::size_t l = 0; l < network.layer_count(); ++l) {
    Matrix wanted = numeric_gradient(network, l, loss);
    if (!network.basal_mask.empty()) apply_mask(network.basal_mask[l], wanted);
    EXPECT_LT(relative_error(g.weight[l], wanted), bound) << "weights of layer " << l + 1;
    if (network.bias.empty()) continue;
    std::vector<double> bias;
    for (double& b : network.bias[l]) bias.push_back(derivative(network, b, loss));
    EXPECT_LT(relative_error(g.bias[l], bias), bound) << "biases of layer " << l + 1;
  }
  for (std::size_t l = 0; l < g.feedback.size(); ++l) {
    Matrix wanted(network.feedback[l].rows(), network.feedback[l].cols());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      wanted.values()[i] = derivative(network, network.feedback[l].values()[i], loss);
    }
    if (!network.apical_mask.empty()) apply_mask(network.apical_mask[l], wanted);
    EXPECT_LT(relative_error(g.feedback[l], wanted), bound) << "feedback to layer " << l + 1;
  }
  for (std::size_t k = 0; k < network.links.size(); ++k) {
    if (!network.links[k].trained()) continue;
    Matrix wanted(network.links[k].weight.rows(), network.links[k].weight.cols());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      wanted.values()[i] = derivative(network, network.links[k].weight.values()[i], loss);
    }
    EXPECT_LT(relative_error(g.links[k], wanted), bound) << network.links[k].name();
  }
}

TEST(BpttReference, IsTheGradientOfTheUnrolledLoss) {
  NetworkConfig config = chain_config({6, 5, 4, 3}, 0.6);
  expect_gradient(network_with_biases(config, 2), 1e-8);
  config.forward_gain = {0.7};
  config.links = {"1-3"};
  expect_gradient(network_with_biases(config, 3), 1e-8);
  config.feedback = FeedbackWeights::separate;
  config.train_feedback = true;
  expect_gradient(network_with_biases(config, 4), 1e-8);
}

// Rectifiers have kinks, which differences of a finite step may straddle: the seeds are such that
// none does.
TEST(BpttReference, IsTheGradientOfDendriticNets) {
  for (const FeedbackWeights feedback : {FeedbackWeights::separate, FeedbackWeights::tied}) {
    NetworkConfig config = dendritic_config({6, 5, 4, 3});
    config.activation = {Activation::logistic};
    config.feedback = feedback;
    config.train_feedback = feedback == FeedbackWeights::separate;
    config.feedback_gain = {0.5};
    config.forward_gain = {1.2};
    expect_gradient(network_with_biases(config, 12), 1e-8);
  }
}

TEST(BpttReference, TruncatesWhereItIsTold) {
  const Network network = golden_network(0.5);
  const Matrix x = matrix(1, 3, golden_x()), y = matrix(1, 2, golden_y());
  const auto wanted = bptt_gradients(network, x, y, 12, 5);
  for (std::size_t kept = 1; kept <= 5; ++kept) {
    IdealConfig ideal;
    ideal.free_steps = 12;
    ideal.nudged_steps = kept;
    const Gradient g = BpttReference(network, LearningConfig{}, ideal, 1).gradient(x, y);
    for (std::size_t l = 0; l < 3; ++l) {
      if (norm_ratio(wanted[kept - 1][l], x) == 0) {
        EXPECT_EQ(norm_ratio(g.weight[l], x), 0.0);  // the error has not come so far down
        continue;
      }
      EXPECT_LT(relative_error(g.weight[l], wanted[kept - 1][l]), 1e-12) << kept << ' ' << l;
    }
  }
}

// With the transposed, gated branches as feedback the net has an energy, and EP's centred estimate
// is the exact gradient up to the square of the nudge.
TEST(DendriticEnergy, EstimatesAreTheExactGradient) {
  NetworkConfig config = dendritic_config({8, 7, 6, 4});
  config.activation = {Activation::logistic};
  config.feedback = FeedbackWeights::tied;
  config.feedback_gain = {0.7};
  const Network network = build_network(config, 5);
  const Samples s = random_samples(6, 8, 4, 9);
  IdealConfig ideal;
  ideal.free_steps = ideal.nudged_steps = 200;
  const Gradient exact =
      BpttReference(network, LearningConfig{}, ideal, 1).gradient(s.inputs, s.targets);
  double before = 0;
  for (const double beta : {0.02, 0.01}) {
    LearningConfig learning;
    learning.form = UpdateForm::product;
    learning.beta = beta;
    IdealReference reference(network, learning, ideal, 1);
    const Gradient estimate = reference.ep_update_estimate(s.inputs, s.targets);
    double worst = 0;
    for (std::size_t l = 0; l < 3; ++l) {
      Matrix minus = exact.weight[l];
      for (double& v : minus.values()) v = -v;
      EXPECT_GT(cosine(estimate.weight[l], minus), 0.99999);
      worst = std::max(worst, relative_error(estimate.weight[l], minus));
      EXPECT_GT(cosine(estimate.bias[l], exact.bias[l]), -1.0000001);
      EXPECT_LT(cosine(estimate.bias[l], exact.bias[l]), -0.99999);
    }
    EXPECT_LT(worst, 1e-3);
    if (before > 0) {
      EXPECT_NEAR(worst / before, 0.25, 0.05);
    }
    before = worst;
  }
}

// The published net has no energy: its estimate is exact for the output projection only (A4), and
// random feedback tells the hidden layers next to nothing before they have aligned (A5).
TEST(DendriticEnergy, PublishedNetIsExactAtTheOutputOnly) {
  NetworkConfig config = dendritic_config({64, 40, 6});
  config.activation = {Activation::logistic};
  config.dendrites.basal_branches = 4;
  config.train_feedback = true;
  const Network network = build_network(config, 5);
  const Samples s = random_samples(12, 64, 6, 9);
  IdealConfig ideal;
  ideal.free_steps = ideal.nudged_steps = 60;
  LearningConfig learning;
  learning.form = UpdateForm::product;
  learning.scale = GradientScale::nudge;
  learning.beta = 0.01;
  const Gradient exact = BpttReference(network, learning, ideal, 1).gradient(s.inputs, s.targets);
  const Gradient estimate =
      IdealReference(network, learning, ideal, 1).ep_update_estimate(s.inputs, s.targets);
  EXPECT_LT(cosine(estimate.weight[1], exact.weight[1]), -0.97);
  EXPECT_LT(std::abs(cosine(estimate.weight[0], exact.weight[0])), 0.5);
}

TEST(BpttReference, LearnsAndDoesNotDependOnThreads) {
  const Samples s = random_samples(60, 12, 4, 5);
  NetworkConfig config = dendritic_config({12, 10, 4});
  config.train_feedback = true;
  const Network start = build_network(config, 3);
  LearningConfig learning;
  learning.rate = {0.05};
  learning.batch = 20;
  learning.optimiser.kind = OptimiserKind::momentum;
  IdealConfig ideal;
  ideal.nudged_steps = 5;
  BpttReference one(start, learning, ideal, 1), two(start, learning, ideal, 3);
  const auto loss = [&](BpttReference& r) {
    return r.evaluate(s.flat_inputs.data(), s.flat_targets.data(), s.labels.data(), 60).loss;
  };
  const double before = loss(one);
  for (int epoch = 0; epoch < 60; ++epoch) {
    one.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
    two.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  }
  // The labels are random: only memorising lowers the loss.
  EXPECT_LT(loss(one), 0.9 * before);
  EXPECT_EQ(loss(one), loss(two));
  EXPECT_EQ(one.network().weight[0].values(), two.network().weight[0].values());
  // A resume goes on bit for bit.
  BpttReference resumed(one.network(), learning, ideal, 2);
  resumed.set_training_state(one.training_state());
  one.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  resumed.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  EXPECT_EQ(one.network().feedback[0].values(), resumed.network().feedback[0].values());
}

TEST(BpttReference, RefusesWhatItCannotRun) {
  EXPECT_THROW(BpttReference(build_network(chain_config({4, 3, 2}, 0.5, Readout::softmax), 1),
                             LearningConfig{}, IdealConfig{}, 1),
               UserError);
  IdealConfig slow;
  slow.time_step_s = 1e-9;
  EXPECT_THROW(
      BpttReference(build_network(chain_config({4, 3, 2}, 0.5), 1), LearningConfig{}, slow, 1),
      UserError);
}

}  // namespace
}  // namespace memprop::learning::test
