// Sleep replay: input generator, membranes, rule and what becomes of the network.
#include "learning/continual/sleep.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "learning/reference/ideal_reference.hpp"
#include "learning/test/dendritic_loops.hpp"
#include "learning/test/task.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::test {
namespace {

constexpr double kNever = std::numeric_limits<double>::max();

Network plain_network(std::vector<std::size_t> layers) {
  NetworkConfig config;
  config.layers = std::move(layers);
  config.activation = {Activation::shifted_logistic};
  config.feedback_gain = {1.0};
  return build_network(config, 3);
}

std::vector<SleepLayer> silent(const Network& network) {
  return std::vector<SleepLayer>(network.layer_count(), SleepLayer{1.0, kNever});
}

// S1: every row spikes at its rate.
TEST(Sleep, InputsSpikeAtTheirRates) {
  Network network = plain_network({196, 2});
  SleepConfig config;
  config.input_gain = 0.5;
  std::vector<double> mean;
  for (std::size_t j = 0; j < 196; ++j) mean.push_back(static_cast<double>(j) / 90.0);
  SleepingNetwork asleep(network, config, silent(network), mean, 5, 1);
  constexpr int kSteps = 100000;
  std::vector<double> count(196, 0.0);
  for (int t = 0; t < kSteps; ++t) {
    asleep.step();
    for (std::size_t j = 0; j < 196; ++j) count[j] += asleep.spikes(0)[j];
  }
  int beyond_three = 0;
  for (std::size_t j = 0; j < 196; ++j) {
    const double p = std::min(1.0, 0.5 * mean[j]);
    const double sigma = std::sqrt(p * (1 - p) / kSteps);
    const double off = std::abs(count[j] / kSteps - p);
    EXPECT_LE(off, 4.5 * sigma) << j;
    beyond_three += off > 3.0 * sigma ? 1 : 0;
  }
  EXPECT_LE(beyond_three, 1);
}

TEST(Sleep, NothingSpikesOutsideTheWindow) {
  Network network = plain_network({144, 2});
  SleepConfig config;
  config.window = 5;
  config.input_gain = 1.0;
  SleepingNetwork asleep(network, config, silent(network), std::vector<double>(144, 1.0), 5, 1);
  std::vector<int> row(12, 0), column(12, 0);
  for (int t = 0; t < 2000; ++t) {
    asleep.step();
    std::size_t top = 12, bottom = 0, left = 12, right = 0, spikes = 0;
    for (std::size_t j = 0; j < 144; ++j) {
      if (asleep.spikes(0)[j] == 0) continue;
      ++spikes;
      top = std::min(top, j / 12);
      bottom = std::max(bottom, j / 12);
      left = std::min(left, j % 12);
      right = std::max(right, j % 12);
    }
    EXPECT_EQ(spikes, 25U);  // rate 1: the whole window
    EXPECT_EQ(bottom - top, 4U);
    EXPECT_EQ(right - left, 4U);
    ++row[top];
    ++column[left];
  }
  // All 8 places along each side: 250 of 2000 each, 5 standard deviations of 15.
  for (std::size_t k = 0; k < 8; ++k) {
    EXPECT_NEAR(row[k], 250, 75);
    EXPECT_NEAR(column[k], 250, 75);
  }
}

// S2: a drive d makes a membrane that tends to d / (1 - lambda).
TEST(Sleep, MembranesLeakSpikeAndReset) {
  for (const double d : {0.099, 1.0, 0.3}) {
    Network network = plain_network({1, 1});
    network.weight[0](0, 0) = d;
    SleepConfig config;
    config.increase = 0;
    config.input_gain = 1.0;
    SleepingNetwork asleep(network, config, {{1.0, 1.0}}, {1.0}, 1, 1);
    double v = 0;
    for (int t = 0; t < 500; ++t) {
      asleep.step();
      v = 0.9 * v + d;
      const bool spike = v >= 1.0;
      if (spike) v = 0;
      EXPECT_EQ(asleep.spikes(1)[0], spike ? 1 : 0) << d << ' ' << t;
      EXPECT_NEAR(asleep.membrane(1)[0], v, 1e-14);  // fused multiply-adds
      EXPECT_TRUE(d > 0.1 || !spike);
      EXPECT_TRUE(d < 1.0 || spike);
    }
  }
}

// S3: gain and threshold by the same power of two.
TEST(Sleep, OnlyTheRatioOfThresholdAndGainMatters) {
  Network a = plain_network({30, 20, 6}), b = a;
  SleepConfig config;
  config.input_gain = 0.4;
  const std::vector<double> mean(30, 0.7);
  SleepingNetwork one(a, config, {{1.0, 0.3}, {1.0, 0.4}}, mean, 5, 1);
  SleepingNetwork other(b, config, {{4.0, 1.2}, {0.25, 0.1}}, mean, 5, 1);
  for (int t = 0; t < 2000; ++t) {
    one.step();
    other.step();
    for (std::size_t l = 0; l <= 2; ++l) ASSERT_EQ(one.spikes(l), other.spikes(l)) << t;
  }
  EXPECT_GT(one.report().spikes[2], 0.0);
  EXPECT_EQ(a.weight[0].values(), b.weight[0].values());
}

// S4: the gate, and the three-valued change.
TEST(Sleep, RuleTable) {
  SleepConfig config;
  EXPECT_EQ(sleep_gate(config, 0.0), 1.0);
  EXPECT_NEAR(sleep_gate(config, -10 * config.gate_width), 2.0, 1e-3);
  EXPECT_LT(sleep_gate(config, 10 * config.gate_width), 2e-3);
  config.gate = SleepGate::hard;
  EXPECT_EQ(sleep_gate(config, -1e-9), 2.0);
  EXPECT_EQ(sleep_gate(config, 0.0), 0.0);
  config.gate = SleepGate::none;
  EXPECT_EQ(sleep_gate(config, 5.0), 1.0);

  config = SleepConfig{};
  config.input_gain = 1.0;
  config.increase = 0.01;
  config.decrease_ratio = 0.25;
  for (const bool fires : {true, false}) {
    Network network = plain_network({3, 1});
    network.weight[0].values() = {-0.002, -0.003, 1.0};
    // Inputs 0 and 2 always spike, input 1 never does.
    SleepingNetwork asleep(network, config, {{1.0, fires ? 0.5 : 2.0}}, {1.0, 0.0, 1.0}, 1, 1);
    asleep.step();
    const auto& w = network.weight[0].values();
    if (fires) {
      EXPECT_DOUBLE_EQ(w[0], -0.002 + 0.01 * sleep_gate(config, -0.002));
      EXPECT_DOUBLE_EQ(w[1], -0.003 - 0.0025 * sleep_gate(config, -0.003));
    } else {
      EXPECT_EQ(w[0], -0.002);
      EXPECT_EQ(w[1], -0.003);
    }
  }
}

// S5: what fires together climbs to about zero and stops there.
TEST(Sleep, LimitsItself) {
  for (const double increase : {0.0022, 0.0106}) {
    for (const double start : {-0.3, 0.1}) {
      Network network = plain_network({2, 1});
      network.weight[0].values() = {start, 5.0};
      SleepConfig config;
      config.input_gain = 1.0;
      config.increase = increase;
      SleepingNetwork asleep(network, config, {{1.0, 1.0}}, {1.0, 1.0}, 1, 1);
      int climbed = 0;
      for (int t = 0; t < 3000; ++t) {
        asleep.step();
        if (network.weight[0](0, 0) < 0) ++climbed;
      }
      const double end = network.weight[0](0, 0);
      if (start > 0) {
        EXPECT_EQ(end, start);
      } else {
        EXPECT_GE(end, 0.0);
        EXPECT_LE(end, 10 * config.gate_width + 2 * increase);
        EXPECT_LE(climbed, 70);
      }
      EXPECT_EQ(network.weight[0](0, 1), 5.0);
    }
  }
}

// S6: with tied weights the feedback of the awake network is the transpose of what sleep has left.
TEST(Sleep, FeedbackFollowsTheChangedWeights) {
  NetworkConfig description = chain_config({20, 12, 5}, 0.8);
  description.activation = {Activation::shifted_logistic};
  Network network = network_with_biases(description, 3);
  const Network before = network;
  SleepConfig config;
  config.threshold = {0.3, 0.3};
  const std::vector<double> mean(20, 0.8);
  const SleepReport report = sleep(network, config, mean, std::vector<double>{0.2, 0.2}, 9, 1);
  EXPECT_EQ(report.steps, 3000U);
  EXPECT_GT(report.raised, 0U);
  EXPECT_GT(report.lowered, 0U);
  ASSERT_NE(network.weight[1].values(), before.weight[1].values());
  EXPECT_EQ(network.bias[0], before.bias[0]);
  const std::vector<double> x(20, 0.4);
  IdealConfig ideal;
  ideal.free_steps = 400;
  const LayerStates s = IdealReference(network, LearningConfig{}, ideal, 1).relax_free(x);
  for (std::size_t i = 0; i < 12; ++i) {
    double v = network.bias[0][i];
    for (std::size_t j = 0; j < 20; ++j) v += network.weight[0](i, j) * x[j];
    for (std::size_t k = 0; k < 5; ++k) v += 0.8 * network.weight[1](k, i) * s.r[1][k];
    EXPECT_NEAR(s.v[0][i], v, 1e-9);
  }
}

TEST(Sleep, StepsGrowWithTheTasks) {
  SleepConfig config;
  EXPECT_EQ(sleep_steps(config, 1), 3000U);
  EXPECT_EQ(sleep_steps(config, 4), 6000U);
  // The published 15000 + 5000 (k - 1).
  config.steps = 15000;
  for (std::size_t k = 1; k <= 5; ++k) EXPECT_EQ(sleep_steps(config, k), 10000 + 5000 * k);
}

TEST(Sleep, RatesAreTheMeanItsBitsOrTheirAverage) {
  SleepConfig config;
  const std::vector<double> mean{0.0, 0.5, 0.1, 0.2};
  EXPECT_EQ(sleep_rates(config, mean), mean);
  config.mean_bits = 2;
  EXPECT_EQ(sleep_rates(config, mean), (std::vector<double>{0.0, 2.0 / 3.0, 0.0, 1.0 / 3.0}));
  config.mean_bits = 0;
  config.input = SleepInput::uniform;
  for (const double m : sleep_rates(config, mean)) EXPECT_NEAR(m, 0.2, 1e-15);
}

// The largest drive in samples, or the largest weight if that is more.
TEST(Sleep, ThresholdsAreRelativeToTheDrive) {
  Network network = plain_network({2, 2, 1});
  network.weight[0].values() = {0.5, -1.0, 0.25, 0.25};
  network.weight[1].values() = {3.0, 0.1};
  SleepConfig config;
  config.threshold = {0.5, 0.1};
  SleepCalibration calibration(network);
  calibration.add({{1.0, 0.2}, {0.1, 0.1}, {0.0}});
  calibration.add({{2.0, 0.5}, {0.2, 0.3}, {0.0}});
  const auto theta = calibration.thresholds(config);
  EXPECT_DOUBLE_EQ(theta[0], 0.5 * (0.25 * 2.0 + 0.25 * 0.5));
  EXPECT_DOUBLE_EQ(theta[1], 0.1 * 3.0);
}

// Branches: synapses that are not there stay so, and links sleep too.
TEST(Sleep, WorksOnDendritesAndLinks) {
  Network dendritic = build_network(dendritic_config({16, 12, 4}), 3);
  const Network before = dendritic;
  SleepConfig config;
  const std::vector<double> mean(16, 0.8);
  sleep(dendritic, config, mean, std::vector<double>{0.05, 0.05}, 9, 2);
  EXPECT_NE(dendritic.weight[0].values(), before.weight[0].values());
  for (std::size_t i = 0; i < dendritic.weight[0].size(); ++i) {
    if (before.basal_mask[0].values()[i] == 0.0) {
      EXPECT_EQ(dendritic.weight[0].values()[i], 0.0);
    }
  }
  NetworkConfig linked = chain_config({16, 8, 8, 8, 4}, 0.5);
  linked.links = {"1-3"};
  Network network = build_network(linked, 3);
  const Network awake = network;
  sleep(network, config, mean, std::vector<double>{0.1, 0.1, 0.1, 0.1}, 9, 1);
  EXPECT_NE(network.links[0].weight.values(), awake.links[0].weight.values());
}

TEST(Sleep, IsTheSameForTheSameSeed) {
  Network a = plain_network({30, 20, 6}), b = a, c = a;
  const std::vector<double> mean(30, 0.7), theta{0.3, 0.4};
  sleep(a, SleepConfig{}, mean, theta, 5, 1);
  sleep(b, SleepConfig{}, mean, theta, 5, 1);
  sleep(c, SleepConfig{}, mean, theta, 6, 1);
  EXPECT_EQ(a.weight[0].values(), b.weight[0].values());
  EXPECT_NE(a.weight[0].values(), c.weight[0].values());
}

void expect_refused(const SleepConfig& config, const NetworkConfig& network,
                    const std::string& key) {
  try {
    check_sleep(config, network);
    ADD_FAILURE() << "not refused: " << key;
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("key '" + key + "'"), std::string::npos)
        << error.what();
  }
}

TEST(Sleep, NonsenseIsRefused) {
  const NetworkConfig network = chain_config({16, 8, 4}, 0.5);
  SleepConfig good;
  expect_refused(good, network, "sleep.threshold");  // none given
  good.threshold = {0.1, 0.1};
  EXPECT_NO_THROW(check_sleep(good, network));
  SleepConfig c = good;
  c.threshold = {0.1, -0.1};
  expect_refused(c, network, "sleep.threshold");
  c = good;
  c.leak = 1.5;
  expect_refused(c, network, "sleep.leak");
  c = good;
  c.window = 5;
  expect_refused(c, network, "sleep.window");  // the image has a side of 4
  expect_refused(c, chain_config({15, 8, 4}, 0.5), "sleep.window");
  c = good;
  c.layer_scale = {1.0, 2.0, 3.0};
  expect_refused(c, network, "sleep.layer_scale");
  c = good;
  c.feedback = true;
  expect_refused(c, dendritic_config({16, 8, 4}), "sleep.feedback");
}

}  // namespace
}  // namespace memprop::learning::test
