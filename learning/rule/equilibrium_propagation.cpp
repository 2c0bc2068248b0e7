#include "learning/rule/equilibrium_propagation.hpp"

#include <fmt/format.h>

#include <cmath>

#include "solvers/error.hpp"

namespace memprop::learning {

double difference_scale(const NetworkConfig& network, const LearningConfig& learning,
                        std::size_t l) {
  const std::size_t layers = network.layers.size() - 1;
  if (network.readout == Readout::softmax && l == layers) return 1.0;
  if (learning.scale == GradientScale::raw) return 1.0;
  double divisor = learning.beta * (learning.nudging == Nudging::centred ? 2.0 : 1.0);
  for (std::size_t k = l; k < layers; ++k) divisor *= network.feedback_gain[k - 1];
  return 1.0 / divisor;
}

std::vector<double> layer_rates(const LearningConfig& learning, std::size_t layers) {
  if (learning.rate.size() == layers) return learning.rate;
  if (learning.rate.size() == 1) return std::vector<double>(layers, learning.rate.front());
  throw UserError(fmt::format("key 'learning.rate': expected 1 or {} values, got {}", layers,
                              learning.rate.size()));
}

void check_learning(const LearningConfig& learning, std::size_t layers) {
  if (!(learning.beta > 0) || !std::isfinite(learning.beta)) {
    throw UserError(
        fmt::format("key 'learning.beta': expected a value above 0, got {}", learning.beta));
  }
  if (learning.batch == 0) {
    throw UserError("key 'learning.batch': expected at least 1, got 0");
  }
  for (const double rate : layer_rates(learning, layers)) {
    if (!(rate >= 0) || !std::isfinite(rate)) {
      throw UserError(
          fmt::format("key 'learning.rate': expected values of at least 0, got {}", rate));
    }
  }
}

}  // namespace memprop::learning
