// Resistive networks: steady states against closed forms and Kirchhoff's laws, gradients against
// differences, amplifiers against feedback gains.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "learning/reference/fixed_point.hpp"
#include "learning/resistive/resistive_reference.hpp"
#include "learning/test/golden_network.hpp"
#include "learning/test/task.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

using test::matrix;

NetworkConfig resistive_config(std::vector<std::size_t> layers, std::vector<double> gain = {1.0}) {
  NetworkConfig config;
  config.style = NetworkStyle::resistive;
  config.layers = std::move(layers);
  config.init = WeightInit::fan_in_uniform;
  config.resistive.amplifier_gain = std::move(gain);
  return config;
}

ResistiveReference reference(const Network& network, double beta = 1.0, std::size_t steps = 4,
                             unsigned threads = 1, Precision precision = Precision::float64,
                             std::size_t batch = 4) {
  LearningConfig learning;
  learning.beta = beta;
  learning.batch = batch;
  learning.rate = {0.01};
  IdealConfig ideal;
  ideal.free_steps = ideal.nudged_steps = steps;
  ideal.precision = precision;
  return ResistiveReference(network, learning, ideal, threads);
}

// A network with all kinds of things in it, its conductances all positive.
Network busy_network(bool pairs, NodeElement element) {
  NetworkConfig config = resistive_config({5, 7, 6, 3}, {2.0, 1.5});
  config.bias = true;
  config.resistive.output_pairs = pairs;
  config.resistive.element = element;
  config.resistive.input_gain = 3.0;
  config.resistive.bias_input = 0.5;
  config.resistive.clamp_low = -0.15;
  config.resistive.clamp_high = 0.2;
  config.resistive.conductance_min = 0.01;
  return test::network_with_biases(config, 4);
}

TEST(Resistive, TheFiguresOfTheAmplifierExample) {
  // ep-circuits 1.2: g1 = (2, 1), x = (0.5, -0.2), leak 0.1, g2 = 0.8, 0.3 to 0.4 V, A = 4.
  NetworkConfig config = resistive_config({3, 1, 1}, {4.0});
  config.resistive.element = NodeElement::none;
  Network network = build_network(config, 1);
  network.weight = {matrix(1, 6, {2, 1, 0.1, 0, 0, 0}), matrix(1, 1, {0.8})};
  const auto state =
      reference(network).solve(std::vector<double>{0.5, -0.2, 0.0}, std::vector<double>{0.4}, 0.3);
  EXPECT_NEAR(state.v[0][0], 0.24767123, 5e-9);
  EXPECT_NEAR(state.v[1][0], 0.82958904, 5e-9);
  // The stationary point of E_below(u) + (1/A^2) [1/2 g2 (w - A u)^2 + 1/2 beta (w - y)^2], whose
  // two linear equations are solved here by elimination.
  const double uu = 3.1 + 0.8, uw = -0.8 / 4, ww = (0.8 + 0.3) / 16;
  const double fu = 2 * 0.5 - 1 * 0.2, fw = 0.3 * 0.4 / 16;
  const double det = uu * ww - uw * uw;
  EXPECT_NEAR(state.v[0][0], (ww * fu - uw * fw) / det, 1e-14);
  EXPECT_NEAR(state.v[1][0], (uu * fw - uw * fu) / det, 1e-14);
}

// The current into a node at the given voltages, from the circuit alone.
double node_current(const Network& n, const std::vector<std::vector<double>>& v,
                    const std::vector<double>& source, std::size_t l, std::size_t i,
                    const std::vector<double>& y, double beta) {
  const auto& layers = n.config.layers;
  double current = n.bias.empty() ? 0.0 : n.bias[l - 1][i];
  const Matrix& g = n.weight[l - 1];
  for (std::size_t j = 0; j < g.cols(); ++j) {
    const double below =
        l == 1 ? source[j] : v[l - 2][j] * n.config.resistive.amplifier_gain[l - 2];
    current += g(i, j) * (below - v[l - 1][i]);
  }
  if (l < layers.size() - 1) {
    const double a = n.config.resistive.amplifier_gain[l - 1];
    const Matrix& up = n.weight[l];
    for (std::size_t k = 0; k < up.rows(); ++k) {
      current += up(k, i) * (v[l][k] - a * v[l - 1][i]) / a;
    }
  } else if (n.config.resistive.output_pairs) {
    const std::size_t m = layers.back();
    const double error = y[i % m] - (v[l - 1][i % m] - v[l - 1][m + i % m]);
    current += i < m ? beta * error : -beta * error;
  } else {
    current += beta * (y[i] - v[l - 1][i]);
  }
  return current;
}

