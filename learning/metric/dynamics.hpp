// How a network settles: iterations, time, growth of perturbations. Measured on the running network
// with its inputs, all samples at once, in double precision, from the state zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "learning/network/network.hpp"
#include "solvers/matrix.hpp"

namespace memprop::learning {

struct SettlingCriterion {
  double tolerance = 1e-6;   // of the 2-norm of the change of all activities in one iteration
  std::size_t in_a_row = 3;  // iterations that have to stay below it
  std::size_t limit = 500;   // iterations
};

struct Settling {
  static constexpr std::size_t never = static_cast<std::size_t>(-1);

  std::vector<std::size_t> iteration;  // per sample, from 0: the last of those in a row; never
  double mean = 0;                     // over the samples that settled; NaN if none
  double share = 0;                    // of the samples that settled
};

// Of the synchronous map without time constants.
Settling settling_iterations(const Network& network, const Matrix& inputs,
                             const SettlingCriterion& criterion = {});

// Finite-time Lyapunov estimate: mean over the samples and the first `iterations` of the logarithm
// of the growth of a random positive perturbation (the seed's "perturbation" stream) pushed through
// diag(f'(v)) M along the free trajectory and renormalised at every iteration. Below 0:
// contracting.
double lyapunov_estimate(const Network& network, const Matrix& inputs, std::size_t iterations = 30,
                         std::uint64_t seed = 1);

// rate: tau dr/dt = -r + f(drive); membrane: tau dv/dt = -v + drive, r = f(v). Same equilibria.
enum class ContinuousForm { rate, membrane };

struct ContinuousSettling {
  double time_s = 0;        // first time from which all stays within tolerance
  double residual = 0;      // largest change of an activity in the last step
  std::vector<Matrix> end;  // activities of each layer, a row per sample
};

// Time from which every activity of every sample stays within tolerance of the state at `length_s`
// (classical Runge-Kutta, fixed step). Choose length and step so that that state is settled.
ContinuousSettling settling_time(const Network& network, const Matrix& inputs, ContinuousForm form,
                                 double tolerance, double length_s, double step_s);

// Activities of each layer after so many iterations of the map, a row per sample.
std::vector<Matrix> map_states(const Network& network, const Matrix& inputs,
                               std::size_t iterations);

// tau ln(1/eps) / (1 - rho f'): the rate of the slowest mode alone (ep-circuits 2.1); infinite
// where rho f' is not below 1.
double linear_settling_estimate(double spectral_radius, double slope, double eps, double tau_s);
// The time at which a cascade of L equal lags has come within eps:
// exp(-t/tau) sum_{k<L} (t/tau)^k / k! = eps.
double cascade_settling_estimate(std::size_t layers, double eps, double tau_s);

}  // namespace memprop::learning
