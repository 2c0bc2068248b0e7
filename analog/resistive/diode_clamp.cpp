#include "analog/resistive/diode_clamp.hpp"

#include <cmath>

namespace memprop::analog {

double diode_current(const DiodeConfig& config, double v) {
  constexpr double most = 40.0;
  const double x = v / config.slope_v;
  if (x <= most) return config.saturation_a * std::expm1(x);
  const double at_most = std::exp(most);
  return config.saturation_a * (at_most * (1.0 + (x - most)) - 1.0);
}

double clamp_current(const DiodeConfig& config, double v, double low_v, double high_v) {
  double current = 0.0;
  if (std::isfinite(high_v)) current += diode_current(config, v - high_v);
  if (std::isfinite(low_v)) current -= diode_current(config, low_v - v);
  return current;
}

}  // namespace memprop::analog
