#include "learning/continual/feedforward.hpp"

#include "learning/network/connection.hpp"
#include "learning/network/dendrites.hpp"
#include "solvers/math/activation.hpp"

namespace memprop::learning {

std::vector<std::vector<double>> feedforward_activities(const Network& network,
                                                        Span<const double> x) {
  require_point_neurons(network.config, "without feedback");
  const std::vector<Connection> all = connections(network);
  std::vector<std::vector<double>> r{{x.begin(), x.end()}};
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    std::vector<double> v(network.width(l), 0.0);
    if (!network.bias.empty()) v = network.bias[l - 1];
    for (const Connection& c : all) {
      if (c.to != l || c.from >= l) continue;
      const Matrix& w = c.matrix(network);
      for (std::size_t i = 0; i < w.rows(); ++i) {
        double sum = 0;
        for (std::size_t j = 0; j < w.cols(); ++j) sum += w(i, j) * r[c.from][j];
        v[i] += c.gain * sum;
      }
    }
    activate(network.config.activation[l - 1], v.data(), v.data(), v.size());
    r.push_back(std::move(v));
  }
  return r;
}

}  // namespace memprop::learning
