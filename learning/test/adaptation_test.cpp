// Contrastive Hebbian learning and neuronal adaptation: factors, orders of operations and limits
// that hold exactly.
#include "learning/rule/adaptation.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/reference/ode_reference.hpp"
#include "learning/rule/contrastive_hebbian.hpp"
#include "learning/test/task.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::test {
namespace {

using Layers = std::vector<std::vector<double>>;

NetworkConfig logistic_net(std::vector<std::size_t> layers) {
  NetworkConfig config = chain_config(std::move(layers), 1.0);
  config.activation = {Activation::logistic};
  config.dynamics = Dynamics::rate;
  config.init = WeightInit::fan_in_normal;
  config.time_constant.mean_s = 1.0;
  return config;
}

LearningConfig hebbian(double c, std::size_t steps,
                       AdaptationMode mode = AdaptationMode::interleaved) {
  LearningConfig learning;
  learning.rule = RuleKind::contrastive_hebbian;
  learning.form = UpdateForm::predictive;
  learning.scale = GradientScale::raw;
  learning.adaptation = {c, steps, mode};
  learning.rate = {0.1};
  return learning;
}

// 120 + 120 iterations of 0.1, as published.
IdealConfig published(std::size_t free = 120, std::size_t clamped = 120) {
  IdealConfig ideal;
  ideal.free_steps = free;
  ideal.nudged_steps = clamped;
  ideal.time_step_s = 0.1;
  return ideal;
}

// The phases written as plain loops in the order of the authors' code: all layers from the old
// state, then the hidden ones towards the free state, then the output.
struct Loops {
  const Network& net;
  Span<const double> x;
  Layers r;