void expect_kirchhoff(bool pairs, NodeElement element, double beta) {
  const Network network = busy_network(pairs, element);
  const std::vector<double> x{0.3, 0.9, -0.4, 0.1, 0.7}, y{1.0, 0.0, -0.5};
  const auto state = reference(network).solve(x, y, beta);
  std::vector<double> source(resistive_nodes(network.config, 0));
  drive_sources(network.config, x.data(), source.data());
  std::size_t clamped = 0;
  for (std::size_t l = 1; l <= 3; ++l) {
    for (std::size_t i = 0; i < network.weight[l - 1].rows(); ++i) {
      const double current = node_current(network, state.v, source, l, i, y, beta);
      const NodeBounds bounds = node_bounds(network.config, l, i);
      const double v = state.v[l - 1][i];
      if (v == bounds.low) {
        EXPECT_LE(current, 1e-13);  // the diode brings what is missing
        ++clamped;
      } else if (v == bounds.high) {
        EXPECT_GE(current, -1e-13);
        ++clamped;
      } else {
        EXPECT_NEAR(current, 0.0, 1e-13) << l << " " << i;
      }
    }
  }
  EXPECT_EQ(clamped > 0, element != NodeElement::none);
}

TEST(Resistive, SteadyStatesFulfilKirchhoffsLaw) {
  for (const bool pairs : {false, true}) {
    for (const auto element : {NodeElement::one_sided, NodeElement::clamp, NodeElement::none}) {
      for (const double beta : {0.0, 0.4, -0.2}) expect_kirchhoff(pairs, element, beta);
    }
  }
}

double loss(ResistiveReference& r, const std::vector<double>& x, const std::vector<double>& y) {
  const auto state = r.solve(x);
  double c = 0;
  for (std::size_t k = 0; k < y.size(); ++k) c += 0.5 * std::pow(y[k] - state.output[k], 2);
  return c;
}

void expect_gradient(bool pairs, NodeElement element) {
  const Network network = busy_network(pairs, element);
  const std::vector<double> x{0.3, 0.9, -0.4, 0.1, 0.7}, y{1.0, 0.0, -0.5};
  auto ep = reference(network, 1e-5, 200);
  const Gradient estimate = ep.ep_update_estimate(matrix(1, 5, x), matrix(1, 3, y));
  const double h = 1e-6;
  for (std::size_t l = 0; l < 3; ++l) {
    for (std::size_t k = 0; k < network.weight[l].size(); k += 5) {
      Network up = network, down = network;
      up.weight[l].values()[k] += h;
      down.weight[l].values()[k] -= h;
      auto a = reference(up), b = reference(down);
      const double slope = (loss(a, x, y) - loss(b, x, y)) / (2 * h);
      EXPECT_NEAR(-estimate.weight[l].values()[k], slope, 1e-7) << l << " " << k;
    }
    for (std::size_t i = 0; i < network.bias[l].size(); ++i) {
      Network up = network, down = network;
      up.bias[l][i] += h;
      down.bias[l][i] -= h;
      auto a = reference(up), b = reference(down);
      const double slope = (loss(a, x, y) - loss(b, x, y)) / (2 * h);
      EXPECT_NEAR(-estimate.bias[l][i], slope, 1e-7) << l << " " << i;
    }
  }
}

TEST(Resistive, SquaredDropsEstimateTheGradientThroughAmplifiersAndClamps) {
  for (const bool pairs : {false, true}) {
    for (const auto element : {NodeElement::one_sided, NodeElement::clamp, NodeElement::none}) {
      expect_gradient(pairs, element);
    }
  }
}

TEST(Resistive, OneSidedNudgingEstimatesTheSameToFirstOrder) {
  const Network network = busy_network(true, NodeElement::none);
  const Matrix x = matrix(1, 5, {0.3, 0.9, -0.4, 0.1, 0.7}), y = matrix(1, 3, {1.0, 0.0, -0.5});
  const auto estimate = [&](Nudging nudging, double beta) {
    LearningConfig learning;
    learning.nudging = nudging;
    learning.beta = beta;
    IdealConfig ideal;
    ideal.free_steps = ideal.nudged_steps = 200;
    return ResistiveReference(network, learning, ideal, 1).ep_update_estimate(x, y).weight[0](0, 0);
  };
  const double exact = estimate(Nudging::centred, 1e-4);
  const double error = std::abs(estimate(Nudging::one_sided, 1e-2) - exact);
  const double half = std::abs(estimate(Nudging::one_sided, 5e-3) - exact);
  EXPECT_NEAR(error / half, 2.0, 0.1);
  const double centred = std::abs(estimate(Nudging::centred, 4e-2) - exact);
  const double centred_half = std::abs(estimate(Nudging::centred, 2e-2) - exact);
  EXPECT_NEAR(centred / centred_half, 4.0, 0.2);
}

