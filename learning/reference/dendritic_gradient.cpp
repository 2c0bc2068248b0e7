#include "learning/reference/dendritic_gradient.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

#include "learning/network/connection.hpp"
#include "learning/reference/internal/dense_map.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

constexpr std::size_t most_iterations = 20000;
constexpr double tolerance = 1e-12;

// The neurons of all layers one after the other, and the potentials of every branch.
class Dendrites {
 public:
  Dendrites(const Network& network, Span<const double> x)
      : network_(network), x_(x), all_(connections(network)) {
    std::size_t n = 0;
    for (std::size_t l = 1; l <= network.layer_count(); ++l) {
      first_.push_back(n);
      n += network.width(l);
    }
    u_.assign(n, 0.0);
    r_.assign(n, 0.0);
    for (const Connection& c : all_) z_.emplace_back(c.matrix(network).rows(), 0.0);
    for (const Connection& c : all_) {
      if (c.branches == 0 || c.transposed) throw InternalError("connections that are no branches");
    }
  }

  void settle() {
    activate_all();
    double step = 1.0;
    for (std::size_t k = 0; k < most_iterations; ++k) {
      if (k == most_iterations / 4) step = 0.3;  // what oscillates may settle with less
      const double moved = iterate(step);
      if (!std::isfinite(moved)) break;
      if (moved <= tolerance) return;
    }
    throw AlgebraicSolveFailure("a dendritic network does not settle", 0.0, 0);
  }

  // lambda.
  Eigen::VectorXd adjoint(Span<const double> y) const {
    const auto n = static_cast<Eigen::Index>(u_.size());
    Eigen::MatrixXd system = Eigen::MatrixXd::Zero(n, n);  // M^T
    for (std::size_t k = 0; k < all_.size(); ++k) {
      const Connection& c = all_[k];
      if (c.from == 0) continue;
      const Matrix& w = c.matrix(network_);
      const double share = c.gain / static_cast<double>(c.branches);
      for (std::size_t b = 0; b < w.rows(); ++b) {
        if (!(z_[k][b] > 0)) continue;
        const auto to = static_cast<Eigen::Index>(first_[c.to - 1] + b / c.branches);
        for (std::size_t j = 0; j < w.cols(); ++j) {
          system(static_cast<Eigen::Index>(first_[c.from - 1] + j), to) += share * w(b, j);
        }
      }
    }
    Eigen::VectorXd slope(n), cost = Eigen::VectorXd::Zero(n);
    for (std::size_t l = 0; l < first_.size(); ++l) {
      activation_slope(network_.config.activation[l], u_.data() + first_[l], r_.data() + first_[l],
                       slope.data() + first_[l], network_.width(l + 1));
    }
    for (std::size_t i = 0; i < y.size(); ++i) {
      cost[static_cast<Eigen::Index>(first_.back() + i)] = r_[first_.back() + i] - y[i];
    }
    system = Eigen::MatrixXd::Identity(n, n) - slope.asDiagonal() * system;
    return system.partialPivLu().solve(Eigen::VectorXd(slope.cwiseProduct(cost)));
  }

  void fill(const Eigen::VectorXd& lambda, Span<const double> y, DendriticGradient& g) const {
    for (const Matrix& w : network_.weight) g.weight.emplace_back(w.rows(), w.cols());
    for (const Matrix& w : network_.feedback) g.feedback.emplace_back(w.rows(), w.cols());
    for (std::size_t l = 0; l < first_.size(); ++l) {
      const auto begin = r_.begin() + static_cast<std::ptrdiff_t>(first_[l]);
      g.r.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(network_.width(l + 1)));
    }
    for (std::size_t i = 0; i < y.size(); ++i) {
      g.loss += 0.5 * (g.r.back()[i] - y[i]) * (g.r.back()[i] - y[i]);
    }
    for (std::size_t k = 0; k < all_.size(); ++k) {
      const Connection& c = all_[k];
      Matrix& d = c.store == Connection::Store::weight ? g.weight[c.index] : g.feedback[c.index];
      const Matrix* mask = c.mask(network_);
      const double* pre = source(c);
      const double share = c.gain / static_cast<double>(c.branches);
      for (std::size_t b = 0; b < d.rows(); ++b) {
        if (!(z_[k][b] > 0)) continue;
        const double post =
            share * lambda[static_cast<Eigen::Index>(first_[c.to - 1] + b / c.branches)];
        for (std::size_t j = 0; j < d.cols(); ++j) {
          if (mask == nullptr || (*mask)(b, j) != 0.0) d(b, j) = post * pre[j];
        }
      }
    }
  }

 private:
  const double* source(const Connection& c) const {
    return c.from == 0 ? x_.data() : r_.data() + first_[c.from - 1];
  }
  void activate_all() {
    for (std::size_t l = 0; l < first_.size(); ++l) {
      activate(network_.config.activation[l], u_.data() + first_[l], r_.data() + first_[l],
               network_.width(l + 1));
    }
  }
  // One step of the synchronous map; the largest change of a drive.
  double iterate(double step) {
    std::vector<double> next(u_.size(), 0.0);
    for (std::size_t k = 0; k < all_.size(); ++k) {
      const Connection& c = all_[k];
      const Matrix& w = c.matrix(network_);
      const bool bias = c.store == Connection::Store::weight && !network_.bias.empty();
      const double* from = source(c);
      const double share = c.gain / static_cast<double>(c.branches);
      for (std::size_t b = 0; b < w.rows(); ++b) {
        double sum = bias ? network_.bias[c.index][b] : 0.0;
        for (std::size_t j = 0; j < w.cols(); ++j) sum += w(b, j) * from[j];
        z_[k][b] = sum;
        next[first_[c.to - 1] + b / c.branches] += share * (sum < 0 ? 0.0 : sum);
      }
    }
    double moved = 0;
    for (std::size_t i = 0; i < u_.size(); ++i) {
      const double change = next[i] - u_[i];
      moved = std::isfinite(change) ? std::max(moved, std::abs(change)) : change;
      u_[i] += step * change;
    }
    activate_all();
    return moved;
  }

  const Network& network_;
  Span<const double> x_;
  std::vector<Connection> all_;
  std::vector<std::size_t> first_;
  std::vector<double> u_, r_;
  std::vector<std::vector<double>> z_;
};

}  // namespace

DendriticGradient dendritic_gradient(const Network& network, Span<const double> x,
                                     Span<const double> y) {
  if (!network.config.dendrites.on()) throw InternalError("a gradient of dendrites without any");
  Dendrites dendrites(network, x);
  dendrites.settle();
  DendriticGradient gradient;
  dendrites.fill(dendrites.adjoint(y), y, gradient);
  return gradient;
}

}  // namespace memprop::learning
