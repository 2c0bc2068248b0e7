// EWC, SI and LwF against finite differences and closed forms.
#include "learning/continual/consolidation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/backprop_reference.hpp"
#include "learning/test/numeric_gradient.hpp"
#include "learning/test/task.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::test {
namespace {

struct Task {
  Network network = network_with_biases(chain_config({6, 5, 4}, 1.0, Readout::softmax), 2);
  Samples first = random_samples(8, 6, 4, 5), second = random_samples(8, 6, 4, 6);
};

TaskConfig config(Consolidation kind, double strength) {
  TaskConfig tasks;
  tasks.classes_per_task = 2;
  tasks.consolidation = kind;
  tasks.strength = strength;
  return tasks;
}

LearningConfig steps(double rate) {
  LearningConfig learning;
  learning.rate = {rate};
  learning.batch = 8;
  return learning;
}

// Logits but for a constant: -log p of every class.
std::vector<double> log_probabilities(const Network& network, const float* x) {
  ConsolidatedBackprop reference(network, LearningConfig{}, TaskConfig{});
  std::vector<double> logs;
  for (std::size_t c = 0; c < 4; ++c) {
    std::vector<float> y(4, 0.0F);
    y[c] = 1.0F;
    logs.push_back(-reference.evaluate(x, y.data(), nullptr, 1).loss);
  }
  return logs;
}

// Importances come first in the state of plain descent.
std::vector<double> importance(const ConsolidatedBackprop& reference, std::size_t n) {
  const auto state = reference.training_state().optimiser;
  return {state.begin(), state.begin() + static_cast<std::ptrdiff_t>(n)};
}

std::vector<double*> weights_of(Network& network) {
  std::vector<double*> all;
  for (Matrix& w : network.weight) {
    for (double& v : w.values()) all.push_back(&v);
  }
  for (auto& bias : network.bias) {
    for (double& v : bias) all.push_back(&v);
  }
  return all;
}

TEST(Consolidation, WithoutItIsBackPropagation) {
  Task t;
  ConsolidatedBackprop own(t.network, steps(0.2), TaskConfig{});
  BackpropReference other(t.network, steps(0.2), Precision::float64, 1);
  for (int epoch = 0; epoch < 3; ++epoch) {
    own.train(t.first.flat_inputs.data(), t.first.flat_targets.data(), t.first.order);
    other.train(t.first.flat_inputs.data(), t.first.flat_targets.data(), t.first.order);
  }
  for (std::size_t l = 0; l < 2; ++l) {
    EXPECT_LT(relative_error(own.network().weight[l], other.network().weight[l]), 1e-12);
    EXPECT_LT(relative_error(own.network().bias[l], other.network().bias[l]), 1e-12);
  }
}

// F_i = sum_c p_c (d log p_c / d w_i)^2, by differences.
TEST(Consolidation, FisherInformationIsThatOfTheOutput) {
  Task t;
  ConsolidatedBackprop reference(t.network, steps(0.1), config(Consolidation::ewc, 1.0));
  reference.end_task(t.first.flat_inputs.data(), t.first.flat_targets.data(), t.first.order);
  Network network = t.network;
  const auto weights = weights_of(network);
  const auto found = importance(reference, weights.size());
  for (std::size_t i = 0; i < weights.size(); i += 7) {
    double wanted = 0;
    for (std::size_t s = 0; s < 8; ++s) {
      const float* x = t.first.flat_inputs.data() + s * 6;
      const auto logs = log_probabilities(network, x);
      for (std::size_t c = 0; c < 4; ++c) {
        const double slope = derivative(
            network, *weights[i], [&](const Network& net) { return log_probabilities(net, x)[c]; });
        wanted += std::exp(logs[c]) * slope * slope / 8;
      }
    }
    EXPECT_NEAR(found[i], wanted, 1e-7 * (1e-3 + wanted)) << i;
  }
}

// The penalty pulls every weight back with strength times importance.
TEST(Consolidation, PenaltyPullsBack) {
  Task t;
  for (const Consolidation kind : {Consolidation::ewc, Consolidation::si}) {
    ConsolidatedBackprop reference(t.network, steps(0.1), config(kind, 3.0));
    reference.train(t.first.flat_inputs.data(), t.first.flat_targets.data(), t.first.order);
    reference.end_task(t.first.flat_inputs.data(), t.first.flat_targets.data(), t.first.order);
    Network anchor = reference.network();
    reference.train(t.second.flat_inputs.data(), t.second.flat_targets.data(), t.second.order);
    Network moved = reference.network();
    const Gradient with = reference.gradient(t.second.flat_inputs.data(),
                                             t.second.flat_targets.data(), t.second.order);
    const Gradient without =
        ConsolidatedBackprop(moved, steps(0.1), TaskConfig{})
            .gradient(t.second.flat_inputs.data(), t.second.flat_targets.data(), t.second.order);
    const auto now = weights_of(moved), then = weights_of(anchor);
    const auto f = importance(reference, now.size());
    std::size_t k = 0;
    for (std::size_t l = 0; l < 2; ++l) {
      for (std::size_t i = 0; i < with.weight[l].size(); ++i, ++k) {
        EXPECT_NEAR(with.weight[l].values()[i] - without.weight[l].values()[i],
                    3.0 * f[k] * (*now[k] - *then[k]), 1e-14);
      }
    }
    EXPECT_GT(std::accumulate(f.begin(), f.end(), 0.0), 0.0);
  }
}

// In small steps the path integrals of all weights add up to what the loss has lost.
TEST(Consolidation, PathIntegralsAddUpToTheLoss) {
  Task t;
  ConsolidatedBackprop reference(t.network, steps(0.001), config(Consolidation::si, 1.0));
  const auto loss = [&] {
    return reference.evaluate(t.first.flat_inputs.data(), t.first.flat_targets.data(), nullptr, 8)
        .loss;
  };
  const double before = loss();
  for (int epoch = 0; epoch < 300; ++epoch) {
    reference.train(t.first.flat_inputs.data(), t.first.flat_targets.data(), t.first.order);
  }
  const double lost = before - loss();
  reference.end_task(t.first.flat_inputs.data(), t.first.flat_targets.data(), t.first.order);
  Network end = reference.network(), start = t.network;
  const auto now = weights_of(end), then = weights_of(start);
  const auto omega = importance(reference, now.size());
  double sum = 0;
  for (std::size_t k = 0; k < now.size(); ++k) {
    const double moved = *now[k] - *then[k];
    sum += omega[k] * (moved * moved + 0.1);
  }
  EXPECT_NEAR(sum, lost, 0.01 * lost);
}

// Distillation: nothing at the network it distils, elsewhere the derivative of
// T^2 times the cross-entropy at temperature T.
TEST(Consolidation, DistilsTheNetworkBeforeTheTask) {
  Task t;
  const double temperature = 2.0;
  ConsolidatedBackprop reference(t.network, steps(0.3), config(Consolidation::lwf, 0.7));
  const auto gradient_of = [&](const Network& net) {
    return ConsolidatedBackprop(net, steps(0.3), TaskConfig{})
        .gradient(t.second.flat_inputs.data(), t.second.flat_targets.data(), t.second.order);
  };
  reference.end_task(t.first.flat_inputs.data(), t.first.flat_targets.data(), t.first.order);
  const auto own = [&] {
    return reference.gradient(t.second.flat_inputs.data(), t.second.flat_targets.data(),
                              t.second.order);
  };
  EXPECT_LT(relative_error(own().weight[0], gradient_of(t.network).weight[0]), 1e-14);
  reference.train(t.second.flat_inputs.data(), t.second.flat_targets.data(), t.second.order);
  Network moved = reference.network();
  const auto soft = [&](const Network& net, std::size_t s) {
    std::vector<double> p = log_probabilities(net, t.second.flat_inputs.data() + s * 6);
    double sum = 0;
    for (double& v : p) sum += v = std::exp(v / temperature);
    for (double& v : p) v /= sum;
    return p;
  };
  const auto distillation = [&](const Network& net) {
    double loss = 0;
    for (std::size_t s = 0; s < 8; ++s) {
      const auto old = soft(t.network, s), now = soft(net, s);
      for (std::size_t c = 0; c < 4; ++c) loss -= old[c] * std::log(now[c]) / 8;
    }
    return 0.7 * temperature * temperature * loss;
  };
  const Gradient with = own(), without = gradient_of(moved);
  for (std::size_t i = 0; i < with.weight[1].size(); i += 3) {
    EXPECT_NEAR(with.weight[1].values()[i] - without.weight[1].values()[i],
                derivative(moved, moved.weight[1].values()[i], distillation), 1e-8);
  }
}

TEST(Consolidation, GoesOnBitForBit) {
  Task t;
  for (const Consolidation kind : {Consolidation::ewc, Consolidation::si, Consolidation::lwf}) {
    LearningConfig learning = steps(0.1);
    learning.optimiser.kind = OptimiserKind::momentum;
    ConsolidatedBackprop one(t.network, learning, config(kind, 2.0));
    one.train(t.first.flat_inputs.data(), t.first.flat_targets.data(), t.first.order);
    one.end_task(t.first.flat_inputs.data(), t.first.flat_targets.data(), t.first.order);
    one.train(t.second.flat_inputs.data(), t.second.flat_targets.data(), t.second.order);
    ConsolidatedBackprop two(one.network(), learning, config(kind, 2.0));
    two.set_training_state(one.training_state());
    for (ConsolidatedBackprop* r : {&one, &two}) {
      r->train(t.second.flat_inputs.data(), t.second.flat_targets.data(), t.second.order);
      r->end_task(t.second.flat_inputs.data(), t.second.flat_targets.data(), t.second.order);
    }
    EXPECT_EQ(one.network().weight[0].values(), two.network().weight[0].values());
    EXPECT_EQ(one.training_state().optimiser, two.training_state().optimiser);
  }
}

TEST(Consolidation, NeedsClassProbabilities) {
  EXPECT_THROW(ConsolidatedBackprop(build_network(chain_config({4, 3, 2}, 1.0), 1),
                                    LearningConfig{}, TaskConfig{}),
               UserError);
}

}  // namespace
}  // namespace memprop::learning::test
