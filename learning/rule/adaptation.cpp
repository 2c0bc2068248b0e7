#include "learning/rule/adaptation.hpp"

#include <fmt/format.h>

#include <cmath>

#include "solvers/error.hpp"

namespace memprop::learning {

double adaptation_factor(const AdaptationConfig& config) {
  return config.steps == 0 ? 1.0 : std::pow(1.0 - config.c, static_cast<double>(config.steps));
}

void check_adaptation(const AdaptationConfig& config) {
  if (!(config.c >= 0 && config.c <= 1)) {
    throw UserError(fmt::format(
        "key 'learning.adaptation.c': expected a value between 0 and 1 (the part of the way back "
        "to the free activity that a neuron goes in an iteration), got {}",
        config.c));
  }
}

}  // namespace memprop::learning
