// Spectral radius of the recurrent net linearised with unit slopes: the block matrix with a_l W_l
// below and b_l W_{l+1}^T (or b_l B_l) above the diagonal, and the blocks of the links.
//
// The blocks are balanced first: scaling layer l by sqrt(b_1/a_2 ... b_{l-1}/a_l) turns both blocks
// between neighbours into sqrt(a_{l+1} b_l) W_{l+1} and its transpose, a symmetric matrix when the
// feedback is tied and there are no links. It has the same eigenvalues, and
// rho(a, b) = sqrt(a b) rho(1, 1) for equal gains holds to rounding; an
// eigenvalue routine on the unbalanced matrix loses it at small gains.
#pragma once

#include "learning/network/network.hpp"

namespace memprop::learning {

double spectral_radius(const Network& network);

}  // namespace memprop::learning
