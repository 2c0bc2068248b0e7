// Dendritic equilibrium propagation on a few MNIST images: it settles fast, its hidden estimates
// come to point along the gradient while it learns, with feedback that learns and with fixed one,
// and it keeps its hidden neurons active.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/bptt_reference.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/test/fre_task.hpp"

namespace memprop::learning::test {
namespace {

NetworkConfig small_net(bool plastic) {
  NetworkConfig config;
  config.layers = {784, 32, 10};
  config.activation = {Activation::hard_sigmoid};
  config.feedback_gain = {0.2};
  config.feedback = FeedbackWeights::separate;
  config.train_feedback = plastic;
  config.init = WeightInit::fan_in_uniform;
  config.bias = true;
  config.bias_init = BiasInit::fan_in_uniform;
  config.dendrites.basal_branches = 8;
  return config;
}

LearningConfig published() {
  LearningConfig learning;
  learning.form = UpdateForm::product;
  learning.scale = GradientScale::nudge;
  learning.beta = 0.1;
  learning.rate = {0.4, 0.02};
  learning.batch = 64;
  learning.optimiser.kind = OptimiserKind::momentum;
  return learning;
}

IdealConfig iterations(std::size_t nudged, Precision precision) {
  IdealConfig ideal;
  ideal.free_steps = 60;
  ideal.nudged_steps = nudged;
  ideal.precision = precision;
  return ideal;
}

// Cosine of the estimate with the exact descent through all iterations, of each weight layer.
std::vector<double> alignment(const Network& network, const Matrix& inputs, const Matrix& targets) {
  const Gradient exact = BpttReference(network, published(), iterations(60, Precision::float64), 1)
                             .gradient(inputs, targets);
  const Gradient estimate =
      IdealReference(network, published(), iterations(12, Precision::float64), 1)
          .ep_update_estimate(inputs, targets);
  return {-cosine(estimate.weight[0], exact.weight[0]),
          -cosine(estimate.weight[1], exact.weight[1])};
}

class DendriticLearning : public testing::TestWithParam<bool> {};

// A4, A5, A6, A11 in small.
TEST_P(DendriticLearning, AlignsWhileItLearns) {
  if (!mnist_is_there()) GTEST_SKIP() << "not run: needs mnist in MEMPROP_DATA_DIR";
  const Images images = mnist_images(2000);
  Matrix inputs(64, 784), targets(64, 10);
  std::copy_n(images.inputs.data(), inputs.size(), inputs.data());
  std::copy_n(images.targets.data(), targets.size(), targets.data());
  const Network start = build_network(small_net(GetParam()), 1);

  const auto before = alignment(start, inputs, targets);
  EXPECT_GE(before[1], 0.9);  // the published net of 256 hidden neurons: 0.98
  EXPECT_LT(std::abs(before[0]), 0.2);

  IdealReference ten(start, published(), iterations(12, Precision::float64), 1);
  IdealConfig few = iterations(12, Precision::float64);
  few.free_steps = 10;
  IdealReference short_phase(start, published(), few, 1);
  for (std::size_t k = 0; k < 4; ++k) {
    const auto end = ten.relax_free(inputs.row(k)).r,
               early = short_phase.relax_free(inputs.row(k)).r;
    for (std::size_t l = 0; l < 2; ++l) {
      for (std::size_t i = 0; i < end[l].size(); ++i) {
        EXPECT_NEAR(end[l][i], early[l][i], 1e-6);
      }
    }
  }

  IdealReference learner(start, published(), iterations(12, Precision::float32), 1);
  for (int epoch = 0; epoch < 5; ++epoch) {
    learner.train(images.flat_inputs.data(), images.flat_targets.data(), images.order);
  }
  const auto after = alignment(learner.network(), inputs, targets);
  EXPECT_GT(after[0], 0.3);
  EXPECT_GT(after[1], 0.97);
  const auto e = learner.evaluate(images.flat_inputs.data(), images.flat_targets.data(),
                                  images.labels.data(), images.labels.size());
  EXPECT_GT(e.accuracy, 0.4);  // a few thousand samples, an eighth of the published net
  EXPECT_GT(e.activity[0].share, 0.7);
}

INSTANTIATE_TEST_SUITE_P(Feedback, DendriticLearning, testing::Bool(),
                         [](const auto& p) { return p.param ? "learns" : "fixed"; });

}  // namespace
}  // namespace memprop::learning::test
