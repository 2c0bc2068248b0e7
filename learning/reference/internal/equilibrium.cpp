#include "learning/reference/internal/equilibrium.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "learning/network/dendrites.hpp"
#include "learning/reference/fixed_point.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::internal {
namespace {

constexpr std::size_t kMapSteps = 60;       // most plain iterations
constexpr double kFastRatio = 0.6;          // largest contraction worth plain iterations
constexpr double kNewtonStart = 1e-2;       // residual from which Newton takes over
constexpr double kDamping = 0.3;            // dt/tau of the damped relaxation
constexpr std::size_t kDampedSteps = 2000;  // per attempt
constexpr int kAttempts = 10;
constexpr int kNewtonSteps = 30;
constexpr double kMapTolerance = 1e-14;     // relative to the largest state above 1
constexpr double kNewtonTolerance = 1e-15;  // the same; or until the residual falls no further

double max_abs(const Eigen::VectorXd& x) { return x.size() > 0 ? x.cwiseAbs().maxCoeff() : 0.0; }

}  // namespace

Equilibrium::Equilibrium(const NetworkConfig& config) : map_(config) {
  require_point_neurons(config, "where equilibria are solved for");
  const auto n = static_cast<Eigen::Index>(map_.size());
  for (Eigen::VectorXd* x : {&v_, &r_, &total_, &slope_, &residual_, &saved_, &lambda_, &next_}) {
    *x = Eigen::VectorXd::Zero(n);
  }
  lu_.resize(map_.layers());
  upper_.resize(map_.layers());
}

double Equilibrium::refresh(const Network& network) {
  map_.activity(network, v_.data(), r_.data());
  map_.total(network, r_.data(), total_.data());
  residual_ = total_ - v_;
  return max_abs(residual_);
}

void Equilibrium::update_slope(const Network& network) {
  map_.slope(network, v_.data(), r_.data(), slope_.data());
}

void Equilibrium::solve(const Network& network, Span<const double> x, double beta,
                        Span<const double> y) {
  map_.set_input(network, x);
  map_.set_nudge(beta, y);
  fast_ = iterate_map(network);
  if (!fast_) {
    v_.setZero();
    bool solved = false;
    double until = kNewtonStart;
    for (int attempt = 0; attempt < kAttempts && !solved; ++attempt, until *= 0.1) {
      relax_damped(network, kDampedSteps, until);
      solved = newton(network);
    }
    if (!solved) {
      Eigen::Index worst = 0;
      const double residual = residual_.cwiseAbs().maxCoeff(&worst);
      throw AlgebraicSolveFailure(
          fmt::format("the network's equilibrium was not found: residual {:.3g}", residual), 0.0,
          static_cast<std::size_t>(worst));
    }
  }
  update_slope(network);
}

bool Equilibrium::iterate_map(const Network& network) {
  v_.setZero();
  // A cascade of layers needs its depth to start contracting; then the ratio tells.
  const std::size_t depth = map_.layers() + 2;
  double earlier = 0;
  for (std::size_t k = 0; k < kMapSteps; ++k) {
    const double residual = refresh(network);
    if (!std::isfinite(residual)) return false;
    if (residual <= kMapTolerance * std::max(1.0, max_abs(v_))) return true;
    // Every fourth iteration: the residuals of a chain fall in pairs.
    if (k % 4 == 0) {
      if (k > depth + 4 && residual > earlier * std::pow(kFastRatio, 4)) return false;
      earlier = residual;
    }
    v_ = total_;
  }
  return false;
}

void Equilibrium::relax_damped(const Network& network, std::size_t steps, double until) {
  for (std::size_t k = 0; k < steps; ++k) {
    if (refresh(network) <= until) return;
    v_ += kDamping * residual_;
  }
}

bool Equilibrium::newton(const Network& network) {
  double residual = refresh(network);
  for (int k = 0; k < kNewtonSteps; ++k) {
    if (residual <= kNewtonTolerance) return true;
    update_slope(network);
    factor(network);
    next_ = residual_;
    solve_factored(network, next_);
    saved_ = v_;
    double step = 1.0;
    double reached = residual;
    for (int halving = 0; halving < 12; ++halving, step *= 0.5) {
      v_ = saved_ + step * next_;
      reached = refresh(network);
      if (reached < residual) break;
    }
    if (!(reached < residual)) {
      v_ = saved_;
      // Rounding of large drives may hold the residual just above the tolerance.
      return refresh(network) <= kFixedPointTolerance * std::max(1.0, max_abs(v_));
    }
    residual = reached;
  }
  return residual <= kFixedPointTolerance;
}

// Column by column through the map's own transposed product: A^T e_i = e_i - D M^T e_i.
void Equilibrium::factor_dense(const Network& network) {
  const auto n = static_cast<Eigen::Index>(map_.size());
  Eigen::MatrixXd a(n, n);
  Eigen::VectorXd unit = Eigen::VectorXd::Zero(n), row(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    unit[i] = 1.0;
    map_.transposed(network, unit, row);
    a.row(i) = -row.cwiseProduct(slope_);
    unit[i] = 0.0;
  }
  const std::size_t top = map_.layers() - 1;
  Eigen::MatrixXd block = a.bottomRightCorner(map_.width(top), map_.width(top));
  if (map_.beta() != 0) add_nudge_block(network, block);
  a.bottomRightCorner(map_.width(top), map_.width(top)) = block;
  a.diagonal().array() += 1.0;
  dense_.compute(a);
}

