#include "solvers/nodal/conjugate_gradient.hpp"

#include <algorithm>
#include <cmath>

#include "solvers/math/dense.hpp"

namespace memprop {
namespace {

double largest(const std::vector<double>& v) {
  double m = 0.0;
  for (double x : v) m = std::max(m, std::abs(x));
  return m;
}

}  // namespace

ConjugateGradient::ConjugateGradient(std::size_t size)
    : residual_(size), direction_(size), image_(size), preconditioned_(size) {}

ConjugateGradientResult ConjugateGradient::solve(const Apply& apply,
                                                 const Precondition& precondition, const double* b,
                                                 double* x, double tolerance, std::size_t most) {
  const std::size_t n = residual_.size();
  apply(x, image_.data());
  for (std::size_t i = 0; i < n; ++i) residual_[i] = b[i] - image_[i];
  ConjugateGradientResult result;
  double previous = 0.0;
  for (;; ++result.steps) {
    result.residual = largest(residual_);
    result.converged = result.residual <= tolerance;
    // A residual that is not a number ends the search as one that is too large.
    if (result.converged || result.steps >= most || !(result.residual < 1e300)) return result;
    preconditioned_ = residual_;
    precondition(preconditioned_.data());
    const double rho = dot(residual_.data(), preconditioned_.data(), n);
    const double ratio = result.steps == 0 ? 0.0 : rho / previous;
    previous = rho;
    for (std::size_t i = 0; i < n; ++i) {
      direction_[i] = preconditioned_[i] + ratio * direction_[i];
    }
    apply(direction_.data(), image_.data());
    const double alpha = rho / dot(direction_.data(), image_.data(), n);
    for (std::size_t i = 0; i < n; ++i) {
      x[i] += alpha * direction_[i];
      residual_[i] -= alpha * image_[i];
    }
  }
}

}  // namespace memprop
