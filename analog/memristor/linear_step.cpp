#include "analog/memristor/linear_step.hpp"

#include <algorithm>
#include <cmath>

namespace memprop::analog {
namespace {

// Which quantity a fabrication draw belongs to: the event of its random number.
enum Draw : std::uint64_t { kStep = 0, kUpDown = 1, kUpperBound = 2, kLowerBound = 3 };

class Spread {
 public:
  Spread(const RandomStream& stream, std::size_t cells, Draw draw, double sigma)
      : sigma_(sigma), xi_(sigma != 0.0 ? cells : 0) {
    stream.normals(0, draw, xi_);
  }
  double operator[](std::size_t cell) const { return sigma_ != 0.0 ? sigma_ * xi_[cell] : 0.0; }

 private:
  double sigma_;
  std::vector<double> xi_;
};

// A bound of 0 has no soft approach: the step stays whole until the clip.
double slope_to(double bound, double step) { return bound != 0.0 ? -step / bound : 0.0; }

}  // namespace

PulseLaw linear_step_law(const DeviceConfig& config, std::size_t cells,
                         const RandomStream& fabrication) {
  const bool soft = config.model == DeviceModel::soft_bounds;
  PulseLaw law;
  law.scale = (config.g_max_s - config.g_min_s) / (config.w_max - config.w_min);
  law.offset = config.g_min_s - law.scale * config.w_min;
  law.initial =
      config.w_min <= 0.0 && config.w_max >= 0.0 ? 0.0 : 0.5 * (config.w_min + config.w_max);
  law.cycle_sigma = config.cycle_noise;
  law.write_sigma = config.write_noise * config.step;
  if (config.cycle_noise != 0.0) {
    law.cycle_noise =
        soft && config.cycle_noise_additive ? CycleNoise::of_step : CycleNoise::of_change;
  }

  const Spread step(fabrication, cells, kStep, config.step_spread);
  const Spread up_down(fabrication, cells, kUpDown, config.up_down_spread);
  const Spread upper(fabrication, cells, kUpperBound, config.w_max_spread);
  const Spread lower(fabrication, cells, kLowerBound, config.w_min_spread);
  const double bias_up = std::min(config.up_down, 0.0);
  const double bias_down = -std::max(config.up_down, 0.0);
  const double zero_conductance = -law.offset / law.scale;

  for (auto* values : {&law.up_step, &law.down_step, &law.low, &law.high}) values->resize(cells);
  if (soft) {
    law.up_slope.resize(cells);
    law.down_slope.resize(cells);
  }
  for (std::size_t k = 0; k < cells; ++k) {
    const double factor = config.step_spread_lognormal ? std::exp(step[k]) : 1.0 + step[k];
    const double up = config.step * std::max(factor + bias_up + up_down[k], 0.0);
    const double down = config.step * std::max(factor + bias_down - up_down[k], 0.0);
    const double b_max = config.w_max * std::max(1.0 + upper[k], 0.0);
    const double b_min = config.w_min * std::max(1.0 + lower[k], 0.0);
    law.up_step[k] = up;
    law.down_step[k] = -down;
    if (soft) {
      law.up_slope[k] = slope_to(b_max, up);
      law.down_slope[k] = slope_to(b_min, -down);
    }
    law.low[k] = std::max(b_min, zero_conductance);
    law.high[k] = std::max(b_max, law.low[k]);
  }
  return law;
}

}  // namespace memprop::analog
