// Networks beyond the chain: which links a description means, and that every reference runs the
// same graph.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "learning/metric/dynamics.hpp"
#include "learning/metric/gradient_metric.hpp"
#include "learning/network/connection.hpp"
#include "learning/reference/backprop_reference.hpp"
#include "learning/reference/exact_gradient.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/reference/ode_reference.hpp"
#include "learning/test/task.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::test {
namespace {

NetworkConfig deep_config(FeedbackWeights feedback = FeedbackWeights::tied) {
  NetworkConfig config = chain_config({9, 8, 7, 6, 8, 5, 4}, 0.3, Readout::softmax);
  config.feedback = feedback;
  config.forward_gain = {0.8, 0.9, 1.1, 1.2};
  return config;
}

std::set<std::string> names(const Network& net) {
  std::set<std::string> all;
  for (const Link& link : net.links) all.insert(link.name());
  return all;
}

TEST(Links, BothWaysOneWayAndGains) {
  NetworkConfig config = deep_config();
  config.links = {"1-4@0.05", "2>5", "5>3@0.5"};
  const Network net = build_network(config, 1);
  ASSERT_EQ(net.links.size(), 4U);
  EXPECT_EQ(names(net), (std::set<std::string>{"link1>4", "link4>1", "link2>5", "link5>3"}));
  EXPECT_EQ(net.links[0].gain, 1.0);
  EXPECT_EQ(net.links[1].gain, 0.05);
  EXPECT_EQ(net.links[1].tied_to, 0U);
  EXPECT_TRUE(net.links[1].weight.values().empty());
  EXPECT_EQ(net.links[2].gain, 1.0);
  EXPECT_TRUE(net.links[2].trained());
  EXPECT_EQ(net.links[3].gain, 0.5);
  EXPECT_FALSE(net.links[3].trained());
  EXPECT_EQ(net.links[3].weight.rows(), 6U);  // layer 3 from layer 5
  EXPECT_EQ(net.links[3].weight.cols(), 5U);
}

TEST(Links, BlocksAndRandomGraphs) {
  NetworkConfig config;
  config.layers.assign(12, 20);
  config.activation = {Activation::tanh};
  config.feedback_gain = {0.1};
  config.readout = Readout::softmax;
  config.link_block = 3;
  EXPECT_EQ(
      names(build_network(config, 1)),
      (std::set<std::string>{"link1>4", "link4>1", "link4>7", "link7>4", "link7>10", "link10>7"}));
  // 10 layers: 72 ordered pairs that are not neighbours.
  config.link_block = 0;
  config.feedback = FeedbackWeights::separate;
  config.link_probability = 0.2;
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Network net = build_network(config, seed);
    sum += static_cast<double>(net.links.size());
    for (const Link& link : net.links) {
      EXPECT_EQ(link.tied_to, Link::not_tied);
      EXPECT_EQ(link.gain, link.forward() ? 1.0 : 0.1);
    }
  }
  EXPECT_NEAR(sum / 50, 0.2 * 72, 1.5);  // standard error 0.48
  EXPECT_EQ(names(build_network(config, 7)), names(build_network(config, 7)));
  EXPECT_NE(names(build_network(config, 7)), names(build_network(config, 8)));
  config.link_probability = 1.0;
  EXPECT_EQ(build_network(config, 1).links.size(), 72U);
}

TEST(Links, DoNotChangeOtherWeights) {
  NetworkConfig config = deep_config();
  const Network chain = build_network(config, 3);
  config.links = {"1-4", "2-5"};
  const Network both = build_network(config, 3);
  config.links = {"2-5"};
  const Network one = build_network(config, 3);
  for (std::size_t l = 0; l < 6; ++l) EXPECT_EQ(chain.weight[l].values(), both.weight[l].values());
  EXPECT_EQ(one.links[0].weight.values(), both.links[2].weight.values());
}

