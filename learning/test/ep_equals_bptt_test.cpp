#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/test/bptt.hpp"
#include "learning/test/golden_network.hpp"
#include "learning/test/numeric_gradient.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning::test {
namespace {

// The unrolled loss differentiated numerically: all steps count when most = steps.
TEST(Bptt, MatchesFiniteDifferencesOfTheUnrolledLoss) {
  const Network network = golden_network(0.5);
  const Matrix x = matrix(1, 3, golden_x()), y = matrix(1, 2, golden_y());
  constexpr std::size_t kSteps = 6;
  const auto g = bptt_gradients(network, x, y, kSteps, kSteps).back();
  const auto loss = [&](const Network& net) {
    IdealConfig config;
    config.free_steps = kSteps;
    const auto out = IdealReference(net, LearningConfig{}, config, 1).relax_free(golden_x()).output;
    return 0.5 * (std::pow(out[0] - 0.5, 2) + std::pow(out[1] + 0.5, 2));
  };
  for (std::size_t l = 0; l < 3; ++l) {
    EXPECT_LT(relative_error(g[l], numeric_gradient(network, l, loss)), 1e-9);
  }
}

struct Task {
  Network network;
  Matrix inputs, targets;
};

Task prototypical_task() {
  NetworkConfig config;
  config.layers = {784, 512, 10};
  config.activation = {Activation::tanh};
  config.feedback_gain = {1.0};
  config.init = WeightInit::fan_in_uniform;
  Task task{build_network(config, 21), Matrix(20, 784), Matrix(20, 10)};
  const RandomStream stream(22, "images");
  for (std::size_t s = 0; s < 20; ++s) {
    // Sparse like images: one pixel in five is lit.
    for (std::size_t i = 0; i < 784; ++i) {
      task.inputs(s, i) = stream.uniform(i, 2 * s) < 0.2 ? stream.uniform(i, 2 * s + 1) : 0.0;
    }
    task.targets(s, s % 10) = 1.0;
  }
  return task;
}

// Largest error over layers and k of the updates after k nudged steps.
double worst_error(const Task& task, Nudging nudging, double beta, double bound) {
  const auto bptt = bptt_gradients(task.network, task.inputs, task.targets, 150, 10);
  double worst = 0;
  for (std::size_t k = 1; k <= 10; ++k) {
    LearningConfig learning;
    learning.nudging = nudging;
    learning.beta = beta;
    learning.form = UpdateForm::product;
    IdealConfig ideal;
    ideal.free_steps = 150;
    ideal.nudged_steps = k;
    IdealReference reference(task.network, learning, ideal, 1);
    const Gradient estimate = reference.ep_update_estimate(task.inputs, task.targets);
    for (std::size_t l = 0; l < 2; ++l) {
      Matrix gradient = estimate.weight[l];
      for (double& value : gradient.values()) value = -value;
      const double error = relative_error(gradient, bptt[k - 1][l]);
      if (k == 1 && l == 0) {
        // The nudge has not reached layer 1 yet: both vanish.
        double largest = 0;
        for (const double value : gradient.values()) largest = std::max(largest, std::abs(value));
        EXPECT_LT(largest, 1e-12);
        continue;
      }
      EXPECT_LT(error, bound) << "k " << k << ", layer " << l + 1 << ", beta " << beta;
      worst = std::max(worst, error);
    }
  }
  return worst;
}

TEST(EpEqualsBptt, AtEveryNudgedStepCentred) {
  const double worst = worst_error(prototypical_task(), Nudging::centred, 0.01, 1e-2);
  RecordProperty("worst", std::to_string(worst));
  std::printf("centred, beta 0.01: worst relative RMSE %.2e\n", worst);
}

TEST(EpEqualsBptt, AtEveryNudgedStepOneSided) {
  const double worst = worst_error(prototypical_task(), Nudging::one_sided, 0.001, 1e-2);
  RecordProperty("worst", std::to_string(worst));
  std::printf("one-sided, beta 0.001: worst relative RMSE %.2e\n", worst);
}

// The one-sided estimate's own error is of order beta.
TEST(EpEqualsBptt, AtEveryNudgedStepOneSidedAtTheStrongerNudge) {
  const double worst = worst_error(prototypical_task(), Nudging::one_sided, 0.01, 3e-2);
  std::printf("one-sided, beta 0.01: worst relative RMSE %.2e\n", worst);
}

}  // namespace
}  // namespace memprop::learning::test
