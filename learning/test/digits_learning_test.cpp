// Learning with heterogeneous time steps and with adaptation on the 8 x 8 digits: the figures that
// an independent simulation found for small networks, and short versions of its training runs (the
// full ones are rows of the results book).
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "learning/metric/first_order.hpp"
#include "learning/metric/gradient_metric.hpp"
#include "learning/metric/stability.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/test/digits.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::test {
namespace {

class DigitsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!digits_are_there()) GTEST_SKIP() << "not run: no " << kDigitsFile << " (python3-sklearn)";
  }
};

TimeConstantConfig spread(TimeConstantFamily family, double cv, double low, double high) {
  TimeConstantConfig config;
  config.family = family;
  config.quantity = TimeConstantQuantity::rate;
  config.mean_s = 1.0;
  config.cv = cv;
  config.clip_low = low;
  config.clip_high = high;
  return config;
}

NetworkConfig net_of(std::vector<std::size_t> layers, Activation f, WeightInit init) {
  NetworkConfig config = chain_config(std::move(layers), 1.0);
  config.activation = {f};
  config.dynamics = Dynamics::rate;
  config.init = init;
  return config;
}

std::vector<double> all_weights(const Gradient& g) {
  std::vector<double> all;
  for (const Matrix& w : g.weight) all.insert(all.end(), w.values().begin(), w.values().end());
  return all;
}

// Gradients of T2 nudged steps against the converged one: 64-32-10, beta 0.01, 64 images, means
// over five draws (heterogeneous-time-steps 7.2: cosine to 0.01, norm to 0.03).
TEST_F(DigitsTest, TruncatedNudgedPhasesLoseWhatTheAnchorsSay) {
  const Samples s = digit_images(0, 64);
  using F = TimeConstantFamily;
  constexpr std::array<std::size_t, 4> kSteps = {5, 10, 25, 50};
  const struct {
    F family;
    double cv;
    std::array<double, 4> cosine, norm;
  } kRows[] = {{F::equal, 0.0, {0.983, 0.996, 1.000, 1.000}, {0.606, 0.836, 0.987, 1.000}},
               {F::lognormal, 0.2, {0.976, 0.993, 1.000, 1.000}, {0.606, 0.828, 0.982, 0.999}},
               {F::lognormal, 0.5, {0.951, 0.982, 0.998, 1.000}, {0.593, 0.793, 0.958, 0.995}},
               {F::gamma, 0.5, {0.939, 0.974, 0.996, 0.999}, {0.617, 0.799, 0.948, 0.988}}};
  std::array<double, 4> scalar{};
  for (const auto& row : kRows) {
    std::array<double, 4> cos{}, norm{};
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      NetworkConfig config = net_of({64, 32, 10}, Activation::logistic, WeightInit::fan_in_normal);
      config.time_constant = spread(row.family, row.cv, 0.1, 5.0);
      config.bias_mean = {-0.5, 0.0};
      const Network net = build_network(config, seed);
      LearningConfig learning;
      learning.nudging = Nudging::one_sided;
      learning.form = UpdateForm::product;
      learning.nudge_place = NudgePlace::outside;
      learning.beta = 0.01;
      const auto gradient = [&](std::size_t nudged) {
        IdealConfig ideal;
        ideal.free_steps = 600;
        ideal.nudged_steps = nudged;
        ideal.time_step_s = 0.2;
        return all_weights(
            IdealReference(net, learning, ideal, 1).ep_update_estimate(s.inputs, s.targets));
      };
      const std::vector<double> converged = gradient(600);
      for (std::size_t k = 0; k < 4; ++k) {
        const std::vector<double> g = gradient(kSteps[k]);
        cos[k] += cosine(Span<const double>(g), Span<const double>(converged)) / 5;
        norm[k] += norm_ratio(Span<const double>(g), Span<const double>(converged)) / 5;
      }
    }
    for (std::size_t k = 0; k < 4; ++k) {
      EXPECT_NEAR(cos[k], row.cosine[k], 0.01) << "cv " << row.cv << ", T2 " << kSteps[k];
      EXPECT_NEAR(norm[k], row.norm[k], 0.03) << "cv " << row.cv << ", T2 " << kSteps[k];
    }
    if (row.family == F::equal) {
      scalar = cos;
      continue;
    }
    EXPECT_LT(cos[0], scalar[0]);
    EXPECT_LT(cos[1], scalar[1]);
    EXPECT_GT(cos[3], scalar[3] - 0.0015);
  }
}

