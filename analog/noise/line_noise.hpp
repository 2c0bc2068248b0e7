// Coloured noise of a group of lines: unit-variance Ornstein-Uhlenbeck processes, exactly
// discretised on a grid of their own and constant between grid points:
//     n_0 = xi_0,  n_{k+1} = a n_k + sqrt(1 - a^2) xi_{k+1},  a = exp(-grid/tau_n).
// Autocorrelation exp(-|dt|/tau_n) at grid points, equivalent noise bandwidth 1/(4 tau_n). The
// draws are keyed by (line, sample, grid index) and never made inside a right-hand side.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "analog/domain/element.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::analog {

class LineNoise {
 public:
  LineNoise(std::size_t lines, double correlation_time_s, double grid_s, std::uint64_t seed,
            std::string_view stream)
      : stream_(seed, stream),
        grid_ticks_(static_cast<Ticks>(std::llround(grid_s / seconds_per_tick))),
        keep_(std::exp(-grid_s / correlation_time_s)),
        kick_(std::sqrt(1.0 - keep_ * keep_)),
        value_(lines, 0.0),
        draw_(lines, 0.0) {}

  // The samples are numbered over the whole life of the chip.
  void begin_sample(std::uint64_t sample) {
    sample_ = sample;
    step_ = 0;
  }
  Ticks next_change(Ticks now) const { return now < 0 ? 0 : (now / grid_ticks_ + 1) * grid_ticks_; }
  // Moves on to the next grid point.
  void step() {
    stream_.normals(0, (sample_ << 20) + step_, draw_);
    const double keep = step_ == 0 ? 0.0 : keep_;
    const double kick = step_ == 0 ? 1.0 : kick_;
    for (std::size_t k = 0; k < value_.size(); ++k) value_[k] = keep * value_[k] + kick * draw_[k];
    ++step_;
  }
  const std::vector<double>& value() const { return value_; }

 private:
  RandomStream stream_;
  Ticks grid_ticks_;
  double keep_, kick_;
  std::vector<double> value_, draw_;
  std::uint64_t sample_ = 0;
  std::uint64_t step_ = 0;
};

}  // namespace memprop::analog
