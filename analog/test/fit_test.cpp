#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "analog/fit/minimise.hpp"
#include "analog/fit/population.hpp"
#include "analog/test/fit_coverage.hpp"
#include "solvers/error.hpp"

namespace memprop::analog::fit {
namespace {

TEST(Minimise, FindsTheMinimumOfRosenbrocksFunction) {
  const Objective f = [](const std::vector<double>& x) {
    const double a = 1.0 - x[0], b = x[1] - x[0] * x[0];
    return a * a + 100.0 * b * b;
  };
  const Box box{{-3, -3}, {3, 3}};
  const Minimum found = minimise(f, box, {-1.2, 1.0}, {true, true});
  EXPECT_TRUE(found.converged);
  EXPECT_NEAR(found.x[0], 1.0, 1e-3);
  EXPECT_NEAR(found.x[1], 1.0, 2e-3);
}

TEST(Minimise, KeepsInsideTheBoxAndFixedVariables) {
  const Objective f = [](const std::vector<double>& x) {
    return (x[0] - 5.0) * (x[0] - 5.0) + (x[1] - x[0]) * (x[1] - x[0]) + x[2] * x[2];
  };
  const Box box{{0, 0, 0}, {2, 10, 10}};
  const Minimum found = minimise(f, box, {1, 1, 7}, {true, true, false});
  EXPECT_NEAR(found.x[0], 2.0, 1e-3);
  EXPECT_NEAR(found.x[1], 2.0, 1e-2);
  EXPECT_EQ(found.x[2], 7.0);
}

TEST(Minimise, HessianOfAQuadratic) {
  const Objective f = [](const std::vector<double>& x) {
    return 2.0 * x[0] * x[0] + 3.0 * x[0] * x[1] + 4.0 * x[1] * x[1];
  };
  const auto h = hessian(f, {{-9, -9}, {9, 9}}, {0.5, 1.0}, {true, true});
  EXPECT_NEAR(h[0], 4.0, 1e-5);
  EXPECT_NEAR(h[1], 3.0, 1e-5);
  EXPECT_NEAR(h[3], 8.0, 1e-5);
}

class Walk : public Response {
 public:
  Walk(double step, double noise) : step_(step), noise_(noise) {
    low = -1e9;
    high = 1e9;
  }
  Pulse at(double, bool up) const override { return {up ? step_ : -step_, 0.0, noise_, 0.0}; }

