#include "analog/memristor/pulse_law.hpp"

#include "analog/memristor/exponential.hpp"
#include "analog/memristor/ideal.hpp"
#include "analog/memristor/linear_step.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {

PulseLaw make_pulse_law(const DeviceConfig& config, std::size_t cells,
                        const RandomStream& fabrication) {
  switch (config.model) {
    case DeviceModel::ideal:
      return ideal_law(config, cells);
    case DeviceModel::constant_step:
    case DeviceModel::soft_bounds:
    case DeviceModel::linear_step:
    case DeviceModel::exp_step:
    case DeviceModel::power_step:
    case DeviceModel::table:
      return linear_step_law(config, cells, fabrication);
    case DeviceModel::exponential:
      return exponential_law(config, cells, fabrication);
  }
  throw InternalError("unknown device model");
}

PulseLaw nominal_pulse_law(const DeviceConfig& config) {
  DeviceConfig nominal = config;
  nominal.step_spread = 0.0;
  nominal.up_down_spread = 0.0;
  nominal.w_max_spread = 0.0;
  nominal.w_min_spread = 0.0;
  nominal.nonlinearity_spread = 0.0;
  nominal.cycle_noise = 0.0;
  nominal.window_cycle_noise = 0.0;
  nominal.write_noise = 0.0;
  nominal.gamma_up_spread = 0.0;
  nominal.gamma_down_spread = 0.0;
  nominal.reference_spread = 0.0;
  return make_pulse_law(nominal, 1, RandomStream(0, "nominal"));
}

}  // namespace memprop::analog
