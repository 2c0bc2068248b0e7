// Random telegraph noise of many cells: in each, one trap switches the current between i and
// i (1 - A), with mean dwell times tau_c (high level, before capture) and tau_e (low level, before
// emission).
//
//     1/tau = 1/tau_c + 1/tau_e,  P(low) = tau_e/(tau_c + tau_e)
//     over a step dt: P(high -> high) = [tau_c + tau_e exp(-dt/tau)]/(tau_c + tau_e), exact for any
//     dt S(f) = 4 (A i)^2 tau^2/[(tau_c + tau_e)(1 + (2 pi f tau)^2)]   one-sided
// (Machlup, J. Appl. Phys. 25, 341 (1954)). Amplitudes are log-normal from cell to cell (Ambrogio
// et al., IEEE TED 61, 2920 (2014)); their numbers are the user's: they must be fitted per device.
//     STREAM/fabrication  amplitude, index = cell;   STREAM/trap  index = cell, event = step number
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "solvers/random_stream.hpp"
#include "solvers/span.hpp"

namespace memprop::analog {

struct TelegraphConfig {
  double amplitude = 0.0;         // median of A, relative; 0: off
  double amplitude_spread = 0.0;  // sigma of ln A from cell to cell
  double tau_c_s = 1e-3;
  double tau_e_s = 3e-3;
};

class TelegraphNoise {
 public:
  // Throws UserError for times that are not positive or an amplitude outside 0..1. The cells start
  // in the stationary distribution.
  TelegraphNoise(const TelegraphConfig& config, std::size_t cells, std::uint64_t seed,
                 std::string_view stream);
  // Lets dt_s pass. Equal steps in equal order give equal states.
  void advance(double dt_s);
  // What multiplies the conductance of each cell: 1 or 1 - A.
  const std::vector<double>& factor() const { return factor_; }
  bool low(std::size_t cell) const { return low_[cell] != 0; }
  // One-sided density of the factor for amplitude A [1/Hz].
  static double density(const TelegraphConfig& config, double amplitude, double frequency_hz);

  // For checkpoints: the number of steps, then the state of each cell.
  std::vector<double> save() const;
  void restore(Span<const double> saved);

 private:
  void refresh();
  TelegraphConfig config_;
  RandomStream trap_;
  std::uint64_t step_ = 0;
  std::vector<double> amplitude_, factor_;
  std::vector<unsigned char> low_;
};

}  // namespace memprop::analog
