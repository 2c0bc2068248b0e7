#include "analog/memristor/linear_step.hpp"

#include <algorithm>
#include <cmath>

namespace memprop::analog {
namespace {

// Which quantity a fabrication draw belongs to: the event of its random number.
enum Draw : std::uint64_t {
  kStep = 0,
  kUpDown = 1,
  kUpperBound = 2,
  kLowerBound = 3,
  kGammaUp = 4,
  kGammaDown = 5,
  kReference = 6
};

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

PulseCurve curve_of(const DeviceConfig& config) {
  PulseCurve curve;
  switch (config.model) {
    case DeviceModel::exp_step:
      curve.kind = PulseCurve::Kind::exp_step;
      curve.a = config.exp_a;
      curve.b = config.exp_b;
      curve.gamma_up = config.exp_gamma_up;
      curve.gamma_down = config.exp_gamma_down;
      curve.a_up = config.exp_up;
      curve.a_down = config.exp_down;
      break;
    case DeviceModel::power_step:
      curve.kind = PulseCurve::Kind::power_step;
      break;
    case DeviceModel::table:
      curve.kind = PulseCurve::Kind::table;
      curve.table_up = config.table_up;
      curve.table_down = config.table_down;
      curve.table_nodes = config.table_nodes;
      curve.table_begin = config.w_min;
      curve.table_per_state =
          static_cast<double>(config.table_up.size() - 1) / (config.w_max - config.w_min);
      break;
    default:
      break;
  }
  return curve;
}

}  // namespace

PulseLaw linear_step_law(const DeviceConfig& config, std::size_t cells,
                         const RandomStream& fabrication) {
  const bool linear = config.model == DeviceModel::linear_step;
  const bool soft = config.model == DeviceModel::soft_bounds || linear;
  const bool power = config.model == DeviceModel::power_step;
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
  law.curve = curve_of(config);
  const bool curved = law.curve.kind != PulseCurve::Kind::line;
  if (curved && config.cycle_noise != 0.0 &&
      (config.cycle_noise_floor != 0.0 || config.cycle_noise_slope != 0.0)) {
    law.cycle_noise = CycleNoise::of_state;
    law.cycle_floor = config.cycle_noise_floor;
    law.cycle_slope = config.cycle_noise_slope;
  }

  const Spread step(fabrication, cells, kStep, config.step_spread);
  const Spread up_down(fabrication, cells, kUpDown, config.up_down_spread);
  const Spread upper(fabrication, cells, kUpperBound, config.w_max_spread);
  const Spread lower(fabrication, cells, kLowerBound, config.w_min_spread);
  const bool gammas = linear || power;
  const Spread gamma_up(fabrication, cells, kGammaUp, gammas ? config.gamma_up_spread : 0.0);
  const Spread gamma_down(fabrication, cells, kGammaDown, gammas ? config.gamma_down_spread : 0.0);
  const bool reference = config.model == DeviceModel::soft_bounds &&
                         (config.reference_at_symmetry || config.reference_spread != 0.0);
  const Spread reference_offset(fabrication, cells, kReference,
                                reference ? config.reference_spread : 0.0);
  const double bias_up = std::min(config.up_down, 0.0);
  const double bias_down = -std::max(config.up_down, 0.0);
  const double zero_conductance = -law.offset / law.scale;

  for (auto* values : {&law.up_step, &law.down_step, &law.low, &law.high}) values->resize(cells);
  if (soft) {
    law.up_slope.resize(cells);
    law.down_slope.resize(cells);
  }
  if (curved && config.model != DeviceModel::table) law.curve.devices.resize(cells);
  for (std::size_t k = 0; k < cells; ++k) {
    const double factor = config.step_spread_lognormal ? std::exp(step[k]) : 1.0 + step[k];
    const double up = config.step * std::max(factor + bias_up + up_down[k], 0.0);
    const double down = config.step * std::max(factor + bias_down - up_down[k], 0.0);
    const double b_max = config.w_max * std::max(1.0 + upper[k], 0.0);
    const double b_min = config.w_min * std::max(1.0 + lower[k], 0.0);
    law.up_step[k] = up;
    law.down_step[k] = -down;
    const double g_up = config.gamma_up * std::max(1.0 + gamma_up[k], 0.0);
    const double g_down = config.gamma_down * std::max(1.0 + gamma_down[k], 0.0);
    if (soft) {
      const bool nominal = linear && config.slope_of_nominal_bound;
      law.up_slope[k] = slope_to(nominal ? config.w_max : b_max, up);
      law.down_slope[k] = slope_to(nominal ? config.w_min : b_min, -down);
      if (linear) {
        law.up_slope[k] *= g_up;
        law.down_slope[k] *= g_down;
      }
    }
    if (!law.curve.devices.empty()) law.curve.devices[k] = {b_min, b_max, g_up, g_down};
    double shift = 0.0;
    if (reference) {
      // Both slopes are negative, or 0 where the bound is.
      const double slopes = law.up_slope[k] + law.down_slope[k];
      if (config.reference_at_symmetry && slopes != 0.0) {
        shift = std::clamp((down - up) / slopes, b_min, b_max);
      }
      shift += reference_offset[k];
      law.up_step[k] += law.up_slope[k] * shift;
      law.down_step[k] += law.down_slope[k] * shift;
    }
    law.low[k] = std::max(b_min - shift, zero_conductance);
    law.high[k] = std::max(b_max - shift, law.low[k]);
  }
  return law;
}

}  // namespace memprop::analog
