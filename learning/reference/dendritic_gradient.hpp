// The exact gradient of the loss at the free equilibrium of dendritic neurons, by implicit
// differentiation. At u_i = a/B sum_b [z_b]_+ + b/Ba sum_c [a_c]_+ of all layers the adjoint
// solves lambda = D (dC/dr + M^T lambda), D the slopes of the activations and M the derivative of
// the drives, through the branches that are above 0; then, for branch b of neuron i,
//   dC/dW_bj = gain / B  1[z_b > 0] lambda_i r_j.
// There is no common energy, so equilibrium propagation approaches this gradient only as far as the
// feedback is aligned with the forward weights (arXiv:2605.08135). No links.
#pragma once

#include <vector>

#include "learning/network/network.hpp"
#include "solvers/matrix.hpp"
#include "solvers/span.hpp"

namespace memprop::learning {

struct DendriticGradient {
  double loss = 0;
  std::vector<std::vector<double>> r;  // activities of layers 1..L
  std::vector<Matrix> weight;          // dC/dW_l, 0 where there is no synapse
  std::vector<Matrix> feedback;        // dC/dB_l of separate feedback
};

// Throws AlgebraicSolveFailure where the map does not settle, InternalError for networks without
// dendrites or with links.
DendriticGradient dendritic_gradient(const Network& network, Span<const double> x,
                                     Span<const double> y);

}  // namespace memprop::learning
