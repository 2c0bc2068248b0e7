// Central differences of a network's loss: the truth that analytic gradients are held against.
#pragma once

#include <functional>

#include "learning/network/network.hpp"

namespace memprop::learning::test {

// Fourth-order central difference of loss(network) with respect to one value inside it. The step
// balances truncation (seen at 1e-3 with unit feedback gain: 4e-8) and rounding (about 1e-11).
inline double derivative(const Network& network, double& value,
                         const std::function<double(const Network&)>& loss, double h = 2e-4) {
  const double kept = value;
  const auto at = [&](double shift) {
    value = kept + shift;
    return loss(network);
  };
  const double result = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
  value = kept;
  return result;
}

inline Matrix numeric_gradient(Network network, std::size_t layer,
                               const std::function<double(const Network&)>& loss) {
  Matrix result(network.weight[layer].rows(), network.weight[layer].cols());
  for (std::size_t i = 0; i < result.size(); ++i) {
    result.values()[i] = derivative(network, network.weight[layer].values()[i], loss);
  }
  return result;
}

}  // namespace memprop::learning::test