  void start() {
    r.clear();
    for (std::size_t l = 1; l <= net.layer_count(); ++l) r.emplace_back(net.width(l), 0.0);
  }
  double drive(const Layers& old, std::size_t l, std::size_t i) const {
    double sum = net.bias[l][i];
    for (std::size_t j = 0; j < net.width(l); ++j) {
      sum += net.weight[l](i, j) * (l == 0 ? x[j] : old[l - 1][j]);
    }
    for (std::size_t j = 0; l + 1 < r.size() && j < r[l + 1].size(); ++j) {
      sum += net.weight[l + 1](j, i) * old[l + 1][j];
    }
    return sum;
  }
  void step(std::size_t layers) {
    const Layers old = r;
    for (std::size_t l = 0; l < layers; ++l) {
      for (std::size_t i = 0; i < r[l].size(); ++i) {
        r[l][i] += 0.1 * (1 / (1 + std::exp(-drive(old, l, i))) - r[l][i]);
      }
    }
  }
  void mix(double c, const Layers& free) {
    for (std::size_t l = 0; l < r.size(); ++l) {
      for (std::size_t i = 0; i < r[l].size(); ++i) r[l][i] = (1 - c) * r[l][i] + c * free[l][i];
    }
  }
};

// A2 for 0 steps: plain contrastive Hebbian learning; otherwise the published order.
TEST(Adaptation, PhasesAreThoseOfThePlainLoops) {
  const Network net = network_with_biases(logistic_net({9, 7, 8, 4}), 5);
  const Samples s = random_samples(3, 9, 4, 5);
  for (const std::size_t steps : {0UL, 1UL, 20UL}) {
    for (const AdaptationMode mode : {AdaptationMode::interleaved, AdaptationMode::pure}) {
      IdealReference reference(net, hebbian(0.1, steps, mode), published(), 1);
      Matrix wanted(8, 7);
      for (std::size_t k = 0; k < 3; ++k) {
        Loops loops{net, s.inputs.row(k), {}};
        loops.start();
        for (int t = 0; t < 120; ++t) loops.step(3);
        const Layers free = loops.r;
        loops.start();
        for (int t = 0; t < 120; ++t) {
          if (t == 13) loops.r[2].assign(s.targets.row(k).begin(), s.targets.row(k).end());
          loops.step(t < 13 ? 3 : 2);
        }
        const Layers clamped = loops.r;
        for (std::size_t t = 0; t < steps; ++t) {
          if (mode == AdaptationMode::interleaved) loops.step(2);
          loops.mix(0.1, free);
        }
        const auto ends = reference.relax_phases(s.inputs.row(k), s.targets.row(k));
        ASSERT_EQ(ends.size(), steps > 0 ? 4U : 3U);
        for (std::size_t l = 0; l < 3; ++l) {
          for (std::size_t i = 0; i < free[l].size(); ++i) {
            EXPECT_NEAR(ends[0].r[l][i], free[l][i], 1e-13);
            EXPECT_NEAR(ends[2].r[l][i], clamped[l][i], 1e-13);
            EXPECT_NEAR(ends.back().r[l][i], loops.r[l][i], 1e-13);
          }
        }
        for (std::size_t i = 0; i < 8; ++i) {
          for (std::size_t j = 0; j < 7; ++j) {
            wanted(i, j) += loops.r[0][j] * (loops.r[1][i] - free[1][i]) / 3;
          }
        }
      }
      const Gradient g = reference.ep_update_estimate(s.inputs, s.targets);
      EXPECT_LT(relative_error(g.weight[1], wanted), 1e-12) << steps;
    }
  }
}

// A1: of the output's difference (1 - c)^N is left, whatever the hidden layers do.
TEST(Adaptation, TheOutputKeepsTheKnownPart) {
  const Network net = network_with_biases(logistic_net({9, 7, 4}), 6);
  const Samples s = random_samples(1, 9, 4, 6);
  const struct {
    double c;
    std::size_t n;
    double left;
  } kCases[] = {{0.1, 20, 0.121577}, {0.1, 5, 0.590490}, {0.05, 20, 0.358486}, {0.2, 20, 0.011529}};
  for (const auto& k : kCases) {
    EXPECT_NEAR(adaptation_factor({k.c, k.n, AdaptationMode::pure}), k.left, 5e-7);
    IdealReference reference(net, hebbian(k.c, k.n), published(), 1);
    const auto ends = reference.relax_phases(s.inputs.row(0), s.targets.row(0));
    for (std::size_t i = 0; i < 4; ++i) {
      const double free = ends[0].r[1][i];
      EXPECT_NEAR((ends.back().r[1][i] - free) / (s.targets(0, i) - free),
                  adaptation_factor({k.c, k.n, AdaptationMode::pure}), 1e-12);
    }
  }
}

// A3: all the way back in one step: nothing is learned, to the last bit.
TEST(Adaptation, AllTheWayBackTeachesNothing) {
  const Network net = network_with_biases(logistic_net({9, 7, 4}), 7);
  const Samples s = random_samples(6, 9, 4, 7);
  for (const RuleKind rule : {RuleKind::contrastive_hebbian, RuleKind::equilibrium_propagation}) {
    for (const GradientScale scale : {GradientScale::raw, GradientScale::exact}) {
      LearningConfig learning = hebbian(1.0, 1);
      learning.rule = rule;
      learning.scale = scale;
      learning.form = UpdateForm::product;
      learning.batch = 3;
      IdealReference reference(net, learning, published(), 1);
      reference.train(s.flat_inputs.data(), s.flat_targets.data(), {s.order.data(), 6});
      for (std::size_t l = 0; l < 2; ++l) {
        EXPECT_EQ(reference.network().weight[l].values(), net.weight[l].values());
        EXPECT_EQ(reference.network().bias[l], net.bias[l]);
      }
    }
  }
}

// A4: with c = 0 the released output keeps its value, and settled hidden layers keep theirs.
TEST(Adaptation, NoWayBackChangesNothing) {
  const Network net = network_with_biases(logistic_net({9, 7, 4}), 8);
  const Samples s = random_samples(1, 9, 4, 8);
  IdealReference reference(net, hebbian(0.0, 20), published(120, 2000), 1);
  const auto ends = reference.relax_phases(s.inputs.row(0), s.targets.row(0));
  ASSERT_EQ(ends.size(), 4U);
  EXPECT_EQ(ends[3].r[1], ends[2].r[1]);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_NEAR(ends[3].r[0][i], ends[2].r[0][i], 1e-14);
}

// A weak teacher makes the clamp linear: every layer's difference shrinks by the same factor, which
// the exact scale divides out; the estimate is then that of learning without adaptation.
TEST(Adaptation, AWeakTeacherIsScaledInAllLayersAlike) {
  const Network net = network_with_biases(logistic_net({9, 7, 8, 4}), 9);
  Samples s = random_samples(1, 9, 4, 9);
  const auto with = [&](std::size_t steps, GradientScale scale) {
    LearningConfig learning = hebbian(0.1, steps);
    learning.scale = scale;
    learning.form = UpdateForm::simplified;
    return IdealReference(net, learning, published(4000, 4000), 1);
  };
  IdealReference plain = with(0, GradientScale::exact);
  const auto free = plain.relax_free(s.inputs.row(0));
  for (std::size_t i = 0; i < 4; ++i) {
    s.targets(0, i) = free.output[i] + 1e-4 * (s.targets(0, i) - free.output[i]);
  }
  IdealReference adapted = with(20, GradientScale::exact);
  const Gradient a = adapted.ep_update_estimate(s.inputs, s.targets);
  const Gradient b = plain.ep_update_estimate(s.inputs, s.targets);
  for (std::size_t l = 0; l < 3; ++l) {
    EXPECT_LT(relative_error(a.weight[l], b.weight[l]), 1e-3);
    EXPECT_LT(relative_error(Span<const double>(a.bias[l]), Span<const double>(b.bias[l])), 1e-3);
  }
  const Gradient raw = with(20, GradientScale::raw).ep_update_estimate(s.inputs, s.targets);
  EXPECT_NEAR(norm_ratio(raw.weight[0], b.weight[0]), std::pow(0.9, 20), 1e-4);
}

// Equilibrium propagation: the nudge stays on while the neurons adapt. Pure adaptation scales all
// differences by (1 - c)^N, which the exact scale takes out again.
TEST(Adaptation, PureAdaptationOfEquilibriumPropagationIsAScale) {
  const Network net = network_with_biases(logistic_net({9, 7, 4}), 10);
  const Samples s = random_samples(4, 9, 4, 10);
  for (const Nudging nudging : {Nudging::one_sided, Nudging::centred, Nudging::random_sign}) {
    LearningConfig learning;
    learning.nudging = nudging;
    learning.form = UpdateForm::simplified;
    IdealReference plain(net, learning, published(), 1);
    learning.adaptation = {0.1, 5, AdaptationMode::pure};
    IdealReference adapted(net, learning, published(), 1);
    const Gradient a = adapted.ep_update_estimate(s.inputs, s.targets);
    const Gradient b = plain.ep_update_estimate(s.inputs, s.targets);
    for (std::size_t l = 0; l < 2; ++l) EXPECT_LT(relative_error(a.weight[l], b.weight[l]), 1e-11);
  }
}

// Interleaved with a nudge, many steps end where leak and nudge balance: with J the Jacobian of a
// step of the map, delta = (1 - c)(1 - (1 - c) J)^-1 beta e (linear output neuron without
// feedback).
TEST(Adaptation, InterleavedWithANudgeEndsWhereLeakAndNudgeBalance) {
  NetworkConfig config = logistic_net({3, 1});
  config.activation = {Activation::linear};
  const Network net = network_with_biases(config, 11);
  const Samples s = random_samples(1, 3, 1, 11);
  const double c = 0.1, beta = 0.5, dt = 0.1;
  LearningConfig learning;
  learning.nudging = Nudging::one_sided;
  learning.beta = beta;
  learning.adaptation = {c, 500, AdaptationMode::interleaved};
  IdealReference reference(net, learning, published(2000, 2000), 1);
  const auto ends = reference.relax_phases(s.inputs.row(0), s.targets.row(0));
  const double free = ends[0].r[0][0];
  const double error = s.targets(0, 0) - free;
  const double jacobian = 1 - dt * (1 + beta);
  const double expected = (1 - c) * dt * beta * error / (1 - (1 - c) * jacobian);
  EXPECT_NEAR(ends[2].r[0][0] - free, expected, 1e-12);
}

// A clamp of finite strength is a conductance towards the target: v = d + g (y - f(v)) of a
// membrane, and the target itself as g grows. Iterations and continuous time end in the same state.
TEST(ContrastiveHebbian, AFiniteClampIsAConductance) {
  NetworkConfig config = logistic_net({9, 7, 4});
  config.dynamics = Dynamics::membrane;
  const Network net = network_with_biases(config, 14);
  const Samples s = random_samples(1, 9, 4, 14);
  double far = 1.0;
  for (const double clamp : {2.0, 8.0, 30.0}) {
    LearningConfig learning = hebbian(0.1, 20);
    learning.teacher_delay = 0;
    learning.clamped_start = ClampedStart::free;
    learning.clamp = clamp;
    const auto map = IdealReference(net, learning, published(2000, 2000), 1)
                         .relax_phases(s.inputs.row(0), s.targets.row(0));
    OdeConfig ode;
    ode.free_s = ode.nudged_s = 200.0;
    ode.step_s = 0.1;
    ode::StepperConfig tight;
    tight.rtol = 1e-11;
    tight.atol = 1e-13;
    const auto flow =
        OdeReference(net, learning, ode, tight, 1).relax_phases(s.inputs.row(0), s.targets.row(0));
    ASSERT_EQ(map.size(), 3U);
    double worst = 0.0;
    for (std::size_t i = 0; i < 4; ++i) {
      double drive = net.bias[1][i];
      for (std::size_t j = 0; j < 7; ++j) drive += net.weight[1](i, j) * map[1].r[0][j];
      const double v = map[1].v[1][i], r = 1 / (1 + std::exp(-v));
      EXPECT_NEAR(v, drive + clamp * (s.targets(0, i) - r), 1e-9);
      EXPECT_NEAR(flow[1].v[1][i], v, 1e-8);
      // The output is let go: only adaptation is left.
      const double left = (map[2].v[1][i] - map[0].v[1][i]) / (v - map[0].v[1][i]);
      EXPECT_NEAR(left, std::pow(0.9, 20), 1e-12);
      worst = std::max(worst, std::abs(s.targets(0, i) - r));
    }
    EXPECT_LT(worst, 0.6 * far);
    far = worst;
  }
}

// The literal bias rule of the authors' code, and plain biases beside AdaGrad.
TEST(Adaptation, BiasesFollowTheFirstSampleWhereAsked) {
  const Network net = network_with_biases(logistic_net({9, 7, 4}), 12);
  const Samples s = random_samples(5, 9, 4, 12);
  LearningConfig learning = hebbian(0.1, 20);
  learning.batch = 5;
  learning.optimiser.kind = OptimiserKind::adagrad;
  learning.optimiser.epsilon = 1e-7;
  learning.bias_plain = true;
  for (const BiasBatch batch : {BiasBatch::mean, BiasBatch::first}) {
    learning.bias_batch = batch;
    IdealReference reference(net, learning, published(), 1);
    std::vector<double> expected = net.bias[1];
    for (std::size_t k = 0; k < 5; ++k) {
      if (batch == BiasBatch::first && k > 0) break;
      const std::size_t sample = s.order[k];
      const auto ends = reference.relax_phases(s.inputs.row(sample), s.targets.row(sample));
      for (std::size_t i = 0; i < 4; ++i) {
        expected[i] += 0.1 / 5 * (ends.back().r[1][i] - ends[0].r[1][i]);
      }
    }
    reference.train(s.flat_inputs.data(), s.flat_targets.data(), {s.order.data(), 5});
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(reference.network().bias[1][i], expected[i], 1e-14);
    }
    // AdaGrad's first step is the rate, in the direction of the wanted change.
    EXPECT_NEAR(std::abs(reference.network().weight[1](0, 0) - net.weight[1](0, 0)), 0.1, 1e-4);
  }
}

