// What contrastive Hebbian learning would teach with an infinitely weak teacher and without the
// feedback's own reaction: errors sent back through the transposed weights at the free state,
//   d_L = y - r_L,  d_l = b_l f'_l (W_{l+1}^T d_{l+1}),  change of W_l = d_l r_{l-1}^T,
// the mean over the samples. The direction that estimates of taught phases are held against.
#pragma once

#include "learning/reference/ideal_reference.hpp"

namespace memprop::learning {

// Of a chain with tied feedback, squared-error readout and smooth activations, whose slopes follow
// from the activity; reference tells the free states. Throws InternalError for other networks.
Gradient first_order_change(const Network& network, IdealReference& reference, const Matrix& inputs,
                            const Matrix& targets);

}  // namespace memprop::learning
