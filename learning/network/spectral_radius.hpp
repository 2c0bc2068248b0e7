// Spectral radius of the recurrent net linearised with unit slopes: the block matrix with W_l below
// and b_l W_{l+1}^T (or b_l B_l) above the diagonal.
//
// The blocks are balanced first: scaling layer l by sqrt(b_1 ... b_{l-1}) turns both off-diagonal
// blocks into sqrt(b_l) W_{l+1} and its transpose, a symmetric matrix when the feedback is tied. It
// has the same eigenvalues, and rho(b) = sqrt(b) rho(1) for equal gains holds to rounding; an
// eigenvalue routine on the unbalanced matrix loses it at small gains.
#pragma once

#include "learning/network/network.hpp"

namespace memprop::learning {

double spectral_radius(const Network& network);

}  // namespace memprop::learning
