#include "learning/network/spectral_radius.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "learning/network/connection.hpp"
#include "learning/network/dendrites.hpp"
#include "learning/network/network_check.hpp"

namespace memprop::learning {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const RowMajor> map(const Matrix& m) {
  return {m.data(), static_cast<Eigen::Index>(m.rows()), static_cast<Eigen::Index>(m.cols())};
}

}  // namespace

double spectral_radius(const Network& network) {
  require_point_neurons(network.config, "for a spectral radius");
  const std::size_t layers = recurrent_layers(network.config);
  Eigen::Index size = 0;
  std::vector<Eigen::Index> first;
  for (std::size_t l = 1; l <= layers; ++l) {
    first.push_back(size);
    size += static_cast<Eigen::Index>(network.width(l));
  }
  // s_l / s_{l+1} = sqrt(b_l / a_{l+1}) balances the two blocks between neighbours.
  std::vector<double> scale(layers, 1.0);
  for (std::size_t l = 1; l < layers; ++l) {
    scale[l] = scale[l - 1] /
               std::sqrt(network.config.feedback_gain[l - 1] / network.config.forward_gain[l]);
  }
  Eigen::MatrixXd balanced = Eigen::MatrixXd::Zero(size, size);
  for (const Connection& c : connections(network)) {
    if (c.use != Connection::Use::inside || c.from == 0) continue;
    const auto m = map(c.matrix(network));
    const bool up = c.from + 1 == c.to, down = c.to + 1 == c.from;
    // The square root of the product keeps the exact symmetry of tied feedback.
    const double factor = up || down
                              ? std::sqrt(network.config.feedback_gain[std::min(c.from, c.to) - 1] *
                                          network.config.forward_gain[std::max(c.from, c.to) - 1])
                              : c.gain * scale[c.from - 1] / scale[c.to - 1];
    const auto rows = static_cast<Eigen::Index>(network.width(c.to));
    const auto cols = static_cast<Eigen::Index>(network.width(c.from));
    auto block = balanced.block(first[c.to - 1], first[c.from - 1], rows, cols);
    if (c.transposed) {
      block += factor * m.transpose();
    } else {
      block += factor * m;
    }
  }
  const bool tied = network.feedback.empty() && network.links.empty();
  if (tied) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(balanced, Eigen::EigenvaluesOnly);
    return solver.eigenvalues().cwiseAbs().maxCoeff();
  }
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(balanced, false);
  return solver.eigenvalues().cwiseAbs().maxCoeff();
}

}  // namespace memprop::learning
