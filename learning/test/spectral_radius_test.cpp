#include "learning/network/spectral_radius.hpp"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "learning/reference/ideal_reference.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning {
namespace {

Network chain(std::size_t layers, double gain, FeedbackWeights feedback, std::uint64_t seed) {
  NetworkConfig config;
  config.layers.assign(layers + 1, 64);
  config.activation = {Activation::tanh};
  config.feedback_gain = {gain};
  config.feedback = feedback;
  return build_network(config, seed);
}

// The block matrix as the equations have it, unbalanced.
Eigen::MatrixXd plain_matrix(const Network& network) {
  const auto layers = static_cast<Eigen::Index>(network.layer_count());
  Eigen::MatrixXd m = Eigen::MatrixXd::Zero(64 * layers, 64 * layers);
  for (std::size_t l = 1; l < network.layer_count(); ++l) {
    for (std::size_t i = 0; i < 64; ++i) {
      for (std::size_t j = 0; j < 64; ++j) {
        const auto up = static_cast<Eigen::Index>(64 * l + i);
        const auto low = static_cast<Eigen::Index>(64 * (l - 1) + j);
        const double back =
            network.feedback.empty() ? network.weight[l](i, j) : network.feedback[l - 1](j, i);
        m(up, low) = network.weight[l](i, j);
        m(low, up) = network.config.feedback_gain[l - 1] * back;
      }
    }
  }
  return m;
}

TEST(SpectralRadius, FollowsTheSquareRootLaw) {
  for (const std::size_t layers : {3UL, 5UL}) {
    for (const FeedbackWeights feedback : {FeedbackWeights::tied, FeedbackWeights::separate}) {
      const double full = spectral_radius(chain(layers, 1.0, feedback, 4));
      for (const double gain : {0.5, 0.1, 0.01, 0.001}) {
        const double rho = spectral_radius(chain(layers, gain, feedback, 4));
        EXPECT_NEAR(rho / (std::sqrt(gain) * full), 1.0, 1e-10) << layers << " " << gain;
      }
    }
  }
}

// Without the balancing: the general eigenvalue routine on the matrix of the equations.
TEST(SpectralRadius, EqualsThatOfTheUnbalancedMatrix) {
  for (const FeedbackWeights feedback : {FeedbackWeights::tied, FeedbackWeights::separate}) {
    for (const double gain : {1.0, 0.1}) {
      const Network network = chain(3, gain, feedback, 9);
      const double general = plain_matrix(network).eigenvalues().cwiseAbs().maxCoeff();
      EXPECT_NEAR(spectral_radius(network) / general, 1.0, 1e-9);
    }
  }
}

// fre-rnn.md A1: about 2.35 (tied) and 1.25 (separate) for three layers of 64, +-0.15 over seeds.
TEST(SpectralRadius, PublishedSizeAtInitialisation) {
  EXPECT_NEAR(spectral_radius(chain(3, 1.0, FeedbackWeights::tied, 1)), 2.35, 0.15);
  EXPECT_NEAR(spectral_radius(chain(3, 1.0, FeedbackWeights::separate, 1)), 1.25, 0.15);
}

// Iterations until every neuron stays within 1e-6 of its end state.
std::size_t settling_iterations(const Network& network) {
  const RandomStream stream(2, "inputs");
  std::vector<double> x(64);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = stream.uniform(i);
  const auto state_after = [&](std::size_t steps) {
    IdealConfig config;
    config.free_steps = steps;
    return IdealReference(network, LearningConfig{}, config, 1).relax_free(x).r;
  };
  const auto end = state_after(2000);
  for (std::size_t steps = 1;; ++steps) {
    const auto now = state_after(steps);
    double worst = 0;
    for (std::size_t l = 0; l < end.size(); ++l) {
      for (std::size_t i = 0; i < end[l].size(); ++i) {
        worst = std::max(worst, std::abs(now[l][i] - end[l][i]));
      }
    }
    if (worst < 1e-6 || steps == 1000) return steps;
  }
}

TEST(SpectralRadius, WeakerFeedbackSettlesInFewerIterations) {
  for (const std::size_t layers : {3UL, 5UL}) {
    std::size_t before = 1000, strongest = 0;
    for (const double gain : {0.1, 0.03, 0.01, 0.003, 0.001}) {
      const Network network = chain(layers, gain, FeedbackWeights::tied, 4);
      ASSERT_LT(spectral_radius(network), 1.0);
      const std::size_t steps = settling_iterations(network);
      // Whole iterations, and never fewer than the chain is deep: neighbours may be equal.
      EXPECT_LE(steps, before) << layers << " layers, gain " << gain;
      if (gain == 0.1) strongest = steps;
      before = steps;
    }
    EXPECT_LT(2 * before, strongest);
    EXPECT_GE(before, layers);
  }
}

}  // namespace
}  // namespace memprop::learning
