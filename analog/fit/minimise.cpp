#include "analog/fit/minimise.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace memprop::analog::fit {
namespace {

constexpr double kGradientStep = 1e-5;
constexpr double kHessianStep = 1e-3;
constexpr double kWall = 1e4;

// The objective on the free variables only, continued beyond the box.
class Reduced {
 public:
  Reduced(const Objective& objective, const Box& box, std::vector<double> start,
          const std::vector<bool>& free)
      : objective_(objective), box_(box), full_(std::move(start)) {
    for (std::size_t i = 0; i < full_.size(); ++i) {
      full_[i] = std::clamp(full_[i], box_.low[i], box_.high[i]);
      if (free[i]) index_.push_back(i);
    }
  }

  Eigen::Index size() const { return static_cast<Eigen::Index>(index_.size()); }
  Eigen::VectorXd start() const {
    Eigen::VectorXd x(size());
    for (Eigen::Index k = 0; k < size(); ++k) x[k] = full_[at(k)];
    return x;
  }

  double operator()(const Eigen::VectorXd& x) {
    double wall = 0.0;
    for (Eigen::Index k = 0; k < size(); ++k) {
      const std::size_t i = at(k);
      full_[i] = std::clamp(x[k], box_.low[i], box_.high[i]);
      const double beyond = x[k] - full_[i];
      wall += kWall * beyond * beyond;
    }
    const double value = objective_(full_);
    return (std::isfinite(value) ? value : 1e300) + wall;
  }

  Eigen::VectorXd gradient(Eigen::VectorXd x) {
    Eigen::VectorXd g(size());
    for (Eigen::Index k = 0; k < size(); ++k) {
      const double here = x[k];
      x[k] = here + kGradientStep;
      const double above = (*this)(x);
      x[k] = here - kGradientStep;
      g[k] = (above - (*this)(x)) / (2.0 * kGradientStep);
      x[k] = here;
    }
    return g;
  }

  // Of the part that belongs to the free variables, made positive; the unit matrix when empty.
  Eigen::MatrixXd inverse_of(const std::vector<double>& hessian) const {
    if (hessian.empty()) return Eigen::MatrixXd::Identity(size(), size());
    Eigen::MatrixXd m(size(), size());
    for (Eigen::Index a = 0; a < size(); ++a) {
      for (Eigen::Index b = 0; b < size(); ++b) m(a, b) = hessian[at(a) * full_.size() + at(b)];
    }
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(m);
    // A direction that hardly matters is taken in steps of about 1.
    const Eigen::VectorXd inverse = solver.eigenvalues().cwiseAbs().cwiseMax(1.0).cwiseInverse();
    return solver.eigenvectors() * inverse.asDiagonal() * solver.eigenvectors().transpose();
  }

  std::vector<double> inside(const Eigen::VectorXd& x) {
    (*this)(x);
    return full_;
  }

 private:
  std::size_t at(Eigen::Index k) const { return index_[static_cast<std::size_t>(k)]; }

  const Objective& objective_;
  const Box& box_;
  std::vector<double> full_;
  std::vector<std::size_t> index_;
};

}  // namespace

Minimum minimise(const Objective& objective, const Box& box, std::vector<double> start,
                 const std::vector<bool>& free, const MinimiseOptions& options) {
  const double tolerance = options.tolerance;
  Reduced f(objective, box, std::move(start), free);
  Eigen::VectorXd x = f.start();
  double value = f(x);
  if (f.size() == 0) return {f.inside(x), value, true};
  Eigen::VectorXd g = f.gradient(x);
  Eigen::MatrixXd inverse = f.inverse_of(options.hessian);
  bool fresh = options.hessian.empty(), converged = false;
  for (int iteration = 0; iteration < options.most_iterations && !converged; ++iteration) {
    if (fresh) inverse *= 0.1 / std::max(g.norm(), 1e-300);
    Eigen::VectorXd direction = -inverse * g;
    const double longest = direction.cwiseAbs().maxCoeff();
    if (longest > 2.0) direction *= 2.0 / longest;
    const double slope = direction.dot(g);
    double length = 1.0, next_value = f(x + direction);
    while (next_value > value + 1e-4 * length * slope && length > 1e-10) {
      // Minimum of the parabola through what is known, within reason.
      const double bend = 2.0 * (next_value - value - length * slope);
      const double want = bend > 0.0 ? -slope * length * length / bend : 0.5 * length;
      length = std::clamp(want, 0.1 * length, 0.5 * length);
      next_value = f(x + length * direction);
    }
    const bool stuck = !(next_value <= value + 1e-4 * length * slope);
    if (stuck && fresh) {
      converged = g.cwiseAbs().maxCoeff() < 1e-2;
      break;
    }
    if (stuck) {  // the metric is wrong: start over from steepest descent
      inverse.setIdentity();
      fresh = true;
      continue;
    }
    const Eigen::VectorXd step = length * direction;
    x += step;
    const Eigen::VectorXd g_next = f.gradient(x);
    const Eigen::VectorXd change = g_next - g;
    const double sy = step.dot(change);
    if (sy > 1e-14) {
      if (fresh)
        inverse = Eigen::MatrixXd::Identity(f.size(), f.size()) * (sy / change.dot(change));
      const Eigen::VectorXd hy = inverse * change;
      inverse += (1.0 + change.dot(hy) / sy) / sy * step * step.transpose() -
                 (hy * step.transpose() + step * hy.transpose()) / sy;
      fresh = false;
    }
    const double gain = value - next_value;
    value = next_value;
    g = g_next;
    // A small gain of a bad direction is no sign: the Newton decrement must be small as well.
    converged = gain < tolerance && g.dot(inverse * g) < 10.0 * tolerance;
  }
  return {f.inside(x), value, converged};
}

std::vector<double> hessian(const Objective& objective, const Box& box, std::vector<double> x,
                            const std::vector<bool>& free) {
  const std::size_t n = x.size();
  const double h = kHessianStep;
  for (std::size_t i = 0; i < n; ++i) {
    const double room = std::min(2.0 * h, 0.5 * (box.high[i] - box.low[i]));
    x[i] = std::clamp(x[i], box.low[i] + room, box.high[i] - room);
  }
  const auto at = [&](std::size_t i, double di, std::size_t j, double dj) {
    std::vector<double> moved = x;
    moved[i] += di;
    moved[j] += dj;
    return objective(moved);
  };
  const double centre = objective(x);
  std::vector<double> out(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    if (!free[i]) continue;
    out[i * n + i] = (at(i, h, i, 0) - 2.0 * centre + at(i, -h, i, 0)) / (h * h);
    for (std::size_t j = 0; j < i; ++j) {
      if (!free[j]) continue;
      const double mixed =
          (at(i, h, j, h) - at(i, h, j, -h) - at(i, -h, j, h) + at(i, -h, j, -h)) / (4.0 * h * h);
      out[i * n + j] = out[j * n + i] = mixed;
    }
  }
  return out;
}

}  // namespace memprop::analog::fit
