// Dendritic projections: synapses, algebra, dynamics and the learning rule against plain loops.
#include "learning/network/dendrites.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "learning/reference/ideal_reference.hpp"
#include "learning/test/dendritic_loops.hpp"
#include "learning/test/task.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::test {
namespace {

std::size_t ones(const Matrix& mask, std::size_t row) {
  const auto r = mask.row(row);
  return static_cast<std::size_t>(std::count(r.begin(), r.end(), 1.0));
}

void expect_masked(const std::vector<Matrix>& masks, const std::vector<Matrix>& weights) {
  ASSERT_EQ(masks.size(), weights.size());
  for (std::size_t l = 0; l < masks.size(); ++l) {
    for (std::size_t i = 0; i < masks[l].size(); ++i) {
      if (masks[l].values()[i] == 0.0) {
        EXPECT_EQ(weights[l].values()[i], 0.0);
      }
    }
  }
}

// A1 of the published network's first layer.
TEST(Dendrites, EveryBranchHasAsManyInputs) {
  const Matrix mask = draw_mask(1, 2, 256 * 8, 784, kept_inputs(0.5, 784));
  for (std::size_t b = 0; b < mask.rows(); ++b) EXPECT_EQ(ones(mask, b), 392U);
  // Every input is in about half of the branches: 2048 draws, 5 standard deviations.
  for (std::size_t j = 0; j < mask.cols(); ++j) {
    double used = 0;
    for (std::size_t b = 0; b < mask.rows(); ++b) used += mask(b, j);
    EXPECT_NEAR(used, 1024.0, 5.0 * std::sqrt(2048.0 * 0.25));
  }
  EXPECT_NE(mask.values(), draw_mask(2, 2, 256 * 8, 784, 392).values());
  EXPECT_EQ(mask.values(), draw_mask(1, 2, 256 * 8, 784, 392).values());
}

TEST(Dendrites, InputsAreRoundedHalfToEven) {
  EXPECT_EQ(kept_inputs(0.5, 5), 2U);
  EXPECT_EQ(kept_inputs(0.5, 7), 4U);
  EXPECT_EQ(kept_inputs(0.2, 784), 157U);
}

// A1: synapses that are not there never get a weight, with any optimiser.
TEST(Dendrites, MissingSynapsesStayMissing) {
  for (const OptimiserKind kind :
       {OptimiserKind::sgd, OptimiserKind::momentum, OptimiserKind::adam}) {
    for (const FeedbackWeights feedback : {FeedbackWeights::separate, FeedbackWeights::tied}) {
      NetworkConfig config = dendritic_config({12, 8, 6, 4});
      config.feedback = feedback;
      config.train_feedback = feedback == FeedbackWeights::separate;
      const Network before = build_network(config, 3);
      LearningConfig learning;
      learning.form = UpdateForm::product;
      learning.scale = GradientScale::nudge;
      learning.rate = {0.1};
      learning.batch = 5;
      learning.optimiser.kind = kind;
      learning.optimiser.weight_decay = 1e-3;
      const Samples s = random_samples(20, 12, 4, 5);
      IdealReference reference(before, learning, IdealConfig{}, 2);
      reference.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
      const Network after = reference.network();
      expect_masked(before.basal_mask, after.weight);
      expect_masked(before.apical_mask, after.feedback);
      for (std::size_t l = 0; l < 3; ++l) {
        EXPECT_EQ(before.basal_mask[l].values(), after.basal_mask[l].values());
        EXPECT_NE(before.weight[l].values(), after.weight[l].values()) << l;
      }
      if (config.train_feedback) {
        EXPECT_NE(before.feedback[0].values(), after.feedback[0].values());
        EXPECT_NE(before.feedback[1].values(), after.feedback[1].values());
      }
    }
  }
}

// A2: 3 inputs, 2 neurons with 2 branches of 2 inputs each, worked out by hand.
TEST(Dendrites, OneProjectionByHand) {
  NetworkConfig config = dendritic_config({3, 2});
  config.activation = {Activation::linear};
  config.dendrites.basal_branches = 2;
  config.dendrites.keep_fraction = 2.0 / 3.0;
  Network network = build_network(config, 1);
  network.basal_mask[0] = Matrix(4, 3);
  network.basal_mask[0].values() = {1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0};
  network.weight[0].values() = {0.5, -0.25, 0, 0, 1.0, -2.0, -1.0, 0, 0.5, 0.3, 0.2, 0};
  network.bias[0] = {0.1, 0.0, 0.25, -0.05};
  IdealConfig ideal;
  ideal.free_steps = 1;
  IdealReference reference(network, LearningConfig{}, ideal, 1);
  const std::vector<double> x{1.0, 2.0, 0.5};
  // z = 0.1, 1, -0.5, 0.65
  const LayerStates states = reference.relax_free(x);
  EXPECT_NEAR(states.v[0][0], 0.5 * (0.1 + 1.0), 1e-15);
  EXPECT_NEAR(states.v[0][1], 0.5 * (0.0 + 0.65), 1e-15);

  // The output's own error nudges: y - r = 0.45, 0.675 of the neurons, and the branches that are
  // above 0 learn from the difference of post times gate times input.
  LearningConfig learning;
  learning.form = UpdateForm::product;
  learning.nudging = Nudging::one_sided;
  learning.beta = 0.5;
  ideal.nudged_steps = 1;
  IdealReference learner(network, learning, ideal, 1);
  Matrix inputs(1, 3), targets(1, 2);
  inputs.values() = x;
  targets.values() = {1.0, 1.0};
  const Gradient g = learner.ep_update_estimate(inputs, targets);
  const double d0 = 0.5 * (1.0 - 0.55) / 0.5 / 2, d1 = 0.5 * (1.0 - 0.325) / 0.5 / 2;
  const std::vector<double> wanted{d0 * 1, d0 * 2, 0, 0,      d0 * 2, d0 * 0.5,
                                   0,      0,      0, d1 * 1, d1 * 2, 0};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_NEAR(g.weight[0].values()[i], wanted[i], 1e-15) << i;
  }
  const std::vector<double> bias{d0, d0, 0, d1};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(g.bias[0][i], bias[i], 1e-15);
}

