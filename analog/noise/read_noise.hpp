// White noise of one read: i = G v + sqrt(4 k_B T G B) xi + sqrt(2 q |i| B) xi' + G v sigma xi''
// (thermal, shot of a tunnelling gap, and of the device, relative).
#pragma once

#include <cmath>

namespace memprop::analog {

struct ReadNoiseConfig {
  bool thermal = false;
  bool shot = false;      // only for devices that conduct through a tunnelling gap
  double relative = 0.0;  // sigma of the device
  double bandwidth_hz = 100e6;
  double temperature_k = 300.0;
};

// One-sided density of the thermal current noise of a conductance [A^2/Hz].
inline double thermal_density(double conductance_s, double temperature_k) {
  return 4.0 * 1.380649e-23 * temperature_k * conductance_s;
}
// Of the shot noise of a current.
inline double shot_density(double current_a) {
  return 2.0 * 1.602176634e-19 * std::fabs(current_a);
}
// Spread of a read of conductance_s at v: the root of the sum of the variances [A].
inline double read_noise_sigma_a(const ReadNoiseConfig& config, double conductance_s, double v) {
  const double i = conductance_s * v;
  double variance = config.relative * config.relative * i * i;
  if (config.thermal) {
    variance += thermal_density(conductance_s, config.temperature_k) * config.bandwidth_hz;
  }
  if (config.shot) variance += shot_density(i) * config.bandwidth_hz;
  return std::sqrt(variance);
}

}  // namespace memprop::analog
