// 1/f noise of many cells: each conductance fluctuates by the sum of symmetric telegraph processes
// of one height d, with time constants log-uniform on [tau_1, tau_2], n to a decade:
//
//     S(f) = sum d^2 tau_k/(1 + (2 pi f tau_k)^2)  ->  K/f,   d^2 = 4 ln(10) K/n
// one-sided, relative to the conductance, between 1/(2 pi tau_2) and 1/(2 pi tau_1) (McWhorter's
// picture). K is the level: S/G^2 at 1 Hz. Every trap is stepped exactly, for any dt.
//     STREAM/trap  index = cell * (traps/4) + block of four traps, event = step number
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "solvers/random_stream.hpp"
#include "solvers/span.hpp"

namespace memprop::analog {

struct FlickerConfig {
  double level = 0.0;  // K; 0: off
  double tau_1_s = 1e-6;
  double tau_2_s = 1.0;
  int traps_per_decade = 3;
};

class FlickerNoise {
 public:
  // Throws UserError for a range of times that is empty or a level below 0.
  FlickerNoise(const FlickerConfig& config, std::size_t cells, std::uint64_t seed,
               std::string_view stream);
  void advance(double dt_s);
  // What multiplies the conductance of each cell: 1 + fluctuation, not below 0.
  const std::vector<double>& factor() const { return factor_; }
  // The sum of Lorentz curves above, which tends to K/f [1/Hz].
  double density(double frequency_hz) const;
  // The density of a sequence sampled every dt_s, with what is folded down from above 1/(2 dt).
  double sampled_density(double frequency_hz, double dt_s) const;

  // For checkpoints: the number of steps, then 32 traps to a number.
  std::vector<double> save() const;
  void restore(Span<const double> saved);

 private:
  void refresh();
  RandomStream trap_;
  double height_;
  std::vector<double> tau_s_;
  std::size_t blocks_;  // of four traps, one cipher call each
  std::uint64_t step_ = 0;
  std::vector<unsigned char> high_;  // per cell and trap
  std::vector<double> factor_;
  std::vector<std::uint32_t> flip_;  // thresholds of the present dt
};

}  // namespace memprop::analog
