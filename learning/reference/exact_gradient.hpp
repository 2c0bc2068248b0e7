// The exact gradient of the loss at the free equilibrium, by implicit differentiation.
//
// At v = base + M r(v) the adjoint lambda = dC/d(drive) solves lambda = D (dC/dr + M^T lambda), and
//   forward use   dC/dW_l = a_l lambda_l r_{l-1}^T
//   feedback use  dC/dW_l = b_{l-1} r_l lambda_{l-1}^T     (l > 1, tied feedback)
// (links alike, with their gains). EP's product difference estimates their sum, the simplified rule
// the first alone.
#pragma once

#include <memory>

#include "learning/reference/reference.hpp"

namespace memprop::learning {

struct ExactGradient {
  double loss = 0;
  LayerStates states;                        // of the free equilibrium
  std::vector<std::vector<double>> adjoint;  // lambda_l; of the readout outside the loop: p - y
  std::vector<Matrix> weight;                // dC/dW_l, W_l varied in both uses when tied
  std::vector<Matrix> forward;               // dC/dW_l of the forward use alone
  std::vector<Matrix> links;                 // the same two of Network::links, empty where the
  std::vector<Matrix> links_forward;         //   matrix is kept for another link or not trained
  std::vector<std::vector<double>> bias;     // dC/dbias_l; empty without biases
};

// Reusable: keeps its memory, so that a gradient costs little more than its own size.
class ExactGradientSolver {
 public:
  explicit ExactGradientSolver(const NetworkConfig& config);
  ~ExactGradientSolver();
  ExactGradientSolver(ExactGradientSolver&&) noexcept;
  ExactGradientSolver& operator=(ExactGradientSolver&&) noexcept;

  // The network must have the shape of config; its weights may differ from call to call. Throws
  // AlgebraicSolveFailure. The result is overwritten by the next call.
  const ExactGradient& solve(const Network& network, Span<const double> x, Span<const double> y);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

ExactGradient exact_gradient(const Network& network, Span<const double> x, Span<const double> y);

}  // namespace memprop::learning
