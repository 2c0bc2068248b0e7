#include "learning/metric/first_order.hpp"

#include "solvers/error.hpp"
#include "solvers/math/activation.hpp"

namespace memprop::learning {

Gradient first_order_change(const Network& network, IdealReference& reference, const Matrix& inputs,
                            const Matrix& targets) {
  const std::size_t layers = network.layer_count();
  if (network.config.readout != Readout::squared_error || !network.links.empty() ||
      !network.feedback.empty()) {
    throw InternalError("the first-order change is that of a chain with tied feedback");
  }
  Gradient sum;
  for (std::size_t l = 1; l <= layers; ++l) {
    sum.weight.emplace_back(network.width(l), network.width(l - 1));
  }
  const double mean = 1.0 / static_cast<double>(inputs.rows());
  for (std::size_t k = 0; k < inputs.rows(); ++k) {
    const LayerStates free = reference.relax_free(inputs.row(k));
    std::vector<double> error(network.width(layers));
    for (std::size_t i = 0; i < error.size(); ++i) error[i] = targets(k, i) - free.output[i];
    for (std::size_t l = layers; l >= 1; --l) {
      Matrix& change = sum.weight[l - 1];
      const Span<const double> before = l == 1 ? inputs.row(k) : Span<const double>(free.r[l - 2]);
      for (std::size_t i = 0; i < error.size(); ++i) {
        for (std::size_t j = 0; j < before.size(); ++j) {
          change(i, j) += mean * error[i] * before[j];
        }
      }
      if (l == 1) break;
      // At the free equilibrium of the rate form the drive is f^-1(r): slopes from r alone.
      const std::vector<double>& r = free.r[l - 2];
      std::vector<double> slope(r.size());
      activation_slope(network.config.activation[l - 2], r.data(), r.data(), slope.data(),
                       r.size());
      std::vector<double> below(r.size(), 0.0);
      for (std::size_t j = 0; j < r.size(); ++j) {
        for (std::size_t i = 0; i < error.size(); ++i) {
          below[j] += network.weight[l - 1](i, j) * error[i];
        }
        below[j] *= network.config.feedback_gain[l - 2] * slope[j];
      }
      error = std::move(below);
    }
  }
  return sum;
}

}  // namespace memprop::learning