 private:
  double step_, noise_;
};

// Far from the window the differences to the first reading are jointly normal with covariance
// q^2 min(i, j) + r^2 (delta_ij + 1).
TEST(PulseFilter, LikelihoodOfARandomWalkIsTheJointNormal) {
  Walk walk(0.3, 0.2);
  walk.read_noise = 0.5;
  const double y[] = {10.0, 10.9, 10.1};
  const PulseTrain train{"",
                         {{y[0], 0, true, true}, {y[1], 1, true, false}, {y[2], 1, true, false}}};
  const double a = y[1] - y[0] - 0.3, b = y[2] - y[0] - 0.6;
  const double q = 0.04, r = 0.25;
  const double caa = q + 2 * r, cab = q + r, cbb = 2 * q + 2 * r;
  const double det = caa * cbb - cab * cab;
  const double quadratic = (cbb * a * a - 2 * cab * a * b + caa * b * b) / det;
  const double expected = -std::log(2.0 * M_PI) - 0.5 * std::log(det) - 0.5 * quadratic;
  EXPECT_NEAR(log_likelihood(walk, train, 1.0), expected, 1e-12);
}

// At the clip the density of one reading is the mass at the bound and the Gaussian below it.
TEST(PulseFilter, LikelihoodAtABoundIsExact) {
  Walk walk(0.3, 0.2);
  walk.high = 10.2;
  walk.read_noise = 0.1;
  const PulseTrain train{"", {{10.0, 0, true, true}, {10.15, 1, true, false}}};
  // Numerically: the state before the clip is N(10.3, 0.2^2 + 0.1^2).
  const double sigma = std::sqrt(0.05);
  double sum = 0.0;
  const int steps = 400000;
  for (int k = 0; k < steps; ++k) {
    const double z = -8.0 + 16.0 * (k + 0.5) / steps;
    const double g = std::min(10.3 + sigma * z, 10.2);
    const double e = (10.15 - g) / 0.1;
    sum += std::exp(-0.5 * (z * z + e * e)) * (16.0 / steps) / (2.0 * M_PI * 0.1);
  }
  EXPECT_NEAR(log_likelihood(walk, train, 1.0), std::log(sum), 1e-6);
}

TEST(DeviceFit, TellsCycleNoiseFromReadNoise) {
  for (const double read : {0.002, 0.03}) {
    const Case c = case_of("constant-step", read);
    const PulseTrain train = simulated(c, 5, 100, 3);
    const DeviceFit fit = fit_device(*c.model, {&train});
    EXPECT_TRUE(fit.converged);
    EXPECT_NEAR(fit.estimates[2].value, 0.3, 0.12) << read;
    EXPECT_NEAR(fit.estimates[5].value / c.truth[5], 1.0, 0.25) << read;
  }
}

// Nominal 95 %; 12 trials with at least 9 inside happen with probability 0.998 per parameter.
TEST(DeviceFit, IntervalsHoldTheTruth) {
  for (const char* name : {"constant-step", "soft-bounds"}) {
    const Case c = case_of(name, 0.01);
    const auto hits = coverage(c, 12, 100, 100);
    for (std::size_t i = 0; i < hits.size(); ++i) {
      EXPECT_GE(hits[i], 9) << name << " " << c.model->parameters()[i].key;
    }
  }
}

TEST(DeviceFit, ExponentialIntervalsHoldTheTruth) {
  const Case c = case_of("exponential", 0.01);
  const auto hits = coverage(c, 2, 100, 120);
  for (std::size_t i = 0; i < hits.size(); ++i) {
    EXPECT_GE(hits[i], 1) << c.model->parameters()[i].key;
  }
}

TEST(DeviceFit, SaysWhatTheDataCannotIdentify) {
  const Case c = case_of("constant-step", 0.005);
  PulseTrain train = simulated(c, 3, 20, 1);  // never at the upper end
  train.readings.resize(21);                  // nor a pulse down
  const DeviceFit fit = fit_device(*c.model, {&train});
  EXPECT_EQ(fit.estimates[0].known, Known::identified);
  EXPECT_EQ(fit.estimates[1].known, Known::unknown);  // step_down
  EXPECT_EQ(fit.estimates[3].known, Known::extreme);  // g_min
  EXPECT_EQ(fit.estimates[4].known, Known::extreme);  // g_max
}

TEST(DeviceFit, BayesCriterionPrefersTheFamilyOfTheData) {
  for (const char* name : {"constant-step", "soft-bounds"}) {
    const Case c = case_of(name, 0.005);
    const std::vector<PulseTrain> trains{simulated(c, 11, 120)};
    const double own = fit_population(*c.model, trains, false).bayes_criterion();
    for (const PulseModel* other : {&pulse_model("constant-step"), &pulse_model("soft-bounds")}) {
      if (other == c.model) continue;
      EXPECT_GT(fit_population(*other, trains, false).bayes_criterion(), own + 10.0) << name;
    }
  }
}

TEST(DeviceFit, RefusesDataWithoutChange) {
  PulseTrain train;
  for (int k = 0; k < 20; ++k) train.readings.push_back({1e-6, k == 0 ? 0u : 1u, true, k == 0});
  EXPECT_THROW(fit_device(pulse_model("constant-step"), {&train}), UserError);
}

TEST(Population, MeanAndSpreadWithEqualErrorsFollowTheClosedForm) {
  const std::vector<double> value{1, 2, 3, 4, 7};
  const std::vector<double> variance(5, 0.5);
  const MeanAndSpread m = mean_and_spread(value, variance);
  EXPECT_NEAR(m.mean.value, 3.4, 1e-6);
  const double sample_variance = (5.76 + 1.96 + 0.16 + 0.36 + 12.96) / 4.0;
  EXPECT_NEAR(m.spread.value, std::sqrt(sample_variance - 0.5), 1e-4);
  EXPECT_LT(m.spread.low, m.spread.value);
  EXPECT_GT(m.spread.high, m.spread.value);
}

TEST(Population, ErrorsOfTheFitsAreNoSpread) {
  const MeanAndSpread m = mean_and_spread({1.0, 1.1, 0.9, 1.05}, {0.04, 0.04, 0.04, 0.04});
  EXPECT_EQ(m.spread.value, 0.0);
  EXPECT_EQ(m.spread.known, Known::below);
}

TEST(Population, FindsTheSpreadOfSteps) {
  Case c = case_of("constant-step", 0.005);
  c.config.step_spread = 0.2;
  c.config.up_down = 0.0;
  std::vector<PulseTrain> trains;
  for (std::uint64_t d = 0; d < 8; ++d) {
    trains.push_back(simulated(c, 50 + d, 100, 1));
    trains.back().device = "d" + std::to_string(d);
  }
  const PopulationFit fit = fit_population(*c.model, trains);
  ASSERT_EQ(fit.spread.size(), 4u);
  EXPECT_EQ(fit.spread[0].key, "step_spread");
  EXPECT_LE(fit.spread[0].estimate.low, 0.2);
  EXPECT_GE(fit.spread[0].estimate.high, 0.2);
  EXPECT_LT(fit.spread[3].estimate.value, 0.02);  // the bounds do not spread
  const ResidualFigures f = figures(residuals(fit, trains));
  EXPECT_NEAR(f.rms, 1.0, 0.1);
  EXPECT_LT(std::fabs(f.neighbours), 0.1);
}

}  // namespace
}  // namespace memprop::analog::fit