// X12: a linear network with amplifiers has the voltages of an ordinary one with tied feedback
// b = 1/A^2 and weights W = A D_above^-1/2 G D_below^-1/2, D the conductance at each node.
TEST(Resistive, AmplifiersAreFeedbackGains) {
  for (const double gain : {1.0, 2.0, 4.0, 8.0}) {
    NetworkConfig config = resistive_config({6, 8, 5, 1}, {gain});
    config.resistive.element = NodeElement::none;
    config.resistive.input_gain = 2.0;
    config.resistive.conductance_min = 0.005;
    const Network network = build_network(config, 7);

    NetworkConfig ordinary;
    ordinary.layers = {resistive_nodes(network.config, 0), 8, 5, 1};
    ordinary.activation = {Activation::linear};
    ordinary.feedback_gain = {1.0 / (gain * gain)};
    Network plain = build_network(ordinary, 1);
    std::vector<std::vector<double>> root(3);  // sqrt(D)
    for (std::size_t l = 0; l < 3; ++l) {
      for (std::size_t i = 0; i < network.weight[l].rows(); ++i) {
        double d = 0;
        for (std::size_t j = 0; j < network.weight[l].cols(); ++j) d += network.weight[l](i, j);
        for (std::size_t k = 0; l < 2 && k < network.weight[l + 1].rows(); ++k) {
          d += network.weight[l + 1](k, i);
        }
        root[l].push_back(std::sqrt(d));
      }
    }
    for (std::size_t l = 0; l < 3; ++l) {
      for (std::size_t i = 0; i < plain.weight[l].rows(); ++i) {
        for (std::size_t j = 0; j < plain.weight[l].cols(); ++j) {
          const double below = l == 0 ? 1.0 : gain / root[l - 1][j];
          plain.weight[l](i, j) = network.weight[l](i, j) * below / root[l][i];
        }
      }
    }
    const std::vector<double> x{0.2, 0.8, -0.5, 0.4, 0.9, -0.1};
    std::vector<double> source(resistive_nodes(network.config, 0));
    drive_sources(network.config, x.data(), source.data());
    const double d_out = root[2][0] * root[2][0], target = 0.7, beta = 0.05;
    auto exact = reference(network);
    for (const double b : {0.0, beta, -beta}) {
      const auto state = exact.solve(x, std::vector<double>{target}, b);
      const auto same =
          fixed_point(plain, source, b / d_out, std::vector<double>{target * root[2][0]});
      for (std::size_t l = 0; l < 3; ++l) {
        for (std::size_t i = 0; i < state.v[l].size(); ++i) {
          EXPECT_NEAR(state.v[l][i], same.v[l][i] / root[l][i], 1e-10) << gain;
        }
      }
    }
  }
}

TEST(Resistive, FewIterationsAreNearTheConvergedState) {
  NetworkConfig config = resistive_config({40, 30, 10});
  config.resistive.input_gain = 20;
  const Network network = build_network(config, 3);
  const auto s = test::random_samples(20, 40, 10, 5);
  auto r = reference(network);
  for (std::size_t k = 0; k < 20; ++k) {
    const auto few = r.relax(s.inputs.row(k));
    const auto all = r.solve(s.inputs.row(k));
    for (std::size_t i = 0; i < 10; ++i) EXPECT_NEAR(few.output[i], all.output[i], 1e-3);
  }
}

