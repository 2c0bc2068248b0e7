// What the phases of feedback-regulated networks measure: fre-rnn.md A4 to A6 and A18.
#include <gtest/gtest.h>

#include <cmath>

#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/backprop_reference.hpp"
#include "learning/reference/exact_gradient.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/test/fre_task.hpp"

namespace memprop::learning::test {
namespace {

class FreGradient : public testing::Test {
 protected:
  void SetUp() override {
    if (!mnist_is_there()) GTEST_SKIP() << "not run: needs mnist in MEMPROP_DATA_DIR";
  }
};

LearningConfig published_rule() {
  LearningConfig learning;
  learning.nudging = Nudging::one_sided;
  learning.scale = GradientScale::raw;
  learning.beta = 0.1;
  return learning;
}

IdealConfig phase_steps(std::size_t free, std::size_t nudged) {
  IdealConfig config;
  config.free_steps = free;
  config.nudged_steps = nudged;
  return config;
}

struct Alignment {
  double worst = 1, best = -1;  // over the hidden layers' weights
};

// Of the EP estimate with the gradient of the feed-forward network.
Alignment alignment(const Network& net, const Images& images, std::size_t free, std::size_t nudged,
                    std::size_t first_layer = 1) {
  IdealReference ideal(net, published_rule(), phase_steps(free, nudged), 1);
  const Gradient ep = ideal.ep_update_estimate(images.inputs, images.targets);
  BackpropReference backprop(net, LearningConfig{}, Precision::float64, 1);
  const Gradient bp = backprop.gradient(images.inputs, images.targets);
  Alignment found;
  for (std::size_t l = first_layer - 1; l + 1 < net.layer_count(); ++l) {
    const double c = -cosine(ep.weight[l], bp.weight[l]);
    found.worst = std::min(found.worst, c);
    found.best = std::max(found.best, c);
  }
  return found;
}

// A4: with both phases settled the state differences are the adjoint of the equilibrium.
TEST_F(FreGradient, StateDifferencesAreTheAdjointOfTheEquilibrium) {
  const Images images = mnist_images(3);
  constexpr double kNudge = 1e-4;
  for (const double gain : {0.01, 0.1, 0.2}) {
    const Network net = build_network(fre_config(3, gain), 1);
    IdealReference ideal(net, published_rule(), phase_steps(600, 600), 1);
    for (std::size_t k = 0; k < 3; ++k) {
      const auto x = images.inputs.row(k), y = images.targets.row(k);
      const LayerStates free = ideal.relax_free(x), nudged = ideal.relax_nudged(x, y, kNudge);
      const ExactGradient g = exact_gradient(net, x, y);
      for (std::size_t l = 0; l < 3; ++l) {
        std::vector<double> fall(64);
        for (std::size_t i = 0; i < 64; ++i) fall[i] = free.r[l][i] - nudged.r[l][i];
        EXPECT_GT(cosine(fall, g.adjoint[l]), 0.9999) << gain << " " << l;
        const double expected = kNudge * std::pow(gain, static_cast<double>(2 - l));
        EXPECT_NEAR(norm_ratio(fall, g.adjoint[l]) / expected, 1.0, 0.01) << gain << " " << l;
      }
    }
  }
}

struct Row {
  std::size_t hidden;
  double beta, worst, tolerance;
  std::size_t from_layer;
};

// A5, section 7.3: the worst layer's cosine. At b = 0.001 and ten layers the lower ones are lost in
// rounding, as the table says.
TEST_F(FreGradient, AlignmentWithFeedForwardBackpropagation) {
  const Images images = mnist_images(500);
  const Row table[] = {
      {2, 0.001, 0.9999, 0.02, 1},  {2, 0.01, 0.9998, 0.02, 1},  {2, 0.1, 0.991, 0.02, 1},
      {2, 0.25, 0.930, 0.02, 1},    {3, 0.001, 0.9998, 0.02, 1}, {3, 0.01, 0.9996, 0.02, 1},
      {3, 0.1, 0.976, 0.02, 1},     {5, 0.01, 0.9993, 0.02, 1},  {5, 0.1, 0.929, 0.1, 1},
      {10, 0.001, 0.9998, 0.02, 6}, {10, 0.01, 0.9987, 0.02, 4},
  };
  for (const Row& row : table) {
    const Network net = build_network(fre_config(row.hidden, row.beta), 1);
    const Alignment found = alignment(net, images, 10 * row.hidden, 5 * row.hidden, row.from_layer);
    EXPECT_NEAR(found.worst, row.worst, row.tolerance) << row.hidden << " " << row.beta;
  }
  // Not settled, or another equilibrium: nothing is left of the gradient.
  EXPECT_LT(alignment(build_network(fre_config(2, 1.0), 1), images, 20, 10).worst, 0.3);
}

// A6, gradient part: a tenth of the iterations measures the same gradient at weak feedback.
TEST_F(FreGradient, FewIterationsAreEnoughAtWeakFeedback) {
  const Images images = mnist_images(500);
  const Network net = build_network(fre_config(2, 0.01), 1);
  const Alignment few = alignment(net, images, 10, 5), many = alignment(net, images, 100, 50);
  EXPECT_NEAR(few.worst, 0.9998, 5e-4);
  EXPECT_NEAR(many.worst, 0.9998, 5e-4);
  EXPECT_NEAR(few.worst, many.worst, 1e-4);
}

// A18: with links the net has no energy, and differences are not the adjoint.
TEST_F(FreGradient, ResidualDifferencesAreNotTheAdjoint) {
  const Images images = mnist_images(20);
  const double expected[] = {0.48, -0.05, 0.44, 0.61, -0.03, 0.60, 0.77, 0.01, 0.80, 1.00};
  std::vector<double> mean(10, 0.0);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    NetworkConfig config = fre_config(10, 0.01);
    config.links = {"1-4", "4-7", "7-10"};
    const Network net = build_network(config, seed);
    IdealReference ideal(net, published_rule(), phase_steps(300, 300), 1);
    for (std::size_t k = 0; k < 20; ++k) {
      const auto x = images.inputs.row(k), y = images.targets.row(k);
      const LayerStates free = ideal.relax_free(x), nudged = ideal.relax_nudged(x, y, 1e-3);
      const ExactGradient g = exact_gradient(net, x, y);
      for (std::size_t l = 0; l < 10; ++l) {
        std::vector<double> fall(64);
        for (std::size_t i = 0; i < 64; ++i) fall[i] = free.r[l][i] - nudged.r[l][i];
        mean[l] += cosine(fall, g.adjoint[l]) / 60.0;
      }
    }
  }
  for (std::size_t l = 0; l < 10; ++l) EXPECT_NEAR(mean[l], expected[l], 0.15) << l + 1;
}

}  // namespace
}  // namespace memprop::learning::test
