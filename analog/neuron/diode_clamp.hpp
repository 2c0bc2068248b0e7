// Two diodes that hold a node between two rails (ep-circuits 2.3, circuit 3):
//
//     I_clamp = I_S [ exp((V - V_hi) / n U_T) - exp((V_lo - V) / n U_T) ]      [A], out of the node
//
// With n U_T small against V_hi - V_lo the node behind a resistor follows a hard sigmoid. Beyond
// the exponent `largest_exponent` a diode goes on as its tangent, as its series resistance would
// have it: a trial step of the integration may go anywhere.
#pragma once

#include <cmath>

namespace memprop::analog {

struct DiodeClamp {
  bool on = false;
  double saturation_a = 1e-9;  // I_S
  double high_v = 1.0;         // V_hi
  double low_v = 0.0;          // V_lo
  double slope_v = 0.036;      // n U_T

  static constexpr double largest_exponent = 60.0;

  double current(double v) const {
    return diode((v - high_v) / slope_v) - diode((low_v - v) / slope_v);
  }

 private:
  double diode(double x) const {
    if (x <= largest_exponent) return saturation_a * std::exp(x);
    return saturation_a * std::exp(largest_exponent) * (1.0 + x - largest_exponent);
  }
};

}  // namespace memprop::analog
