// The equilibrium that a network settles to from v = 0, to rounding.
//
// The synchronous map is iterated as long as it contracts fast; otherwise a damped relaxation (the
// continuous-time network's path from the same start, so that of several minima the same one is
// found) leads to Newton's method, whose block-tridiagonal system is solved by block elimination.
#pragma once

#include <memory>

#include "learning/reference/reference.hpp"

namespace memprop::learning {

// max |total - v| that is accepted.
inline constexpr double kFixedPointTolerance = 1e-13;

// Reusable: keeps its work space.
class FixedPointSolver {
 public:
  explicit FixedPointSolver(const NetworkConfig& config);
  ~FixedPointSolver();
  FixedPointSolver(FixedPointSolver&&) noexcept;
  FixedPointSolver& operator=(FixedPointSolver&&) noexcept;

  // beta = 0: the free equilibrium. Throws AlgebraicSolveFailure.
  LayerStates solve(const Network& network, Span<const double> x, double beta = 0.0,
                    Span<const double> y = {});

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

LayerStates fixed_point(const Network& network, Span<const double> x, double beta = 0.0,
                        Span<const double> y = {});

}  // namespace memprop::learning
