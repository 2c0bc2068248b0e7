#include "learning/test/golden_network.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "learning/metric/gradient_metric.hpp"
#include "learning/reference/exact_gradient.hpp"
#include "learning/reference/fixed_point.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "learning/reference/ode_reference.hpp"
#include "learning/test/numeric_gradient.hpp"

namespace memprop::learning::test {
namespace {

IdealConfig settled() {
  IdealConfig config;
  config.free_steps = 400;  // rho is 0.9 at b = 1
  config.nudged_steps = 400;
  return config;
}

LearningConfig rule(Nudging nudging, double beta, UpdateForm form = UpdateForm::product) {
  LearningConfig learning;
  learning.nudging = nudging;
  learning.beta = beta;
  learning.form = form;
  return learning;
}

Matrix row(const std::vector<double>& values) { return matrix(1, values.size(), values); }

// dC/dW as EP estimates it (the reference returns the descent direction).
std::vector<Matrix> ep_gradient(const Network& network, const LearningConfig& learning) {
  IdealReference ideal(network, learning, settled(), 1);
  std::vector<Matrix> g = ideal.ep_update_estimate(row(golden_x()), row(golden_y())).weight;
  for (Matrix& m : g) {
    for (double& value : m.values()) value = -value;
  }
  return g;
}

// a + (a - b)/(factor - 1), element by element: removes the error term that falls by factor.
Matrix extrapolate(const Matrix& finer, const Matrix& coarser, double factor) {
  Matrix result = finer;
  for (std::size_t i = 0; i < result.size(); ++i) {
    result.values()[i] += (finer.values()[i] - coarser.values()[i]) / (factor - 1.0);
  }
  return result;
}

double free_loss(const Network& network) {
  const LayerStates s = fixed_point(network, golden_x());
  double sum = 0;
  for (std::size_t i = 0; i < 2; ++i) sum += 0.5 * std::pow(golden_y()[i] - s.output[i], 2);
  return sum;
}

void expect_states(const LayerStates& states, const GoldenCase& golden, double tolerance) {
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(states.v[i / 2][i % 2], golden.v[i], tolerance) << "b " << golden.gain << ", " << i;
  }
}

TEST(GoldenNetwork, IdealReachesThePublishedFreeStates) {
  for (const GoldenCase& golden : kGoldenCases) {
    IdealReference ideal(golden_network(golden.gain), LearningConfig{}, settled(), 1);
    const LayerStates states = ideal.relax_free(golden_x());
    expect_states(states, golden, 1e-9);
    double loss = 0;
    for (std::size_t i = 0; i < 2; ++i) loss += 0.5 * std::pow(golden_y()[i] - states.output[i], 2);
    EXPECT_NEAR(loss, golden.loss, 1e-11);
  }
}

TEST(GoldenNetwork, FixedPointSolverReachesThePublishedFreeStates) {
  for (const GoldenCase& golden : kGoldenCases) {
    expect_states(fixed_point(golden_network(golden.gain), golden_x()), golden, 1e-9);
    EXPECT_NEAR(free_loss(golden_network(golden.gain)), golden.loss, 1e-12);
  }
}

TEST(GoldenNetwork, OdeReachesThePublishedFreeStates) {
  ode::StepperConfig stepper;
  stepper.rtol = 1e-11;
  stepper.atol = 1e-13;
  OdeConfig phases;
  phases.free_s = 300 * 100e-9;
  for (const GoldenCase& golden : kGoldenCases) {
    OdeReference ode(golden_network(golden.gain), LearningConfig{}, phases, stepper, 1);
    expect_states(ode.relax_free(golden_x()), golden, 1e-9);
  }
}

TEST(GoldenNetwork, TimeConstantsDoNotMoveTheFixedPoint) {
  ode::StepperConfig stepper;
  stepper.rtol = 1e-12;
  stepper.atol = 1e-15;
  OdeConfig phases;
  phases.free_s = 1500 * 100e-9;
  for (const GoldenCase& golden : kGoldenCases) {
    Network network = golden_network(golden.gain);
    network.tau_s = {{100e-9, 700e-9}, {30e-9, 200e-9}, {400e-9, 50e-9}};
    OdeReference ode(network, LearningConfig{}, phases, stepper, 1);
    IdealConfig slow = settled();
    slow.time_step_s = 20e-9;
    slow.free_steps = 20000;
    IdealReference ideal(network, LearningConfig{}, slow, 1);
    const LayerStates a = ode.relax_free(golden_x());
    const LayerStates b = ideal.relax_free(golden_x());
    const LayerStates exact = fixed_point(golden_network(golden.gain), golden_x());
    for (std::size_t l = 0; l < 3; ++l) {
      for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_NEAR(a.v[l][i], exact.v[l][i], 1e-11);
        EXPECT_NEAR(b.v[l][i], exact.v[l][i], 1e-13);
      }
    }
  }
}

