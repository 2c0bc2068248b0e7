// The distributions that weights start from.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learning/network/network_config.hpp"
#include "solvers/matrix.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning {

// An n_out x n_in matrix of the description's init; entry i is number (i, event) of the stream.
Matrix draw_weights(const RandomStream& stream, std::uint64_t event, std::size_t n_out,
                    std::size_t n_in, const NetworkConfig& config);

// A matrix of the norm of `toward` at the given angle to it [degrees, 0..180): its part beside
// `toward` is that of `drawn`.
Matrix at_angle(const Matrix& drawn, const Matrix& toward, double angle_deg);

}  // namespace memprop::learning
