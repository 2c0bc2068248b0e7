// Dendritic projections (Kubo, arXiv:2605.08135). A projection to n neurons with B branches each
// has a matrix of n B rows; row b is a branch of neuron i = floor(b / B):
//   z_b  = sum_j M_bj W_bj r_j + c_b           potential of the branch
//   I_i  = (1/B) sum over b of i  max(0, z_b)  what the neuron receives
// M has 0 and 1; each row has the same number of ones, drawn once and never trained. Biases c_b
// belong to basal branches only.
//
// Feedback with weights of its own is a dendritic projection too (apical branches). Tied feedback
// makes the net one with an energy:
//   J_i = (1/B) sum_b M_bi W_bi 1[z_b > 0] r_k(b)
// is the derivative of sum_k r_k I_k(r_i) of the layer above.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learning/network/network.hpp"
#include "solvers/matrix.hpp"

namespace memprop::learning {

// Inputs of a branch: keep_fraction of n_in, rounded half to even.
std::size_t kept_inputs(double keep_fraction, std::size_t n_in);

// Throws UserError naming the key (without file): branches without inputs, numbers out of range,
// read-outs and feedback that dendrites do not fit.
void check_dendrites(const NetworkConfig& config);

// Throws UserError for dendrites where nothing can run them: "by back-propagation", ...
void require_point_neurons(const NetworkConfig& config, const char* where);

// Rows of the matrix of weight layer l = 1..L, and of the feedback that layer l receives.
std::size_t basal_rows(const NetworkConfig& config, std::size_t l);
std::size_t apical_rows(const NetworkConfig& config, std::size_t l);

// rows x n_in of 0 and 1, `kept` ones in a row; event tells apart the masks of one seed
// ("dendrite-mask" stream).
Matrix draw_mask(std::uint64_t seed, std::uint64_t event, std::size_t rows, std::size_t n_in,
                 std::size_t kept);

// Element by element.
void apply_mask(const Matrix& mask, Matrix& weight);

// Throws UserError when a synapse that is not there has a weight: of weights from a file, whose
// masks came from another seed.
void check_masked_weights(const Network& network, const char* where);

}  // namespace memprop::learning