TEST(GoldenNetwork, ImplicitDifferentiationMatchesPublishedGradients) {
  for (const GoldenGradient& golden : kGoldenGradients) {
    const ExactGradient g = exact_gradient(golden_network(golden.gain), golden_x(), golden_y());
    for (std::size_t l = 0; l < 3; ++l) {
      for (std::size_t i = 0; i < golden.weight[l].size(); ++i) {
        EXPECT_NEAR(g.weight[l].values()[i], golden.weight[l][i], 1e-9) << l << " " << i;
      }
    }
  }
}

TEST(GoldenNetwork, ImplicitDifferentiationMatchesFiniteDifferencesOfTheFreeLoss) {
  for (const double gain : {1.0, 0.1, 0.01}) {
    const Network network = golden_network(gain);
    const ExactGradient g = exact_gradient(network, golden_x(), golden_y());
    for (std::size_t l = 0; l < 3; ++l) {
      const Matrix numeric = numeric_gradient(network, l, free_loss);
      for (std::size_t i = 0; i < numeric.size(); ++i) {
        EXPECT_NEAR(g.weight[l].values()[i], numeric.values()[i], 1e-9) << gain << " " << l;
      }
    }
  }
}

TEST(GoldenNetwork, ExtrapolatedEpMatchesPublishedGradients) {
  for (const GoldenGradient& golden : kGoldenGradients) {
    const Network network = golden_network(golden.gain);
    const auto g1 = ep_gradient(network, rule(Nudging::centred, 0.1));
    const auto g2 = ep_gradient(network, rule(Nudging::centred, 0.05));
    const auto g3 = ep_gradient(network, rule(Nudging::centred, 0.025));
    for (std::size_t l = 0; l < 3; ++l) {
      const Matrix g = extrapolate(extrapolate(g3[l], g2[l], 4), extrapolate(g2[l], g1[l], 4), 16);
      for (std::size_t i = 0; i < g.size(); ++i) {
        EXPECT_NEAR(g.values()[i], golden.weight[l][i], 1e-7) << golden.gain << " layer " << l + 1;
      }
    }
  }
}

TEST(GoldenNetwork, ErrorOrdersAreTwoAndFourPerHalving) {
  for (const double gain : {1.0, 0.1, 0.01}) {
    const Network network = golden_network(gain);
    const ExactGradient exact = exact_gradient(network, golden_x(), golden_y());
    for (const double beta : {0.1, 0.05}) {
      for (std::size_t l = 0; l < 3; ++l) {
        const auto error = [&](Nudging nudging, double b) {
          return relative_error(ep_gradient(network, rule(nudging, b))[l], exact.weight[l]);
        };
        EXPECT_NEAR(error(Nudging::centred, beta) / error(Nudging::centred, beta / 2), 4.0, 0.2)
            << "b " << gain << ", beta " << beta << ", layer " << l + 1;
        EXPECT_NEAR(error(Nudging::one_sided, beta) / error(Nudging::one_sided, beta / 2), 2.0,
                    0.15)
            << "b " << gain << ", beta " << beta << ", layer " << l + 1;
      }
    }
  }
}

