#include "learning/reference/exact_gradient.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/fixed_point.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/test/numeric_gradient.hpp"
#include "learning/test/task.hpp"

namespace memprop::learning::test {
namespace {

struct Case {
  double gain;
  FeedbackWeights feedback;
  Readout readout;
  Activation activation;
};

void PrintTo(const Case& c, std::ostream* os) {
  *os << "gain " << c.gain << (c.feedback == FeedbackWeights::tied ? ", tied" : ", separate")
      << (c.readout == Readout::softmax ? ", softmax, " : ", squared error, ")
      << name(c.activation);
}

class ExactGradientTest : public testing::TestWithParam<Case> {
 protected:
  Network network() const {
    NetworkConfig config = chain_config({6, 9, 8, 5, 4}, GetParam().gain, GetParam().readout);
    config.feedback = GetParam().feedback;
    config.activation = {GetParam().activation};
    config.init_gain = 0.8;
    return network_with_biases(config, 17);
  }
};

double loss_of(const Network& network, const std::vector<double>& x, const std::vector<double>& y) {
  const LayerStates s = fixed_point(network, x);
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    sum += network.config.readout == Readout::softmax ? -y[i] * std::log(s.output[i])
                                                      : 0.5 * std::pow(y[i] - s.output[i], 2);
  }
  return sum;
}

TEST_P(ExactGradientTest, MatchesFiniteDifferences) {
  const Network net = network();
  const std::vector<double> x{0.3, -0.5, 0.9, 0.1, -0.8, 0.4}, y{0.1, 0.6, 0.2, 0.1};
  const ExactGradient g = exact_gradient(net, x, y);
  const auto loss = [&](const Network& n) { return loss_of(n, x, y); };
  EXPECT_NEAR(g.loss, loss(net), 1e-13);
  for (std::size_t l = 0; l < net.layer_count(); ++l) {
    EXPECT_LT(relative_error(g.weight[l], numeric_gradient(net, l, loss)), 1e-8) << l;
    Network copy = net;
    for (std::size_t i = 0; i < g.bias[l].size(); ++i) {
      EXPECT_NEAR(
          g.bias[l][i],
          derivative(copy, copy.bias[l][i], [&](const Network&) { return loss_of(copy, x, y); }),
          1e-9);
    }
  }
}

// The forward use alone: the feedback weights are held by storing them separately.
TEST_P(ExactGradientTest, ForwardUseMatchesFiniteDifferencesWithHeldFeedback) {
  Network net = network();
  if (GetParam().feedback == FeedbackWeights::separate) GTEST_SKIP() << "the same by definition";
  const std::vector<double> x{0.3, -0.5, 0.9, 0.1, -0.8, 0.4}, y{0.1, 0.6, 0.2, 0.1};
  const ExactGradient g = exact_gradient(net, x, y);
  net.config.feedback = FeedbackWeights::separate;
  for (std::size_t l = 1; l < net.layer_count(); ++l) {
    Matrix b(net.weight[l].cols(), net.weight[l].rows());
    for (std::size_t i = 0; i < b.rows(); ++i) {
      for (std::size_t j = 0; j < b.cols(); ++j) b(i, j) = net.weight[l](j, i);
    }
    net.feedback.push_back(b);
  }
  const auto loss = [&](const Network& n) { return loss_of(n, x, y); };
  for (std::size_t l = 0; l < net.layer_count(); ++l) {
    EXPECT_LT(relative_error(g.forward[l], numeric_gradient(net, l, loss)), 1e-8) << l;
  }
}

TEST_P(ExactGradientTest, SolverIsReusable) {
  const Network net = network();
  ExactGradientSolver solver(net.config);
  const std::vector<double> x{0.3, -0.5, 0.9, 0.1, -0.8, 0.4}, y{0.1, 0.6, 0.2, 0.1};
  solver.solve(net, {x.data(), 6}, y);
  const std::vector<double> other{-0.2, 0.2, 0.7, 0.6, 0.5, 0.4};
  solver.solve(net, other, y);
  const ExactGradient& again = solver.solve(net, x, y);
  const ExactGradient fresh = exact_gradient(net, x, y);
  for (std::size_t l = 0; l < net.layer_count(); ++l) {
    EXPECT_EQ(again.weight[l].values(), fresh.weight[l].values());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Networks, ExactGradientTest,
    testing::Values(Case{0.01, FeedbackWeights::tied, Readout::squared_error, Activation::tanh},
                    Case{0.3, FeedbackWeights::tied, Readout::squared_error, Activation::tanh},
                    Case{1.0, FeedbackWeights::tied, Readout::squared_error, Activation::tanh},
                    Case{1.0, FeedbackWeights::separate, Readout::squared_error, Activation::tanh},
                    Case{0.3, FeedbackWeights::tied, Readout::softmax, Activation::tanh},
                    Case{0.3, FeedbackWeights::separate, Readout::softmax, Activation::logistic},
                    Case{0.5, FeedbackWeights::tied, Readout::squared_error,
                         Activation::shifted_logistic}));

// Strong feedback: the plain map oscillates, Newton must take over.
TEST(FixedPoint, StrongFeedbackSatisfiesTheEquations) {
  for (const double gain : {0.5, 1.0, 2.0}) {
    const Network net = network_with_biases(chain_config({20, 64, 64, 10}, gain), 5);
    const Samples s = random_samples(5, 20, 10, 5);
    FixedPointSolver solver(net.config);
    for (std::size_t k = 0; k < 5; ++k) {
      const LayerStates p = solver.solve(net, s.inputs.row(k));
      // One synchronous step from v = p written out by hand.
      for (std::size_t l = 0; l < 3; ++l) {
        for (std::size_t i = 0; i < p.v[l].size(); ++i) {
          double total = net.bias[l][i];
          for (std::size_t j = 0; j < net.weight[l].cols(); ++j) {
            total += net.weight[l](i, j) * (l == 0 ? s.inputs(k, j) : std::tanh(p.v[l - 1][j]));
          }
          for (std::size_t j = 0; l < 2 && j < p.v[l + 1].size(); ++j) {
            total += gain * net.weight[l + 1](j, i) * std::tanh(p.v[l + 1][j]);
          }
          ASSERT_NEAR(p.v[l][i], total, 1e-12) << gain << " " << l;
        }
      }
    }
  }
}

// The Jacobian of the nudge: a nudged fixed point against the settled map.
TEST(FixedPoint, NudgedStateEqualsTheSettledMap) {
  for (const Readout readout : {Readout::squared_error, Readout::softmax}) {
    for (const double gain : {0.05, 0.6}) {
      const Network net = network_with_biases(chain_config({20, 30, 20, 10}, gain, readout), 6);
      const Samples s = random_samples(1, 20, 10, 6);
      IdealConfig settled;
      settled.free_steps = settled.nudged_steps = 6000;
      settled.time_step_s = 30e-9;  // 0.3 tau: also where the plain map oscillates
      IdealReference ideal(net, LearningConfig{}, settled, 1);
      for (const double beta : {0.5, -0.2}) {
        const LayerStates a = ideal.relax_nudged(s.inputs.row(0), s.targets.row(0), beta);
        const LayerStates b = fixed_point(net, s.inputs.row(0), beta, s.targets.row(0));
        for (std::size_t l = 0; l < a.v.size(); ++l) {
          for (std::size_t i = 0; i < a.v[l].size(); ++i) {
            ASSERT_NEAR(a.v[l][i], b.v[l][i], 1e-11);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace memprop::learning::test
