// Current of a device against the voltage of a read, at conductance G. Odd in v, so that the device
// conducts alike in both directions and the crossbar read forwards and backwards uses one law.
//
//     sinh   i = G v_0 sinh(v/v_0)             G: conductance at small signals; v_0 = infinity:
//     ohmic cubic  i = G v (1 + (v/v_3)^2)
#pragma once

#include <cmath>
#include <limits>

namespace memprop::analog {

struct NonlinearIv {
  double sinh_v = std::numeric_limits<double>::infinity();   // v_0
  double cubic_v = std::numeric_limits<double>::infinity();  // v_3

  double current(double conductance_s, double v) const {
    const double cubic = 1.0 + (v / cubic_v) * (v / cubic_v);
    const double ohmic = std::isinf(sinh_v) ? v : sinh_v * std::sinh(v / sinh_v);
    return conductance_s * ohmic * cubic;
  }
  // di/dv [S].
  double slope(double conductance_s, double v) const {
    const double cubic = 1.0 + (v / cubic_v) * (v / cubic_v);
    const double ohmic = std::isinf(sinh_v) ? v : sinh_v * std::sinh(v / sinh_v);
    const double ohmic_slope = std::isinf(sinh_v) ? 1.0 : std::cosh(v / sinh_v);
    return conductance_s * (ohmic_slope * cubic + ohmic * 2.0 * v / (cubic_v * cubic_v));
  }
  // What i/v at v_read is relative to G: divide by it to give G the meaning of a read there.
  double read_gain(double v_read) const { return current(1.0, v_read) / v_read; }
};

}  // namespace memprop::analog
