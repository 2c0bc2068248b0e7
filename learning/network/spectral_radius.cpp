#include "learning/network/spectral_radius.hpp"

#include <Eigen/Dense>
#include <cmath>

#include "learning/network/network_check.hpp"

namespace memprop::learning {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const RowMajor> map(const Matrix& m) {
  return {m.data(), static_cast<Eigen::Index>(m.rows()), static_cast<Eigen::Index>(m.cols())};
}

}  // namespace

double spectral_radius(const Network& network) {
  const std::size_t layers = recurrent_layers(network.config);
  Eigen::Index size = 0;
  std::vector<Eigen::Index> first;
  for (std::size_t l = 1; l <= layers; ++l) {
    first.push_back(size);
    size += static_cast<Eigen::Index>(network.width(l));
  }
  const bool tied = network.feedback.empty();
  Eigen::MatrixXd balanced = Eigen::MatrixXd::Zero(size, size);
  for (std::size_t l = 0; l + 1 < layers; ++l) {
    const double root = std::sqrt(network.config.feedback_gain[l]);
    const auto w = map(network.weight[l + 1]);
    balanced.block(first[l + 1], first[l], w.rows(), w.cols()) = root * w;
    auto above = balanced.block(first[l], first[l + 1], w.cols(), w.rows());
    if (tied) {
      above = root * w.transpose();
    } else {
      above = root * map(network.feedback[l]);
    }
  }
  if (tied) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(balanced, Eigen::EigenvaluesOnly);
    return solver.eigenvalues().cwiseAbs().maxCoeff();
  }
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(balanced, false);
  return solver.eigenvalues().cwiseAbs().maxCoeff();
}

}  // namespace memprop::learning