void Equilibrium::add_nudge_block(const Network& network, Eigen::MatrixXd& top) const {
  const std::size_t l = map_.layers() - 1;
  const auto slope = layer(slope_, l);
  if (network.config.readout == Readout::squared_error) {
    top.diagonal() += map_.beta() * slope;
    return;
  }
  // d(nudge)/dr = -beta B (diag(p) - p p^T) W_L.
  Eigen::VectorXd p;
  map_.output(network, r_.data(), p);
  Eigen::MatrixXd h = -p * p.transpose();
  h.diagonal() += p;
  const Eigen::MatrixXd inner = h * view(network.weight.back()) * slope.asDiagonal();
  if (network.feedback.empty()) {
    top.noalias() += map_.beta() * (view(network.weight.back()).transpose() * inner);
  } else {
    top.noalias() += map_.beta() * (view(network.feedback.back()) * inner);
  }
}

void Equilibrium::factor(const Network& network) {
  if (!network.links.empty()) {
    factor_dense(network);
    return;
  }
  const std::size_t layers = map_.layers();
  Eigen::MatrixXd schur;
  for (std::size_t l = 0; l < layers; ++l) {
    const Eigen::Index n = map_.width(l);
    const bool identity = l == 0 && (layers > 1 || map_.beta() == 0);
    if (!identity) {
      schur = Eigen::MatrixXd::Identity(n, n);
      if (l > 0) {
        // S_l = I - (-W_l D) S_{l-1}^-1 (upper block of l-1).
        schur.noalias() += network.config.forward_gain[l] * view(network.weight[l]) *
                           (layer(slope_, l - 1).asDiagonal() * upper_[l - 1]);
      }
      if (l + 1 == layers && map_.beta() != 0) add_nudge_block(network, schur);
      lu_[l].compute(schur);
    }
    if (l + 1 == layers) break;
    const auto above = layer(slope_, l + 1);
    const double gain = -network.config.feedback_gain[l];
    if (network.feedback.empty()) {
      upper_[l] = gain * view(network.weight[l + 1]).transpose() * above.asDiagonal();
    } else {
      upper_[l] = gain * view(network.feedback[l]) * above.asDiagonal();
    }
    if (!identity) upper_[l] = lu_[l].solve(upper_[l]);
  }
}

void Equilibrium::solve_factored(const Network& network, Eigen::VectorXd& b) const {
  if (!network.links.empty()) {
    b = dense_.solve(Eigen::VectorXd(b));
    return;
  }
  const std::size_t layers = map_.layers();
  const auto apply = [&](std::size_t l) {
    if (lu_[l].rows() > 0) layer(b, l) = lu_[l].solve(Eigen::VectorXd(layer(b, l)));
  };
  apply(0);
  for (std::size_t l = 1; l < layers; ++l) {
    layer(b, l).noalias() += network.config.forward_gain[l] * view(network.weight[l]) *
                             layer(slope_, l - 1).cwiseProduct(layer(b, l - 1)).matrix();
    apply(l);
  }
  for (std::size_t l = layers - 1; l-- > 0;) {
    layer(b, l).noalias() -= upper_[l] * layer(b, l + 1);
  }
}

void Equilibrium::solve_transposed(const Network& network, Eigen::VectorXd& b) const {
  if (!network.links.empty()) {
    b = dense_.transpose().solve(Eigen::VectorXd(b));
    return;
  }
  const std::size_t layers = map_.layers();
  for (std::size_t l = 1; l < layers; ++l) {
    layer(b, l).noalias() -= upper_[l - 1].transpose() * layer(b, l - 1);
  }
  for (std::size_t l = layers; l-- > 0;) {
    if (l + 1 < layers) {
      layer(b, l).array() += network.config.forward_gain[l + 1] * layer(slope_, l).array() *
                             (view(network.weight[l + 1]).transpose() * layer(b, l + 1)).array();
    }
    if (lu_[l].rows() > 0) {
      layer(b, l) = lu_[l].transpose().solve(Eigen::VectorXd(layer(b, l)));
    }
  }
}

const Eigen::VectorXd& Equilibrium::adjoint(const Network& network,
                                            const Eigen::VectorXd& cost_slope) {
  const std::size_t layers = map_.layers();
  const std::size_t top = layers - 1;
  next_.setZero();
  layer(next_, top) = cost_slope.cwiseProduct(layer(slope_, top));  // D dC/dr
  if (!fast_) {
    factor(network);
    lambda_ = next_;
    solve_transposed(network, lambda_);
    return lambda_;
  }
  // lambda <- D (dC/dr + M^T lambda) contracts as the map does.
  lambda_ = next_;
  const double tolerance = 1e-15 * max_abs(next_);
  for (std::size_t k = 0; k < 4 * kMapSteps; ++k) {
    map_.transposed(network, lambda_, total_);
    saved_ = next_ + slope_.cwiseProduct(total_);
    residual_ = saved_ - lambda_;
    lambda_ = saved_;
    if (max_abs(residual_) <= tolerance) break;
  }
  return lambda_;
}

}  // namespace memprop::learning::internal