TEST(Resistive, ThreadsBatchesAndPiecesChangeNoBit) {
  NetworkConfig config = resistive_config({30, 40, 20, 10}, {2.0});
  config.bias = true;
  config.resistive.input_gain = 10;
  const Network network = build_network(config, 3);
  const auto s = test::random_samples(100, 30, 10, 5);
  for (const auto precision : {Precision::float64, Precision::float32}) {
    auto one = reference(network, 0.05, 4, 1, precision, 40);
    auto three = reference(network, 0.05, 4, 3, precision, 40);
    one.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
    three.train(s.flat_inputs.data(), s.flat_targets.data(), {s.order.data(), 40});
    // As after a resume: from the weights alone.
    auto resumed = reference(three.network(), 0.05, 4, 2, precision, 40);
    resumed.train(s.flat_inputs.data(), s.flat_targets.data(), {s.order.data() + 40, 60});
    for (std::size_t l = 0; l < 3; ++l) {
      EXPECT_EQ(one.network().weight[l].values(), resumed.network().weight[l].values());
      EXPECT_EQ(one.network().bias[l], resumed.network().bias[l]);
      EXPECT_NE(one.network().weight[l].values(), network.weight[l].values());
    }
    const auto a = one.evaluate(s.flat_inputs.data(), s.flat_targets.data(), s.labels.data(), 100);
    const auto b =
        resumed.evaluate(s.flat_inputs.data(), s.flat_targets.data(), s.labels.data(), 100);
    EXPECT_EQ(a.loss, b.loss);
    EXPECT_EQ(a.accuracy, b.accuracy);
  }
}

TEST(Resistive, TrainingStaysInTheWindowAndFollowsTheEstimate) {
  Network network = busy_network(true, NodeElement::one_sided);
  network.config.resistive.conductance_max = 0.4;
  for (auto& g : network.weight) {
    for (double& value : g.values()) value = std::min(value, 0.4);
  }
  const auto s = test::random_samples(4, 5, 3, 5);
  auto r = reference(network, 0.05, 6);
  const Gradient estimate = r.ep_update_estimate(s.inputs, s.targets);
  r.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
  const Network after = r.network();
  for (std::size_t l = 0; l < 3; ++l) {
    for (std::size_t k = 0; k < network.weight[l].size(); ++k) {
      const double wanted = network.weight[l].values()[k] + 0.01 * estimate.weight[l].values()[k];
      EXPECT_NEAR(after.weight[l].values()[k], std::clamp(wanted, 0.01, 0.4), 1e-15);
    }
  }
}

TEST(Resistive, RatesDecayByEpoch) {
  const Network network = busy_network(false, NodeElement::one_sided);
  const auto s = test::random_samples(4, 5, 3, 5);
  LearningConfig learning;
  learning.beta = 0.05;
  learning.batch = 4;
  learning.rate_decay = 0.5;
  const auto change = [&](std::uint64_t epoch) {
    ResistiveReference r(network, learning, IdealConfig{}, 1);
    r.start_epoch(epoch);
    r.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
    return r.network().bias[2][0] - network.bias[2][0];
  };
  EXPECT_NEAR(change(2) / change(0), 0.25, 1e-12);
}

std::string message_of(const NetworkConfig& config) {
  try {
    build_network(config, 1);
  } catch (const UserError& e) {
    return e.what();
  }
  return "";
}

TEST(Resistive, BadDescriptionsAreRefusedByKey) {
  NetworkConfig config = resistive_config({3, 4, 2});
  config.resistive.amplifier_gain = {1.0, 2.0};
  EXPECT_EQ(message_of(config), "key 'network.resistive.amplifier_gain': expected 1 values, got 2");
  config = resistive_config({3, 4, 2}, {-1.0});
  EXPECT_EQ(message_of(config),
            "key 'network.resistive.amplifier_gain': expected values above 0, got -1");
  config = resistive_config({3, 4, 2});
  config.readout = Readout::softmax;
  EXPECT_NE(message_of(config).find("network.readout"), std::string::npos);
  config = resistive_config({3, 4, 2});
  config.feedback = FeedbackWeights::separate;
  EXPECT_NE(message_of(config).find("network.feedback"), std::string::npos);
  config = resistive_config({3, 4, 2});
  config.resistive.element = NodeElement::clamp;
  config.resistive.clamp_low = 1;
  EXPECT_NE(message_of(config).find("network.resistive.clamp"), std::string::npos);
  config = resistive_config({3, 4, 2});
  config.resistive.conductance_min = 1;
  config.resistive.conductance_max = 0.5;
  EXPECT_NE(message_of(config).find("conductance_max"), std::string::npos);
}

TEST(Resistive, ANegativePhaseThatIsUnstableIsRefused) {
  const Network network = busy_network(false, NodeElement::none);
  const auto s = test::random_samples(4, 5, 3, 5);
  auto r = reference(network, 50.0);
  try {
    r.train(s.flat_inputs.data(), s.flat_targets.data(), s.order);
    FAIL() << "accepted";
  } catch (const UserError& e) {
    EXPECT_NE(std::string(e.what()).find("key 'learning.beta': expected less than the conductance"),
              std::string::npos)
        << e.what();
  }
}

}  // namespace
}  // namespace memprop::learning
