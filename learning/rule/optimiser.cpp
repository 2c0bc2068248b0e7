#include "learning/rule/optimiser.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

void require(bool good, const char* key, const char* expected, double got) {
  if (good) return;
  throw UserError(fmt::format("key '{}': expected {}, got {}", key, expected, got));
}

}  // namespace

void check_optimiser(const OptimiserConfig& c) {
  const auto share = [](double x) { return x >= 0 && x < 1; };
  require(share(c.momentum), "learning.momentum", "a value of 0 to below 1", c.momentum);
  require(share(c.decay1), "learning.first_decay", "a value of 0 to below 1", c.decay1);
  require(share(c.decay2), "learning.second_decay", "a value of 0 to below 1", c.decay2);
  require(c.epsilon >= std::numeric_limits<float>::min() && std::isfinite(c.epsilon),
          "learning.epsilon", "a value of at least 1.2e-38 (the least of float32)", c.epsilon);
  require(c.weight_decay >= 0 && std::isfinite(c.weight_decay), "learning.weight_decay",
          "a value of at least 0", c.weight_decay);
}

}  // namespace memprop::learning