// Dynamics and every learning signal against loops that follow the published equations.
TEST(Dendrites, FollowThePublishedEquations) {
  for (const FeedbackWeights feedback : {FeedbackWeights::separate, FeedbackWeights::tied}) {
    for (const Nudging nudging : {Nudging::centred, Nudging::one_sided}) {
      NetworkConfig config = dendritic_config({7, 6, 5, 3});
      config.feedback = feedback;
      config.train_feedback = feedback == FeedbackWeights::separate;
      config.forward_gain = {1.3};
      config.feedback_gain = {0.4, 0.6};
      const Network network = network_with_biases(config, 17);
      LearningConfig learning;
      learning.form = UpdateForm::product;
      learning.scale = GradientScale::nudge;
      learning.nudging = nudging;
      learning.beta = 0.3;
      IdealConfig ideal;
      ideal.free_steps = 9;
      ideal.nudged_steps = 4;
      const Samples s = random_samples(3, 7, 3, 8);
      IdealReference reference(network, learning, ideal, 1);
      const Gradient found = reference.ep_update_estimate(s.inputs, s.targets);
      const Gradient wanted = loop_estimate(network, learning, ideal, s.inputs, s.targets);
      for (std::size_t k = 0; k < 3; ++k) {
        const auto x = s.inputs.row(k);
        const LayerStates states = reference.relax_free(x);
        const auto loops = loop_states(network, {x.begin(), x.end()}, {}, 0.0, 9, nullptr);
        for (std::size_t l = 0; l < 3; ++l) {
          for (std::size_t i = 0; i < loops[l].size(); ++i) {
            EXPECT_NEAR(states.r[l][i], loops[l][i], 1e-14);
          }
        }
      }
      for (std::size_t l = 0; l < 3; ++l) {
        for (std::size_t i = 0; i < wanted.weight[l].size(); ++i) {
          EXPECT_NEAR(found.weight[l].values()[i], wanted.weight[l].values()[i], 1e-13);
        }
        for (std::size_t i = 0; i < wanted.bias[l].size(); ++i) {
          EXPECT_NEAR(found.bias[l][i], wanted.bias[l][i], 1e-13);
        }
      }
      ASSERT_EQ(found.feedback.size(), wanted.feedback.size());
      for (std::size_t l = 0; l < wanted.feedback.size(); ++l) {
        for (std::size_t i = 0; i < wanted.feedback[l].size(); ++i) {
          EXPECT_NEAR(found.feedback[l].values()[i], wanted.feedback[l].values()[i], 1e-13);
        }
      }
    }
  }
}