struct Trained {
  double accuracy = 0, residual = 0;
};

// 64-64-10 of rate neurons with hard sigmoids, as in 7.3 of the anchors, fewer epochs.
Trained train(const TimeConstantConfig& tau, double mean_dt, std::size_t free_steps,
              std::size_t nudged_steps, std::uint64_t seed) {
  Samples s = digit_images(0, 500);
  const Samples test = digit_images(1500, 297);
  NetworkConfig config = net_of({64, 64, 10}, Activation::hard_sigmoid, WeightInit::fan_in_uniform);
  config.time_constant = tau;
  LearningConfig learning;
  learning.nudging = Nudging::one_sided;
  learning.form = UpdateForm::product;
  learning.nudge_place = NudgePlace::outside;
  learning.rate = {0.1, 0.05};
  learning.batch = 20;
  IdealConfig ideal;
  ideal.free_steps = free_steps;
  ideal.nudged_steps = nudged_steps;
  ideal.time_step_s = mean_dt;
  ideal.precision = Precision::float32;
  IdealReference reference(build_network(config, seed), learning, ideal, 1, seed);
  Trained result;
  try {
    for (std::uint64_t epoch = 0; epoch < 4; ++epoch) {
      shuffle(s, seed, epoch);
      reference.train(s.flat_inputs.data(), s.flat_targets.data(),
                      {s.order.data(), s.order.size()});
    }
    result.accuracy =
        reference
            .evaluate(test.flat_inputs.data(), test.flat_targets.data(), test.labels.data(), 297)
            .accuracy;
    result.residual = reference.free_phase_end(test.flat_inputs.data(), 297).residual;
  } catch (const NumericalError&) {
    result.accuracy = 0;  // as good as no answer
  }
  return result;
}

// H10 to H12 in short: clipped spread costs nothing, unclipped spread at a mean step of 1 is
// ruinous, and a slow tail leaves the free phase unsettled.
TEST_F(DigitsTest, SpreadIsNeutralWhileItsStepsAreBounded) {
  using F = TimeConstantFamily;
  const Trained scalar = train(spread(F::equal, 0, 0.25, 2.5), 0.2, 100, 25, 1);
  EXPECT_GT(scalar.accuracy, 0.6);
  for (const F f : {F::lognormal, F::gamma, F::uniform, F::normal}) {
    const Trained clipped = train(spread(f, 0.5, 0.25, 2.5), 0.2, 100, 25, 1);
    EXPECT_NEAR(clipped.accuracy, scalar.accuracy, 0.06) << static_cast<int>(f);
  }
  const Trained wild = train(spread(F::lognormal, 0.5, 0.01, 1e6), 1.0, 60, 15, 1);
  EXPECT_TRUE(training_failed(wild.accuracy, 10)) << wild.accuracy;
  const Trained even = train(spread(F::equal, 0, 0.05, 1e6), 0.2, 60, 15, 1);
  const Trained slow = train(spread(F::gamma, 0.5, 0.05, 1e6), 0.2, 60, 15, 1);
  EXPECT_GT(slow.residual, 3 * even.residual);
}

NetworkConfig hebbian_net(std::size_t hidden) {
  NetworkConfig config = net_of({64, hidden, 10}, Activation::logistic, WeightInit::fan_in_normal);
  config.bias_mean = {-0.5};
  config.bias_deviation = 1.0;
  config.time_constant.mean_s = 1.0;
  return config;
}

LearningConfig hebbian(double c, std::size_t steps) {
  LearningConfig learning;
  learning.rule = RuleKind::contrastive_hebbian;
  learning.form = UpdateForm::predictive;
  learning.scale = GradientScale::raw;
  learning.adaptation = {c, steps, AdaptationMode::interleaved};
  learning.optimiser.kind = OptimiserKind::adagrad;
  learning.optimiser.epsilon = 1e-7;
  learning.bias_plain = true;
  learning.rate = {0.1};
  learning.batch = 10;
  return learning;
}

IdealConfig hebbian_map(std::size_t free, std::size_t clamped) {
  IdealConfig ideal;
  ideal.free_steps = free;
  ideal.nudged_steps = clamped;
  ideal.time_step_s = 0.1;
  return ideal;
}

