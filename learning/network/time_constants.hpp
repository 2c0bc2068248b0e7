// Time constants of the neurons of one layer: one per neuron, fixed as in a fabricated chip.
//
// With mean m and coefficient of variation cv the unclipped variable is
//   lognormal  exp(mu + sigma N),  sigma^2 = ln(1 + cv^2),  mu = ln m - sigma^2/2
//   gamma      shape 1/cv^2, scale m cv^2 (Marsaglia and Tsang, doi:10.1145/358407.358414)
//   normal     N(m, (cv m)^2)
//   uniform    m (1 +- sqrt(3) cv)
// It is clipped and rescaled to the mean, repeatedly, until both hold: otherwise a change of cv
// would change the mean too. Clipping lowers the spread; realised_cv tells by how much.
// The variable is tau or, with quantity `rate`, 1/tau (E[1/tau] = (1 + cv^2)/E[tau] for the
// lognormal: which of the means is kept matters).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "learning/network/network_config.hpp"
#include "solvers/span.hpp"

namespace memprop::learning {

// Time constants [s] of layer l's n neurons, from the seed's "time-constants" stream. draw: 0 is
// the network's, others are fresh (resample).
std::vector<double> draw_time_constants(const TimeConstantConfig& config, std::size_t n,
                                        std::size_t layer, std::uint64_t seed,
                                        std::uint64_t draw = 0);

// Sample standard deviation (about the sample mean, divisor n) over sample mean.
double realised_cv(Span<const double> values);

}  // namespace memprop::learning