TEST(Links, MistakesAreExplained) {
  const std::pair<const char*, const char*> wrong[] = {
      {"1-1", "linked to itself"}, {"1-2", "not neighbours"},  {"0>3", "layers 1 to 5"},
      {"1-6", "layers 1 to 5"},    {"1+4", "texts such as"},   {"1-4@", "texts such as"},
      {"a-4", "texts such as"},    {"1-4@-0.1", "gain above"}, {"1-4x", "texts such as"}};
  for (const auto& [text, part] : wrong) {
    NetworkConfig config = deep_config();
    config.links = {text};
    try {
      build_network(config, 1);
      ADD_FAILURE() << text;
    } catch (const UserError& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
    }
  }
  NetworkConfig twice = deep_config();
  twice.links = {"1-4", "4>1"};
  EXPECT_THROW(build_network(twice, 1), UserError);
  NetworkConfig tied = deep_config();
  tied.link_probability = 0.5;
  EXPECT_THROW(build_network(tied, 1), UserError);
}

TEST(FeedbackAngle, IsTheOneAskedFor) {
  for (const double angle : {0.0, 30.0, 60.0, 120.0}) {
    NetworkConfig config = deep_config(FeedbackWeights::separate);
    config.feedback_angle_deg = angle;
    const Network net = build_network(config, 1);
    for (std::size_t l = 0; l + 1 < net.layer_count(); ++l) {
      const Matrix& b = net.feedback[l];
      Matrix t(b.rows(), b.cols());
      for (std::size_t i = 0; i < t.rows(); ++i) {
        for (std::size_t j = 0; j < t.cols(); ++j) t(i, j) = net.weight[l + 1](j, i);
      }
      EXPECT_NEAR(cosine(b, t), std::cos(angle * std::acos(-1.0) / 180.0), 1e-12) << angle;
      EXPECT_NEAR(norm_ratio(b, t), 1.0, 1e-12) << angle;
    }
  }
}

// The packed engine, the batch map and the continuous-time network against each other, over links
// of all kinds; the latter two are written without the engine's kernels.
TEST(GraphNetwork, EveryReferenceRunsTheSameGraph) {
  for (const FeedbackWeights feedback : {FeedbackWeights::tied, FeedbackWeights::separate}) {
    NetworkConfig config = deep_config(feedback);
    config.links = {"1-4", "2>5", "5>3@0.2", "3>5@0.7"};
    const Network net = network_with_biases(config, 2);
    const Samples s = random_samples(3, 9, 4, 2);
    IdealConfig steps;
    steps.free_steps = 400;
    steps.nudged_steps = 400;
    IdealReference ideal(net, LearningConfig{}, steps, 1);
    const auto map = map_states(net, s.inputs, 400);
    for (std::size_t k = 0; k < 3; ++k) {
      const auto x = s.inputs.row(k), y = s.targets.row(k);
      const LayerStates free = ideal.relax_free(x);
      const LayerStates exact = exact_gradient(net, x, y).states;
      for (std::size_t l = 0; l < 5; ++l) {
        for (std::size_t i = 0; i < free.r[l].size(); ++i) {
          EXPECT_NEAR(free.r[l][i], map[l](k, i), 1e-12);
          EXPECT_NEAR(free.r[l][i], exact.r[l][i], 1e-12);
        }
      }
      const LayerStates nudged = ideal.relax_nudged(x, y, 0.2);
      OdeConfig phases;
      phases.free_s = phases.nudged_s = 12e-6;
      ode::StepperConfig stepper;
      stepper.rtol = 1e-9;
      stepper.atol = 1e-10;
      OdeReference ode(net, LearningConfig{}, phases, stepper, 1);
      const LayerStates flow = ode.relax_nudged(x, y, 0.2);
      for (std::size_t l = 0; l < 5; ++l) {
        for (std::size_t i = 0; i < nudged.r[l].size(); ++i) {
          EXPECT_NEAR(nudged.r[l][i], flow.r[l][i], 1e-7);
        }
      }
    }
  }
}