// A8: adaptation scales the differences of all layers by (1 - c)^N = 0.1216, the better the weaker
// the teacher.
TEST_F(DigitsTest, AdaptationContractsAllLayersAlike) {
  const Samples s = digit_images(0, 60);
  for (const std::size_t hidden : {6UL, 50UL}) {
    const Network net = build_network(hebbian_net(hidden), 1);
    IdealReference reference(net, hebbian(0.1, 20), hebbian_map(600, 120), 1);
    for (const double eps : {1.0, 0.1, 0.01}) {
      std::vector<double> before, after, out_before, out_after;
      for (std::size_t k = 0; k < 60; ++k) {
        const LayerStates free = reference.relax_free(s.inputs.row(k));
        std::vector<double> target(10);
        for (std::size_t i = 0; i < 10; ++i) {
          target[i] = free.output[i] + eps * (s.targets(k, i) - free.output[i]);
        }
        const auto ends = reference.relax_phases(s.inputs.row(k), {target.data(), 10});
        for (std::size_t l = 0; l < 2; ++l) {
          for (std::size_t i = 0; i < free.r[l].size(); ++i) {
            (l == 0 ? before : out_before).push_back(ends[2].r[l][i] - ends[0].r[l][i]);
            (l == 0 ? after : out_after).push_back(ends[3].r[l][i] - ends[0].r[l][i]);
          }
        }
      }
      const double s_left = std::pow(0.9, 20);
      const auto ratio = [](const std::vector<double>& a, const std::vector<double>& b) {
        return norm_ratio(Span<const double>(a), Span<const double>(b));
      };
      EXPECT_NEAR(ratio(out_after, out_before), s_left, 1e-4);
      const double band = eps < 0.5 ? 0.02 : (hidden == 50 ? 0.05 : 0.20);
      EXPECT_NEAR(ratio(after, before) / s_left, 1.0, band) << hidden << ' ' << eps;
      EXPECT_GT(cosine(Span<const double>(after), Span<const double>(before)),
                eps < 0.5 ? 0.999 : (hidden == 50 ? 0.99 : 0.96))
          << hidden << ' ' << eps;
    }
  }
}

// A9 and A14 in short: after some epochs of plain learning the estimate with adaptation is the
// better aligned with the first-order change, at equal (1 - c)^N the more so the more steps it
// takes, and of the output's weights the alignment is a matter of (1 - c)^N alone.
TEST_F(DigitsTest, AdaptationAlignsTheUpdate) {
  Samples train = digit_images(0, 1500);
  NetworkConfig config = hebbian_net(6);
  config.init = WeightInit::positive_uniform;
  IdealReference plain(build_network(config, 1), hebbian(0.1, 0), hebbian_map(120, 120), 1, 1);
  for (std::uint64_t epoch = 0; epoch < 6; ++epoch) {
    shuffle(train, 1, epoch);
    plain.train(train.flat_inputs.data(), train.flat_targets.data(),
                {train.order.data(), train.order.size()});
  }
  const Network net = plain.network();
  const Samples s = digit_images(0, 300);
  IdealReference settled(net, hebbian(0.1, 0), hebbian_map(600, 600), 1);
  const Gradient exact = first_order_change(net, settled, s.inputs, s.targets);
  const auto cosines = [&](double c, std::size_t steps) {
    IdealReference reference(net, hebbian(c, steps), hebbian_map(600, 600), 1);
    const Gradient g = reference.ep_update_estimate(s.inputs, s.targets);
    return std::array<double, 2>{cosine(g.weight[0], exact.weight[0]),
                                 cosine(g.weight[1], exact.weight[1])};
  };
  const auto none = cosines(0.1, 0), published = cosines(0.1, 20);
  EXPECT_GT(published[0], none[0] + 0.04);
  EXPECT_GT(published[1], 0.999);
  const struct {
    double c;
    std::size_t steps;
  } kGroups[][3] = {{{0.2, 5}, {0.1, 10}, {0.05, 20}}, {{0.2, 10}, {0.1, 20}, {0.05, 40}}};
  for (const auto& group : kGroups) {
    const auto fast = cosines(group[0].c, group[0].steps);
    const auto middle = cosines(group[1].c, group[1].steps);
    const auto slow = cosines(group[2].c, group[2].steps);
    EXPECT_LT(fast[0], middle[0]);
    EXPECT_LT(middle[0], slow[0]);
    EXPECT_NEAR(fast[1], slow[1], 0.005);
  }
}

}  // namespace
}  // namespace memprop::learning::test