// Batches, threads and single precision change nothing that they should not.
TEST(Dendrites, ResultsDoNotDependOnThreadsOrResume) {
  NetworkConfig config = dendritic_config({12, 8, 4});
  config.train_feedback = true;
  LearningConfig learning;
  learning.form = UpdateForm::product;
  learning.scale = GradientScale::nudge;
  learning.rate = {0.2, 0.1};
  learning.batch = 20;
  learning.optimiser.kind = OptimiserKind::momentum;
  const Samples s = random_samples(60, 12, 4, 5);
  const Network start = build_network(config, 3);
  IdealReference one(start, learning, IdealConfig{}, 1), two(start, learning, IdealConfig{}, 2);
  one.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  const Span<const std::uint32_t> order(s.order);
  two.train(s.flat_inputs.data(), s.flat_targets.data(), {order.data(), 40});
  IdealReference resumed(two.network(), learning, IdealConfig{}, 2);
  resumed.set_training_state(two.training_state());
  resumed.train(s.flat_inputs.data(), s.flat_targets.data(), {order.data() + 40, 20});
  for (std::size_t l = 0; l < 2; ++l) {
    EXPECT_EQ(one.network().weight[l].values(), resumed.network().weight[l].values());
    EXPECT_EQ(one.network().bias[l], resumed.network().bias[l]);
  }
  EXPECT_EQ(one.network().feedback[0].values(), resumed.network().feedback[0].values());
}

void expect_refused(NetworkConfig config, const std::string& key, const std::string& part) {
  try {
    build_network(config, 1);
    ADD_FAILURE() << "not refused: " << key;
  } catch (const UserError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("key '" + key + "'"), std::string::npos) << text;
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
}

TEST(Dendrites, NonsenseIsRefused) {
  const NetworkConfig good = dendritic_config({9, 8, 4});
  NetworkConfig c = good;
  c.dendrites.keep_fraction = 0.05;
  expect_refused(c, "network.dendrites.keep_fraction", "layer 0 has 9");
  c = good;
  c.dendrites.keep_fraction = 1.5;
  expect_refused(c, "network.dendrites.keep_fraction", "1.5");
  c = good;
  c.dendrites.apical_branches = 0;
  expect_refused(c, "network.dendrites.apical_branches", "at least 1");
  c = good;
  c.readout = Readout::softmax;
  expect_refused(c, "network.readout", "squared-error");
  c = good;
  c.feedback = FeedbackWeights::tied;
  c.train_feedback = true;
  expect_refused(c, "network.train_feedback", "separate");
  // The outputs feed the apical branches: 0.12 of 4 is none, unless these are dense.
  c = good;
  c.dendrites.keep_fraction = 0.12;
  expect_refused(c, "network.dendrites.keep_fraction", "layer 2 has 4");
  c.dendrites.apical_dense = true;
  EXPECT_NO_THROW(build_network(c, 1));
}

TEST(Dendrites, WeightsOfMissingSynapsesAreRefused) {
  Network network = build_network(dendritic_config({9, 8, 4}), 1);
  EXPECT_NO_THROW(check_masked_weights(network, "w.npz"));
  for (std::size_t i = 0; i < network.weight[1].size(); ++i) network.weight[1].values()[i] = 1.0;
  EXPECT_THROW(check_masked_weights(network, "w.npz"), UserError);
}

}  // namespace
}  // namespace memprop::learning::test
