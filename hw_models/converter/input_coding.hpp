// Pulse-width coding of inputs: a row stands at full scale for a share of the time, instead of at a
// share of full scale all the time.
#pragma once

#include <cmath>

namespace memprop::hw {

// The constant voltage that draws, from cells with I = G V_0 sinh(V / V_0), the current which a
// pulse of full scale draws in the mean over its period, where mean_v is the mean voltage. Linear
// cells (V_0 = 0) see the mean voltage itself.
inline double pulse_width_voltage(double mean_v, double full_scale_v, double nonlinear_v) {
  if (nonlinear_v == 0.0) return mean_v;
  const double share = mean_v / full_scale_v;
  return nonlinear_v * std::asinh(share * std::sinh(full_scale_v / nonlinear_v));
}

}  // namespace memprop::hw
