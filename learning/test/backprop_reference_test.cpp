#include "learning/reference/backprop_reference.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "learning/metric/gradient_metric.hpp"
#include "learning/test/numeric_gradient.hpp"
#include "learning/test/task.hpp"

namespace memprop::learning::test {
namespace {

// The feed-forward pass written out plainly.
double mean_loss(const Network& net, const Samples& s) {
  double loss = 0;
  for (std::size_t k = 0; k < s.inputs.rows(); ++k) {
    std::vector<double> r(s.inputs.row(k).begin(), s.inputs.row(k).end());
    for (std::size_t l = 0; l < net.layer_count(); ++l) {
      std::vector<double> v = net.bias[l];
      for (std::size_t i = 0; i < v.size(); ++i) {
        for (std::size_t j = 0; j < r.size(); ++j) v[i] += net.weight[l](i, j) * r[j];
      }
      r.assign(v.size(), 0.0);
      activate(net.config.activation[l], v.data(), r.data(), v.size());
    }
    double norm = 0;
    for (const double h : r) norm += std::exp(h);
    for (std::size_t i = 0; i < r.size(); ++i) {
      const double y = s.targets(k, i);
      loss += net.config.readout == Readout::softmax ? y * (std::log(norm) - r[i])
                                                     : 0.5 * (y - r[i]) * (y - r[i]);
    }
  }
  return loss / static_cast<double>(s.inputs.rows());
}

class BackpropTest : public testing::TestWithParam<std::tuple<Readout, Activation>> {
 protected:
  Network network() const {
    NetworkConfig config = chain_config({7, 12, 9, 4}, 0.1, std::get<0>(GetParam()));
    config.activation = {std::get<1>(GetParam())};
    return network_with_biases(config, 31);
  }
};

TEST_P(BackpropTest, GradientMatchesFiniteDifferences) {
  const Network net = network();
  const Samples s = random_samples(5, 7, 4, 3);
  BackpropReference reference(net, LearningConfig{}, Precision::float64, 1);
  const Gradient g = reference.gradient(s.inputs, s.targets);
  const auto loss = [&](const Network& n) { return mean_loss(n, s); };
  for (std::size_t l = 0; l < 3; ++l) {
    EXPECT_LT(relative_error(g.weight[l], numeric_gradient(net, l, loss)), 1e-8) << l;
    Network copy = net;
    for (std::size_t i = 0; i < g.bias[l].size(); ++i) {
      EXPECT_NEAR(
          g.bias[l][i],
          derivative(copy, copy.bias[l][i], [&](const Network&) { return mean_loss(copy, s); }),
          1e-9);
    }
  }
  const Evaluation e =
      reference.evaluate(s.flat_inputs.data(), s.flat_targets.data(), s.labels.data(), 5);
  EXPECT_NEAR(e.loss, mean_loss(net, s), 1e-13);
}

INSTANTIATE_TEST_SUITE_P(Networks, BackpropTest,
                         testing::Combine(testing::Values(Readout::squared_error, Readout::softmax),
                                          testing::Values(Activation::tanh, Activation::logistic,
                                                          Activation::shifted_logistic,
                                                          Activation::linear)));

TEST(BackpropReference, TrainingIsPlainGradientDescent) {
  const Network net = network_with_biases(chain_config({7, 12, 4}, 0.1), 31);
  const Samples s = random_samples(12, 7, 4, 3);
  LearningConfig learning;
  learning.rate = {0.5, 0.25};
  learning.batch = 12;
  BackpropReference reference(net, learning, Precision::float64, 1);
  const Gradient g = reference.gradient(s.inputs, s.targets);
  reference.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  const Network after = reference.network();
  for (std::size_t l = 0; l < 2; ++l) {
    for (std::size_t i = 0; i < g.weight[l].size(); ++i) {
      ASSERT_NEAR(after.weight[l].values()[i],
                  net.weight[l].values()[i] - learning.rate[l] * g.weight[l].values()[i], 1e-15);
    }
  }
}

TEST(BackpropReference, ThreadsChangeNoBitAndTrainingLowersTheLoss) {
  const Network net = network_with_biases(chain_config({33, 70, 10}, 0.1), 8);
  const Samples s = random_samples(150, 33, 10, 8);
  LearningConfig learning;
  learning.batch = 50;
  learning.rate = {0.5};
  for (const Precision precision : {Precision::float64, Precision::float32}) {
    BackpropReference one(net, learning, precision, 1), two(net, learning, precision, 2);
    const double before =
        one.evaluate(s.flat_inputs.data(), s.flat_targets.data(), nullptr, 150).loss;
    for (int epoch = 0; epoch < 50; ++epoch) {
      one.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
      two.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
    }
    EXPECT_EQ(one.network().weight[0].values(), two.network().weight[0].values());
    EXPECT_LT(one.evaluate(s.flat_inputs.data(), s.flat_targets.data(), nullptr, 150).loss,
              0.7 * before);
  }
}

}  // namespace
}  // namespace memprop::learning::test
