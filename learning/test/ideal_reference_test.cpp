#include "learning/reference/ideal_reference.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/exact_gradient.hpp"
#include "learning/test/task.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::test {
namespace {

IdealConfig steps(std::size_t free, std::size_t nudged) {
  IdealConfig config;
  config.free_steps = free;
  config.nudged_steps = nudged;
  return config;
}

// The map of the header written out plainly, independent of the packed kernels.
std::vector<std::vector<double>> plain_map(const Network& net, const std::vector<double>& x,
                                           std::size_t count, double time_step_s) {
  const std::size_t layers = net.layer_count();
  std::vector<std::vector<double>> v, r;
  for (std::size_t l = 0; l < layers; ++l) v.emplace_back(net.width(l + 1), 0.0);
  r = v;
  for (std::size_t t = 0; t < count; ++t) {
    for (std::size_t l = 0; l < layers; ++l) {
      for (std::size_t i = 0; i < v[l].size(); ++i) {
        double total = net.bias.empty() ? 0.0 : net.bias[l][i];
        for (std::size_t j = 0; j < net.weight[l].cols(); ++j) {
          total += net.weight[l](i, j) * (l == 0 ? x[j] : r[l - 1][j]);
        }
        for (std::size_t j = 0; l + 1 < layers && j < v[l + 1].size(); ++j) {
          const double w = net.feedback.empty() ? net.weight[l + 1](j, i) : net.feedback[l](i, j);
          total += net.config.feedback_gain[l] * w * r[l + 1][j];
        }
        v[l][i] += (time_step_s > 0 ? time_step_s / net.tau_s[l][i] : 1.0) * (total - v[l][i]);
      }
    }
    for (std::size_t l = 0; l < layers; ++l) {
      for (std::size_t i = 0; i < v[l].size(); ++i) r[l][i] = std::tanh(v[l][i]);
    }
  }
  return v;
}

TEST(IdealReference, EveryStepFollowsTheEquations) {
  for (const FeedbackWeights feedback : {FeedbackWeights::tied, FeedbackWeights::separate}) {
    NetworkConfig config = chain_config({13, 40, 21, 10}, 0.7);
    config.feedback = feedback;
    config.time_constant.family = TimeConstantFamily::lognormal;
    config.time_constant.cv = 0.4;
    const Network net = network_with_biases(config, 2);
    const Samples s = random_samples(1, 13, 10, 2);
    const std::vector<double> x(s.inputs.row(0).begin(), s.inputs.row(0).end());
    for (const double time_step : {0.0, 20e-9}) {
      for (const std::size_t count : {1UL, 2UL, 3UL, 9UL}) {
        for (const bool recompute : {false, true}) {
          IdealConfig ideal = steps(count, 1);
          ideal.time_step_s = time_step;
          ideal.recompute_drive = recompute;
          const auto v = IdealReference(net, LearningConfig{}, ideal, 1).relax_free(x).v;
          const auto expected = plain_map(net, x, count, time_step);
          for (std::size_t l = 0; l < 3; ++l) {
            for (std::size_t i = 0; i < v[l].size(); ++i) {
              ASSERT_NEAR(v[l][i], expected[l][i], 1e-13) << l << " " << i << " " << count;
            }
          }
        }
      }
    }
  }
}

TEST(IdealReference, ProductEstimateApproachesTheExactGradient) {
  const Network net = network_with_biases(chain_config({15, 30, 20, 6}, 0.2), 3);
  const Samples s = random_samples(4, 15, 6, 3);
  LearningConfig learning;
  learning.form = UpdateForm::product;
  learning.beta = 1e-3;
  IdealReference ideal(net, learning, steps(300, 300), 1);
  const Gradient estimate = ideal.ep_update_estimate(s.inputs, s.targets);
  for (std::size_t l = 0; l < 3; ++l) {
    Matrix mean(net.weight[l].rows(), net.weight[l].cols());
    std::vector<double> bias(mean.rows(), 0.0);
    for (std::size_t k = 0; k < 4; ++k) {
      const ExactGradient g = exact_gradient(net, s.inputs.row(k), s.targets.row(k));
      for (std::size_t i = 0; i < mean.size(); ++i) {
        mean.values()[i] -= g.weight[l].values()[i] / 4;
      }
      for (std::size_t i = 0; i < bias.size(); ++i) bias[i] -= g.bias[l][i] / 4;
    }
    EXPECT_LT(relative_error(estimate.weight[l], mean), 1e-5) << l;
    EXPECT_LT(relative_error(estimate.bias[l], bias), 1e-5) << l;
  }
}

TEST(IdealReference, TrainingAddsRateTimesTheEstimate) {
  const Network net = network_with_biases(chain_config({15, 30, 20, 6}, 0.2), 3);
  const Samples s = random_samples(7, 15, 6, 4);
  for (const UpdateForm form : {UpdateForm::product, UpdateForm::simplified}) {
    for (const GradientScale scale : {GradientScale::exact, GradientScale::raw}) {
      LearningConfig learning;
      learning.form = form;
      learning.scale = scale;
      learning.rate = {0.1, 0.2, 0.3};
      learning.batch = 7;
      IdealReference ideal(net, learning, steps(30, 10), 1);
      const Gradient estimate = ideal.ep_update_estimate(s.inputs, s.targets);
      std::vector<std::uint32_t> order{0, 1, 2, 3, 4, 5, 6};
      ideal.train(s.flat_inputs.data(), s.flat_targets.data(), order);
      const Network after = ideal.network();
      for (std::size_t l = 0; l < 3; ++l) {
        for (std::size_t i = 0; i < estimate.weight[l].size(); ++i) {
          ASSERT_NEAR(after.weight[l].values()[i] - net.weight[l].values()[i],
                      learning.rate[l] * estimate.weight[l].values()[i], 1e-15);
        }
        for (std::size_t i = 0; i < estimate.bias[l].size(); ++i) {
          ASSERT_NEAR(after.bias[l][i] - net.bias[l][i], learning.rate[l] * estimate.bias[l][i],
                      1e-15);
        }
      }
    }
  }
}

TEST(IdealReference, RawScaleIsThePlainDifference) {
  const Network net = network_with_biases(chain_config({15, 30, 20, 6}, 0.2), 3);
  const Samples s = random_samples(1, 15, 6, 4);
  LearningConfig learning;
  learning.nudging = Nudging::one_sided;
  learning.beta = 0.1;
  learning.scale = GradientScale::raw;
  IdealReference ideal(net, learning, steps(30, 10), 1);
  const LayerStates free = ideal.relax_free(s.inputs.row(0));
  const LayerStates nudged = ideal.relax_nudged(s.inputs.row(0), s.targets.row(0), 0.1);
  const Gradient g = ideal.ep_update_estimate(s.inputs, s.targets);
  for (std::size_t i = 0; i < 20; ++i) {
    for (std::size_t j = 0; j < 30; ++j) {
      ASSERT_NEAR(g.weight[1](i, j), (nudged.r[1][i] - free.r[1][i]) * free.r[0][j], 1e-16);
    }
  }
}

// Random signs average two one-sided estimates of opposite bias; each sample's sign is its own.
TEST(IdealReference, RandomSignsFollowTheOrdinalOfTheSample) {
  const Network net = network_with_biases(chain_config({15, 30, 6}, 0.2), 3);
  const Samples s = random_samples(64, 15, 6, 4);
  LearningConfig learning;
  learning.nudging = Nudging::random_sign;
  learning.batch = 8;
  IdealReference whole(net, learning, steps(20, 10), 1, 9);
  whole.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  IdealReference halves(net, learning, steps(20, 10), 1, 9);
  const Span<const std::uint32_t> order(s.order);
  halves.train(s.flat_inputs.data(), s.flat_targets.data(), order.subspan(0, 32));
  IdealReference resumed(halves.network(), learning, steps(20, 10), 1, 9);
  resumed.set_training_state(halves.training_state());
  resumed.train(s.flat_inputs.data(), s.flat_targets.data(), order.subspan(32, 32));
  EXPECT_EQ(whole.network().weight[0].values(), resumed.network().weight[0].values());
  IdealReference other(net, learning, steps(20, 10), 1, 10);
  other.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  EXPECT_NE(whole.network().weight[0].values(), other.network().weight[0].values());
}

TEST(IdealReference, ThreadsChangeNoBit) {
  const Samples s = random_samples(150, 33, 10, 8);
  for (const Precision precision : {Precision::float64, Precision::float32}) {
    for (const Nudging nudging : {Nudging::one_sided, Nudging::centred, Nudging::random_sign}) {
      LearningConfig learning;
      learning.nudging = nudging;
      learning.form = UpdateForm::product;
      learning.batch = 70;
      IdealConfig config = steps(20, 10);
      config.precision = precision;
      const Network net = network_with_biases(chain_config({33, 70, 40, 10}, 0.1), 8);
      IdealReference one(net, learning, config, 1), two(net, learning, config, 2),
          five(net, learning, config, 5);
      for (IdealReference* r : {&one, &two, &five}) {
        r->train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
      }
      for (std::size_t l = 0; l < 3; ++l) {
        EXPECT_EQ(one.network().weight[l].values(), two.network().weight[l].values());
        EXPECT_EQ(one.network().weight[l].values(), five.network().weight[l].values());
        EXPECT_EQ(one.network().bias[l], two.network().bias[l]);
      }
      const auto evaluate = [&](IdealReference& r) {
        return r.evaluate(s.flat_inputs.data(), s.flat_targets.data(), s.labels.data(), 150);
      };
      EXPECT_EQ(evaluate(one).loss, evaluate(two).loss);
      EXPECT_EQ(evaluate(one).accuracy, evaluate(five).accuracy);
    }
  }
}

// The tied feedback keeps a transposed copy of the weights: it must stay the transpose.
TEST(IdealReference, TrainedFeedbackStaysTied) {
  const Samples s = random_samples(60, 15, 6, 4);
  LearningConfig learning;
  learning.form = UpdateForm::product;
  learning.rate = {0.3};
  learning.batch = 9;
  IdealReference trained(network_with_biases(chain_config({15, 30, 20, 6}, 0.5), 3), learning,
                         steps(60, 20), 1);
  trained.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  IdealReference rebuilt(trained.network(), learning, steps(60, 20), 1);
  EXPECT_EQ(trained.relax_free(s.inputs.row(3)).v, rebuilt.relax_free(s.inputs.row(3)).v);
}

TEST(IdealReference, SinglePrecisionFollowsDouble) {
  const Samples s = random_samples(200, 33, 10, 8);
  const Network net = network_with_biases(chain_config({33, 70, 10}, 0.1), 8);
  LearningConfig learning;
  learning.batch = 20;
  IdealConfig config = steps(30, 10);
  IdealReference in_double(net, learning, config, 1);
  config.precision = Precision::float32;
  IdealReference in_single(net, learning, config, 1);
  in_double.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  in_single.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  for (std::size_t l = 0; l < 2; ++l) {
    Matrix a = in_single.network().weight[l], b = in_double.network().weight[l];
    for (std::size_t i = 0; i < a.size(); ++i) {
      a.values()[i] -= net.weight[l].values()[i];
      b.values()[i] -= net.weight[l].values()[i];
    }
    // Rounding of the states (6e-8) over the difference between the phases (about 1e-2 and more).
    EXPECT_LT(relative_error(a, b), 1e-4) << l;
  }
  EXPECT_GT(in_single.relative_difference()[0], 1e-4);
}

TEST(IdealReference, LearnsATaskItCanSolve) {
  const Samples s = random_samples(40, 20, 4, 12);
  LearningConfig learning;
  learning.rate = {0.1};
  learning.batch = 4;
  IdealReference ideal(build_network(chain_config({20, 40, 4}, 0.1), 1), learning, steps(30, 15),
                       1);
  const auto evaluate = [&] {
    return ideal.evaluate(s.flat_inputs.data(), s.flat_targets.data(), s.labels.data(), 40);
  };
  const Evaluation before = evaluate();
  for (int epoch = 0; epoch < 300; ++epoch) {
    ideal.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  }
  const Evaluation after = evaluate();
  EXPECT_LT(before.accuracy, 0.7);
  EXPECT_GT(after.accuracy, 0.95);
  EXPECT_LT(after.loss, 0.2 * before.loss);
  EXPECT_TRUE(std::isnan(
      ideal.evaluate(s.flat_inputs.data(), s.flat_targets.data(), nullptr, 40).accuracy));
}

TEST(IdealReference, NonFiniteStatesNameLayerAndSample) {
  NetworkConfig config = chain_config({4, 8, 2}, 0.1);
  config.activation = {Activation::linear};
  Network net = build_network(config, 1);
  for (double& w : net.weight[1].values()) w = 1e200;
  const Samples s = random_samples(3, 4, 2, 1);
  IdealReference ideal(net, LearningConfig{}, steps(30, 5), 1);
  try {
    ideal.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
    FAIL() << "expected NonFiniteState";
  } catch (const NonFiniteState& e) {
    EXPECT_NE(std::string(e.what()).find("layer 1 became non-finite in training sample 0"),
              std::string::npos)
        << e.what();
  }
}

TEST(IdealReference, WrongSettingsNameTheKey) {
  const Network net = build_network(chain_config({4, 8, 2}, 0.1), 1);
  LearningConfig learning;
  learning.beta = -1;
  try {
    IdealReference(net, learning, steps(1, 1), 1);
    FAIL();
  } catch (const UserError& e) {
    EXPECT_STREQ(e.what(), "key 'learning.beta': expected a value above 0, got -1");
  }
  learning = LearningConfig{};
  learning.rate = {1, 2, 3};
  EXPECT_THROW(IdealReference(net, learning, steps(1, 1), 1), UserError);
  EXPECT_THROW(IdealReference(net, LearningConfig{}, steps(0, 1), 1), UserError);
}

}  // namespace
}  // namespace memprop::learning::test
