#include "learning/metric/gradient_metric.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace memprop::learning {
namespace {

TEST(GradientMetric, ValuesByHand) {
  const std::vector<double> a{3, 0, 4}, b{0, 0, 10}, zero{0, 0, 0};
  EXPECT_DOUBLE_EQ(cosine(a, b), 0.8);
  EXPECT_DOUBLE_EQ(norm_ratio(a, b), 0.5);
  EXPECT_DOUBLE_EQ(relative_error(a, b), std::sqrt(9.0 + 36.0) / 10);
  EXPECT_EQ(cosine(a, zero), 0.0);
  EXPECT_TRUE(std::isinf(norm_ratio(a, zero)));
  EXPECT_EQ(relative_error(zero, zero), 0.0);
}

TEST(GradientMetric, AccuracyCountsTheFirstLargest) {
  Matrix outputs(3, 2);
  outputs.values() = {1, 0, 0, 1, 0.5, 0.5};
  const std::vector<std::uint32_t> labels{0, 0, 0};
  EXPECT_DOUBLE_EQ(accuracy(outputs, labels), 2.0 / 3.0);
}

}  // namespace
}  // namespace memprop::learning
