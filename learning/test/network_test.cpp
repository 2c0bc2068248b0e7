#include "learning/network/network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "learning/network/network_check.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

NetworkConfig small() {
  NetworkConfig config;
  config.layers = {30, 20, 10, 5};
  config.activation = {Activation::tanh};
  config.feedback_gain = {0.1};
  return config;
}

std::string error_of(const std::function<void(NetworkConfig&)>& change) {
  NetworkConfig config = small();
  change(config);
  try {
    build_network(config, 1);
  } catch (const UserError& e) {
    return e.what();
  }
  return "no error";
}

TEST(BuildNetwork, CompletesTheDescription) {
  const Network network = build_network(small(), 1);
  EXPECT_EQ(network.layer_count(), 3U);
  EXPECT_EQ(network.config.activation.size(), 3U);
  EXPECT_EQ(network.config.feedback_gain, (std::vector<double>{0.1, 0.1}));
  EXPECT_EQ(network.weight[1].rows(), 10U);
  EXPECT_EQ(network.weight[1].cols(), 20U);
  EXPECT_TRUE(network.feedback.empty());
  EXPECT_TRUE(network.bias.empty());
  EXPECT_EQ(network.tau_s[2], std::vector<double>(5, 100e-9));
}

TEST(BuildNetwork, CompletedDescriptionCanBeCompletedAgain) {
  NetworkConfig config = small();
  config.readout = Readout::softmax;
  const NetworkConfig once = completed(config);
  EXPECT_EQ(once.feedback_gain, (std::vector<double>{0.1, 1.0}));
  EXPECT_EQ(once.activation.back(), Activation::linear);
  const NetworkConfig twice = completed(once);
  EXPECT_EQ(twice.feedback_gain, once.feedback_gain);
  EXPECT_EQ(twice.activation, once.activation);
}

TEST(BuildNetwork, ErrorsNameKeyExpectationAndFinding) {
  EXPECT_EQ(error_of([](NetworkConfig& c) { c.layers = {3}; }),
            "key 'network.layers': expected the widths of at least two layers (input, output), "
            "got 1");
  EXPECT_EQ(error_of([](NetworkConfig& c) { c.layers[1] = 0; }),
            "key 'network.layers': expected positive widths, got 0 for layer 1");
  EXPECT_EQ(error_of([](NetworkConfig& c) { c.activation.resize(2); }),
            "key 'network.activation': expected 1 or 3 names, got 2");
  EXPECT_EQ(error_of([](NetworkConfig& c) {
              c.feedback_gain = {1, 1, 1};
            }),
            "key 'network.feedback_gain': expected 1 or 2 values, got 3");
  EXPECT_EQ(error_of([](NetworkConfig& c) { c.feedback_gain = {0.0}; }),
            "key 'network.feedback_gain': expected values above 0, got 0");
  const std::string uniform = error_of([](NetworkConfig& c) {
    c.time_constant.family = TimeConstantFamily::uniform;
    c.time_constant.cv = 0.6;
  });
  EXPECT_EQ(uniform,
            "key 'network.time_constant.cv': expected less than 0.577 for the uniform family, got "
            "0.6");
}

TEST(BuildNetwork, WeightsFillTheStatedInterval) {
  for (const WeightInit init : {WeightInit::glorot_uniform, WeightInit::fan_in_uniform}) {
    NetworkConfig config = small();
    config.layers = {300, 200, 10};
    config.init = init;
    config.init_gain = 2.0;
    const Matrix w = build_network(config, 3).weight[0];
    const double limit =
        2.0 * (init == WeightInit::glorot_uniform ? std::sqrt(6.0 / 500) : 1.0 / std::sqrt(300.0));
    double sum = 0, squares = 0, largest = 0;
    for (const double v : w.values()) {
      sum += v;
      squares += v * v;
      largest = std::max(largest, std::abs(v));
    }
    const auto n = static_cast<double>(w.size());
    EXPECT_LT(largest, limit);
    EXPECT_GT(largest, 0.999 * limit);
    // Five standard errors of mean and of mean square of a uniform variable.
    EXPECT_NEAR(sum / n, 0.0, 5 * limit / std::sqrt(3 * n));
    EXPECT_NEAR(squares / n / (limit * limit), 1.0 / 3, 5 * std::sqrt(4.0 / 45 / n));
  }
}

TEST(BuildNetwork, SpreadAndFeedbackLeaveTheWeightsAlone) {
  const Network plain = build_network(small(), 5);
  NetworkConfig config = small();
  config.feedback = FeedbackWeights::separate;
  config.time_constant.family = TimeConstantFamily::lognormal;
  config.time_constant.cv = 0.3;
  const Network other = build_network(config, 5);
  EXPECT_EQ(plain.weight[2].values(), other.weight[2].values());
  EXPECT_NE(plain.weight[2].values(), build_network(small(), 6).weight[2].values());
  ASSERT_EQ(other.feedback.size(), 2U);
  EXPECT_EQ(other.feedback[0].rows(), 20U);
  EXPECT_EQ(other.feedback[0].cols(), 10U);
}

}  // namespace
}  // namespace memprop::learning
