#include "learning/network/time_constants.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace memprop::learning {
namespace {

constexpr std::size_t kNeurons = 40000;

TimeConstantConfig family(TimeConstantFamily f, double cv) {
  TimeConstantConfig config;
  config.family = f;
  config.mean_s = 2e-7;
  config.cv = cv;
  config.clip_low = 1e-6;
  config.clip_high = 1e6;
  return config;
}

double mean(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

// P(X <= x) in units of the mean, estimated from the draw.
double share_below(const std::vector<double>& tau, double x) {
  const auto below = std::count_if(tau.begin(), tau.end(), [&](double t) { return t <= x * 2e-7; });
  return static_cast<double>(below) / static_cast<double>(tau.size());
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

TEST(TimeConstants, MeanAndSpreadOfEveryFamily) {
  for (const TimeConstantFamily f :
       {TimeConstantFamily::lognormal, TimeConstantFamily::gamma, TimeConstantFamily::uniform}) {
    const auto tau = draw_time_constants(family(f, 0.5), kNeurons, 1, 11);
    EXPECT_NEAR(mean(tau) / 2e-7, 1.0, 1e-12);
    EXPECT_NEAR(realised_cv(tau), 0.5, 0.02);
  }
  const auto tau = draw_time_constants(family(TimeConstantFamily::normal, 0.2), kNeurons, 1, 11);
  EXPECT_NEAR(realised_cv(tau), 0.2, 0.005);
}

// Closed-form distribution functions, within four standard errors (0.01 at 40,000 draws).
TEST(TimeConstants, DistributionFunctions) {
  const double cv = 0.5;
  const double sigma = std::sqrt(std::log1p(cv * cv));
  const auto lognormal =
      draw_time_constants(family(TimeConstantFamily::lognormal, cv), kNeurons, 1, 12);
  const auto gamma = draw_time_constants(family(TimeConstantFamily::gamma, cv), kNeurons, 1, 12);
  const auto uniform =
      draw_time_constants(family(TimeConstantFamily::uniform, cv), kNeurons, 1, 12);
  for (const double x : {0.3, 0.6, 1.0, 1.5, 2.2}) {
    EXPECT_NEAR(share_below(lognormal, x), normal_cdf((std::log(x) + 0.5 * sigma * sigma) / sigma),
                0.01);
    // Shape 4, scale 1/4: an Erlang distribution.
    const double t = 4 * x;
    EXPECT_NEAR(share_below(gamma, x), 1 - std::exp(-t) * (1 + t + t * t / 2 + t * t * t / 6),
                0.01);
    const double half = std::sqrt(3.0) * cv;
    EXPECT_NEAR(share_below(uniform, x), std::clamp((x - 1 + half) / (2 * half), 0.0, 1.0), 0.01);
  }
}

TEST(TimeConstants, GammaBelowShapeOne) {
  const auto tau = draw_time_constants(family(TimeConstantFamily::gamma, 1.0), kNeurons, 1, 13);
  const auto wide = draw_time_constants(family(TimeConstantFamily::gamma, 1.5), kNeurons, 1, 13);
  EXPECT_NEAR(share_below(tau, 1.0), 1 - std::exp(-1.0), 0.01);  // exponential
  EXPECT_NEAR(realised_cv(wide), 1.5, 0.05);
}

TEST(TimeConstants, ClippingAndMeanHoldTogether) {
  for (const TimeConstantFamily f :
       {TimeConstantFamily::lognormal, TimeConstantFamily::gamma, TimeConstantFamily::normal}) {
    for (const std::size_t n : {2UL, 10UL, 512UL}) {
      TimeConstantConfig config = family(f, 1.0);
      config.clip_low = 0.25;
      config.clip_high = 2.5;
      const auto tau = draw_time_constants(config, n, 2, 14);
      EXPECT_NEAR(mean(tau) / 2e-7, 1.0, 1e-12);
      EXPECT_GE(*std::min_element(tau.begin(), tau.end()) / 2e-7, 0.25 * (1 - 1e-12));
      EXPECT_LE(*std::max_element(tau.begin(), tau.end()) / 2e-7, 2.5 * (1 + 1e-12));
    }
  }
}

// heterogeneous-time-steps.md 2.2: time steps of mean 0.2 with bounds [0.05, 0.5] keep 0.47 of a
// requested 0.5; mean 0.9 clipped at 1 keeps 0.13 of 0.2 and 0.18 of 0.5.
TEST(TimeConstants, RealisedSpreadAfterClippingMatchesPublishedValues) {
  TimeConstantConfig config = family(TimeConstantFamily::lognormal, 0.5);
  config.clip_low = 0.25;
  config.clip_high = 2.5;
  EXPECT_NEAR(realised_cv(draw_time_constants(config, kNeurons, 1, 15)), 0.47, 0.01);
  config.clip_high = 1.0 / 0.9;
  EXPECT_NEAR(realised_cv(draw_time_constants(config, kNeurons, 1, 15)), 0.18, 0.01);
  config.cv = 0.2;
  EXPECT_NEAR(realised_cv(draw_time_constants(config, kNeurons, 1, 15)), 0.13, 0.01);
}

TEST(TimeConstants, LayersAndNeuronsAreIndependentDraws) {
  const TimeConstantConfig config = family(TimeConstantFamily::normal, 0.2);
  const auto a = draw_time_constants(config, kNeurons, 1, 16);
  const auto b = draw_time_constants(config, kNeurons, 2, 16);
  double layers = 0, neighbours = 0;
  for (std::size_t i = 0; i + 1 < kNeurons; ++i) {
    layers += (a[i] / 2e-7 - 1) * (b[i] / 2e-7 - 1);
    neighbours += (a[i] / 2e-7 - 1) * (a[i + 1] / 2e-7 - 1);
  }
  // Five standard errors of a correlation of independent values.
  EXPECT_NEAR(layers / (kNeurons * 0.04), 0.0, 0.025);
  EXPECT_NEAR(neighbours / (kNeurons * 0.04), 0.0, 0.025);
}

}  // namespace
}  // namespace memprop::learning
