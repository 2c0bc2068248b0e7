// Every parameter of three families lies inside its 95 % interval in at least 90 of 100 trials.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "analog/test/fit_coverage.hpp"

namespace memprop::analog::fit {
namespace {

void expect_coverage(const char* name) {
  const Case c = case_of(name, 0.01);
  const auto hits = coverage(c, 100, 1000, 150);
  for (std::size_t i = 0; i < hits.size(); ++i) {
    std::printf("%s: %s within its interval in %d of 100\n", name,
                std::string(c.model->parameters()[i].key).c_str(), hits[i]);
    EXPECT_GE(hits[i], 90) << c.model->parameters()[i].key;
  }
}

TEST(FitCoverage, ConstantStep) { expect_coverage("constant-step"); }
TEST(FitCoverage, SoftBounds) { expect_coverage("soft-bounds"); }
TEST(FitCoverage, Exponential) { expect_coverage("exponential"); }

}  // namespace
}  // namespace memprop::analog::fit