double loss_of(const Network& net, Span<const double> x, Span<const double> y) {
  return exact_gradient(net, x, y).loss;
}

// The adjoint through the dense Jacobian against central differences of the loss.
TEST(GraphNetwork, ExactGradientIsTheSlopeOfTheLoss) {
  for (const FeedbackWeights feedback : {FeedbackWeights::tied, FeedbackWeights::separate}) {
    for (const double gain : {0.05, 0.6}) {  // plain iterations, and Newton's method
      NetworkConfig config = deep_config(feedback);
      config.feedback_gain = {gain};
      config.links = {"1-4", "2>5"};
      Network net = network_with_biases(config, 4);
      const Samples s = random_samples(1, 9, 4, 4);
      const auto x = s.inputs.row(0), y = s.targets.row(0);
      const ExactGradient g = exact_gradient(net, x, y);
      const auto slope = [&](double& w) {
        const double kept = w, h = 1e-5;
        w = kept + h;
        const double up = loss_of(net, x, y);
        w = kept - h;
        const double down = loss_of(net, x, y);
        w = kept;
        return (up - down) / (2 * h);
      };
      for (const std::size_t i : {0UL, 17UL, 31UL}) {
        for (std::size_t l = 0; l < net.layer_count(); ++l) {
          if (i >= net.weight[l].size()) continue;
          EXPECT_NEAR(slope(net.weight[l].values()[i]), g.weight[l].values()[i], 1e-8) << l;
        }
        for (const std::size_t k : {0UL, 2UL}) {
          EXPECT_NEAR(slope(net.links[k].weight.values()[i]), g.links[k].values()[i], 1e-8) << k;
        }
      }
    }
  }
}

// EP measures the gradient exactly in a chain with any forward gains.
TEST(GraphNetwork, ForwardGainsKeepTheEstimateExact) {
  const Network net = network_with_biases(deep_config(), 5);
  const Samples s = random_samples(1, 9, 4, 5);
  LearningConfig learning;
  learning.beta = 1e-3;
  learning.form = UpdateForm::product;
  IdealConfig steps;
  steps.free_steps = steps.nudged_steps = 600;
  IdealReference ideal(net, learning, steps, 1);
  const Gradient g = ideal.ep_update_estimate(s.inputs, s.targets);
  const ExactGradient exact = exact_gradient(net, s.inputs.row(0), s.targets.row(0));
  for (std::size_t l = 0; l < net.layer_count(); ++l) {
    Matrix fall = g.weight[l];
    for (double& w : fall.values()) w = -w;
    EXPECT_LT(relative_error(fall, exact.weight[l]), 1e-4) << l;
  }
}

TEST(GraphNetwork, BackpropagationFollowsForwardLinks) {
  NetworkConfig config = deep_config(FeedbackWeights::separate);
  config.links = {"1-4", "2>5", "5>1"};
  Network net = network_with_biases(config, 6);
  const Samples s = random_samples(4, 9, 4, 6);
  BackpropReference backprop(net, LearningConfig{}, Precision::float64, 1);
  const Gradient g = backprop.gradient(s.inputs, s.targets);
  const auto loss = [&] {
    BackpropReference other(net, LearningConfig{}, Precision::float64, 1);
    return other
        .evaluate(s.flat_inputs.data(), s.flat_targets.data(), s.labels.data(), s.labels.size())
        .loss;
  };
  for (const std::size_t k : {0UL, 2UL}) {
    for (const std::size_t i : {0UL, 11UL}) {
      double& w = net.links[k].weight.values()[i];
      const double kept = w;
      w = kept + 1e-5;
      const double up = loss();
      w = kept - 1e-5;
      const double down = loss();
      w = kept;
      EXPECT_NEAR((up - down) / 2e-5, g.links[k].values()[i], 1e-8) << k;
    }
  }
  EXPECT_TRUE(g.links[1].values().empty());  // feedback: not trained
}

}  // namespace
}  // namespace memprop::learning::test