TEST(GoldenNetwork, LayerOneErrorsMatchThePublishedTable) {
  struct Row {
    double beta, one_sided_1, centred_1, one_sided_01, centred_01;
  };
  const Row rows[] = {{0.4, 2.30e-1, 6.59e-2, 2.94e-1, 2.37e-1},
                      {0.1, 6.77e-2, 4.19e-3, 9.53e-2, 1.19e-2},
                      {0.05, 3.48e-2, 1.05e-3, 5.01e-2, 2.94e-3},
                      {0.025, 1.77e-2, 2.62e-4, 2.57e-2, 7.32e-4}};
  for (const Row& r : rows) {
    const auto error = [&](double gain, Nudging nudging) {
      const Network network = golden_network(gain);
      return relative_error(ep_gradient(network, rule(nudging, r.beta))[0],
                            exact_gradient(network, golden_x(), golden_y()).weight[0]);
    };
    EXPECT_NEAR(error(1.0, Nudging::one_sided) / r.one_sided_1, 1.0, 5e-3);
    EXPECT_NEAR(error(1.0, Nudging::centred) / r.centred_1, 1.0, 5e-3);
    EXPECT_NEAR(error(0.1, Nudging::one_sided) / r.one_sided_01, 1.0, 5e-3);
    EXPECT_NEAR(error(0.1, Nudging::centred) / r.centred_01, 1.0, 5e-3);
  }
}

TEST(GoldenNetwork, SimplifiedRuleErrorFallsWithTheGain) {
  // Published to one or two digits: the bands are half a unit of the last digit.
  struct Row {
    double gain, layer2, layer3, band2, band3;
  };
  const Row rows[] = {{1.0, 0.15, 0.29, 0.005, 0.005},
                      {0.1, 0.02, 0.06, 0.005, 0.005},
                      {0.01, 0.002, 0.006, 0.0005, 0.0005}};
  for (const Row& r : rows) {
    const Network network = golden_network(r.gain);
    const ExactGradient exact = exact_gradient(network, golden_x(), golden_y());
    const auto g1 = ep_gradient(network, rule(Nudging::centred, 0.05, UpdateForm::simplified));
    const auto g2 = ep_gradient(network, rule(Nudging::centred, 0.025, UpdateForm::simplified));
    const auto limit = [&](std::size_t l) { return extrapolate(g2[l], g1[l], 4); };
    EXPECT_LT(relative_error(limit(0), exact.weight[0]), 1e-4);
    EXPECT_NEAR(relative_error(limit(1), exact.weight[1]), r.layer2, r.band2);
    EXPECT_NEAR(relative_error(limit(2), exact.weight[2]), r.layer3, r.band3);
    // What it does estimate is the gradient of the forward use.
    for (std::size_t l = 0; l < 3; ++l) {
      EXPECT_LT(relative_error(limit(l), exact.forward[l]), 1e-4);
    }
  }
}

TEST(GoldenNetwork, OdeUpdatesEqualIdealUpdates) {
  ode::StepperConfig stepper;
  stepper.rtol = 1e-11;
  stepper.atol = 1e-13;
  OdeConfig phases;
  phases.free_s = phases.nudged_s = 300 * 100e-9;
  for (const UpdateForm form : {UpdateForm::product, UpdateForm::simplified}) {
    const LearningConfig learning = rule(Nudging::centred, 0.05, form);
    const Network network = golden_network(0.1);
    OdeReference ode(network, learning, phases, stepper, 1);
    IdealReference ideal(network, learning, settled(), 1);
    const Gradient a = ode.ep_update_estimate(row(golden_x()), row(golden_y()));
    const Gradient b = ideal.ep_update_estimate(row(golden_x()), row(golden_y()));
    for (std::size_t l = 0; l < 3; ++l) EXPECT_LT(relative_error(a.weight[l], b.weight[l]), 1e-6);
  }
}

}  // namespace
}  // namespace memprop::learning::test
