// Spread of time steps in linear flows and maps, and the generator: closed forms and theorems that
// the comments derive.
#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "learning/network/time_constants.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning::test {
namespace {

// Time steps of mean 0.2 for a map of steps of 0.2 s.
TimeConstantConfig steps(TimeConstantFamily family, double cv, double low = 0.1,
                         double high = 5.0) {
  TimeConstantConfig config;
  config.family = family;
  config.quantity = TimeConstantQuantity::rate;
  config.mean_s = 1.0;
  config.cv = cv;
  config.clip_low = low;
  config.clip_high = high;
  return config;
}

std::vector<double> lognormal(std::size_t n, double cv, std::uint64_t draw,
                              bool keep_mean = false) {
  TimeConstantConfig config = steps(TimeConstantFamily::lognormal, cv, 1e-9, 1e9);
  config.quantity = TimeConstantQuantity::time;
  config.keep_mean = keep_mean;
  return draw_time_constants(config, n, 1, 7, draw);
}

// H5: the inertia of D R (W - R^-1) with symmetric W is that of W - R^-1, and its eigenvalues are
// real: in continuous time no spread makes or breaks stability.
TEST(HeterogeneousTime, SymmetricFlowsKeepTheirInertia) {
  constexpr Eigen::Index n = 10;
  const RandomStream stream(8, "inertia");
  const double cv = std::sqrt(std::exp(1.0) - 1.0);  // sigma of the logarithm 1
  std::size_t unstable = 0;
  for (std::uint64_t k = 0; k < 1000; ++k) {
    Eigen::MatrixXd w(n, n), flow(n, n);
    const double size = 0.05 + 0.4 * stream.uniform(5000, k);
    for (Eigen::Index i = 0; i < n; ++i) {
      for (Eigen::Index j = 0; j <= i; ++j) {
        w(i, j) = w(j, i) = size * stream.normal(static_cast<std::uint64_t>(i * n + j), k);
      }
    }
    const std::vector<double> d = lognormal(n, cv, k);
    for (Eigen::Index i = 0; i < n; ++i) {
      const double r = 0.1 + 0.9 * stream.uniform(static_cast<std::uint64_t>(1000 + i), k);
      flow.row(i) = r * w.row(i);
      flow(i, i) -= 1.0;
    }
    const auto positive = [&](const Eigen::MatrixXd& m) {
      const Eigen::VectorXcd values = m.eigenvalues();
      EXPECT_LT(values.imag().cwiseAbs().maxCoeff(), 1e-6 * values.cwiseAbs().maxCoeff());
      return (values.real().array() > 0).count();
    };
    const Eigen::MatrixXd spread =
        Eigen::Map<const Eigen::VectorXd>(d.data(), n).asDiagonal() * flow;
    EXPECT_EQ(positive(spread), positive(flow)) << k;
    unstable += positive(flow) > 0 ? 1U : 0U;
  }
  EXPECT_GT(unstable, 100U);  // both kinds occur
  EXPECT_LT(unstable, 1000U);
}

// H7: explicit Euler on A = lambda 1 1^T / N; the sum of the states moves by 1 - mean(dt) lambda.
TEST(HeterogeneousTime, TheRankOneMapDiesAtTheMeanStep) {
  constexpr std::size_t n = 50;
  for (const double cv : {0.0, 0.2, 0.5}) {
    const std::vector<double> dt = lognormal(n, cv, 3);
    double mean = 0;
    for (const double d : dt) mean += d / n;
    for (const double product : {1.98, 2.02}) {
      const double lambda = product / mean;
      std::vector<double> s(n, 0.0);
      s[0] = 1.0;
      const auto sum = [&] {
        double total = 0;
        for (const double x : s) total += x;
        return total;
      };
      // Two directions of the state: only the sum matters behind the first step.
      for (int k = 0; k < 500; ++k) {
        const double force = lambda * sum() / n;
        for (std::size_t i = 0; i < n; ++i) s[i] -= dt[i] * force;
      }
      const double expected = std::pow(std::abs(1 - product), 500);
      EXPECT_NEAR(std::abs(sum()) / expected, 1.0, 1e-6) << cv << ' ' << product;
    }
  }
}

// H8: lambda_max(A^1/2 D A^1/2) is convex in D, so that at a given mean spread costs margin.
TEST(HeterogeneousTime, SpreadCostsMarginInDiscreteTime) {
  constexpr Eigen::Index n = 20;
  const RandomStream stream(9, "spd");
  Eigen::MatrixXd m(n, n);
  for (Eigen::Index i = 0; i < m.size(); ++i) {
    m(i) = stream.normal(static_cast<std::uint64_t>(i));
  }
  const Eigen::MatrixXd a = m * m.transpose() / n + 0.1 * Eigen::MatrixXd::Identity(n, n);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(a);
  const Eigen::MatrixXd root = solver.operatorSqrt();
  const double top = solver.eigenvalues().maxCoeff();
  double before = 1.0;
  for (const double cv : {0.1, 0.2, 0.5, 1.0}) {
    double sum = 0;
    for (std::uint64_t k = 0; k < 4000; ++k) {
      const std::vector<double> d = lognormal(n, cv, k);
      const Eigen::MatrixXd spread =
          root * Eigen::Map<const Eigen::VectorXd>(d.data(), n).asDiagonal() * root;
      const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> values(spread, Eigen::EigenvaluesOnly);
      sum += values.eigenvalues().maxCoeff() / top;  // of mean 1 before clipping
    }
    EXPECT_GT(sum / 4000, before) << cv;
    before = sum / 4000;
  }
}

// H9: the generator for either quantity.
TEST(HeterogeneousTime, RatesHaveTheMeanAndSpreadAskedFor) {
  constexpr std::size_t n = 100000;
  for (const TimeConstantFamily f : {TimeConstantFamily::lognormal, TimeConstantFamily::gamma,
                                     TimeConstantFamily::normal, TimeConstantFamily::uniform}) {
    const double cv = f == TimeConstantFamily::normal ? 0.2 : 0.5;
    TimeConstantConfig config = steps(f, cv, 1e-9, 1e9);
    config.mean_s = 5.0;
    config.keep_mean = false;
    const auto rates = [&] {
      std::vector<double> rate = draw_time_constants(config, n, 1, 11);
      for (double& value : rate) value = 1 / value;
      return rate;
    };
    const auto mean = [](const std::vector<double>& x) {
      double sum = 0;
      for (const double value : x) sum += value;
      return sum / static_cast<double>(x.size());
    };
    const auto free = rates();
    EXPECT_NEAR(mean(free) / 0.2, 1.0, 0.01);
    EXPECT_NEAR(realised_cv({free.data(), n}) / cv, 1.0, 0.02);
    config.clip_low = 0.25;
    config.clip_high = 2.5;
    config.keep_mean = true;
    const auto clipped = rates();
    EXPECT_NEAR(mean(clipped) / 0.2, 1.0, 0.001);
    EXPECT_GE(*std::min_element(clipped.begin(), clipped.end()), 0.05 * (1 - 1e-12));
    EXPECT_LE(*std::max_element(clipped.begin(), clipped.end()), 0.5 * (1 + 1e-12));
  }
}

TEST(HeterogeneousTime, ClippingAloneKeepsTheBoundsAndLosesTheMean) {
  TimeConstantConfig config = steps(TimeConstantFamily::gamma, 1.0, 0.25, 1.25);
  config.quantity = TimeConstantQuantity::time;
  config.keep_mean = false;
  const auto tau = draw_time_constants(config, 1000, 1, 12);
  double mean = 0;
  for (const double t : tau) mean += t / 1000;
  EXPECT_LT(mean, 0.9);
  EXPECT_EQ(*std::max_element(tau.begin(), tau.end()), 1.25);
  EXPECT_EQ(*std::min_element(tau.begin(), tau.end()), 0.25);
}

}  // namespace
}  // namespace memprop::learning::test