// Errors of held values: none in what a test sees, another for every sample, kept over threads.
TEST(Adaptation, HoldNoiseEntersWhatIsLearnedOnly) {
  const Network net = network_with_biases(logistic_net({9, 7, 4}), 13);
  const Samples s = random_samples(40, 9, 4, 13);
  IdealConfig noisy = published();
  noisy.hold_noise = 0.05;
  const auto estimate = [&](const IdealConfig& ideal, unsigned threads) {
    return IdealReference(net, hebbian(0.1, 20), ideal, threads)
        .ep_update_estimate(s.inputs, s.targets)
        .weight[0];
  };
  const Matrix clean = estimate(published(), 1), one = estimate(noisy, 1), two = estimate(noisy, 2);
  EXPECT_EQ(one.values(), two.values());
  EXPECT_LT(cosine(one, clean), 0.999);
  IdealReference a(net, hebbian(0.1, 20), published(), 1), b(net, hebbian(0.1, 20), noisy, 1);
  EXPECT_EQ(a.relax_free(s.inputs.row(0)).output, b.relax_free(s.inputs.row(0)).output);
}

TEST(Adaptation, WhatCannotBeIsRefused) {
  const auto refused = [](NetworkConfig config, const LearningConfig& learning,
                          const IdealConfig& ideal, const char* key) {
    try {
      IdealReference(build_network(config, 1), learning, ideal, 1);
      ADD_FAILURE() << "accepted: " << key;
    } catch (const UserError& error) {
      EXPECT_NE(std::string(error.what()).find(key), std::string::npos) << error.what();
    }
  };
  const NetworkConfig good = logistic_net({9, 7, 4});
  refused(good, hebbian(1.5, 20), published(), "learning.adaptation.c");
  refused(good, hebbian(-0.1, 20), published(), "learning.adaptation.c");
  refused(good, hebbian(0.1, 20), published(120, 13), "learning.teacher_delay");
  NetworkConfig membrane = good;
  membrane.dynamics = Dynamics::membrane;
  refused(membrane, hebbian(0.1, 20), published(), "learning.rule");
  NetworkConfig softmax = good;
  softmax.readout = Readout::softmax;
  refused(softmax, hebbian(0.1, 20), published(), "learning.rule");
  LearningConfig centred;
  centred.form = UpdateForm::predictive;
  refused(good, centred, published(), "learning.form");
}

}  // namespace
}  // namespace memprop::learning::test
