#include "analog/memristor/threshold_drift.hpp"

#include <algorithm>
#include <cmath>

#include "solvers/error.hpp"

namespace memprop::analog {

ThresholdDrift::ThresholdDrift(const ThresholdDriftParameters& parameters)
    : p_(parameters),
      variables_{{"x", parameters.window == ThresholdWindow::power ? "1" : "m", parameters.x_on,
                  parameters.x_off, parameters.x0, false}} {
  if (!(p_.k_on_per_s < 0.0 && p_.k_off_per_s > 0.0 && p_.u_on < 0.0 && p_.u_off > 0.0 &&
        p_.r_on_ohm > 0.0 && p_.r_off_ohm > p_.r_on_ohm && p_.x_off > p_.x_on && p_.x0 >= p_.x_on &&
        p_.x0 <= p_.x_off && p_.w_c > 0.0 && p_.alpha_on > 0.0 && p_.alpha_off > 0.0)) {
    throw UserError(
        "threshold drift: expected k_on < 0 < k_off, u_on < 0 < u_off, 0 < r_on < r_off, x_on <= "
        "x0 <= x_off and positive exponents, got other values");
  }
}

double ThresholdDrift::resistance(double x) const {
  const double s = (x - p_.x_on) / (p_.x_off - p_.x_on);
  switch (p_.resistance) {
    case StateResistance::linear:
      return p_.r_on_ohm + (p_.r_off_ohm - p_.r_on_ohm) * s;
    case StateResistance::exponential:
      return p_.r_on_ohm * std::pow(p_.r_off_ohm / p_.r_on_ohm, s);
    case StateResistance::inverse:
      return 1.0 / ((1.0 - s) / p_.r_on_ohm + s / p_.r_off_ohm);
  }
  throw InternalError("unknown resistance of the state");
}

double ThresholdDrift::current(const double* x, double v, double) const {
  return v / resistance(x[0]);
}

double ThresholdDrift::voltage(const double* x, double i, double) const {
  return i * resistance(x[0]);
}

void ThresholdDrift::rate(const double* x, double v, double ambient_k, double* dxdt) const {
  const double u = p_.threshold == ThresholdOf::voltage ? v : current(x, v, ambient_k);
  dxdt[0] = 0.0;
  const bool off = u > p_.u_off;
  if (!off && !(u < p_.u_on)) return;
  double window = 1.0;
  const double s = std::clamp((x[0] - p_.x_on) / (p_.x_off - p_.x_on), 0.0, 1.0);
  if (p_.window == ThresholdWindow::team) {
    window = off ? std::exp(-std::exp((x[0] - p_.a_off) / p_.w_c))
                 : std::exp(-std::exp(-(x[0] - p_.a_on) / p_.w_c));
  } else if (p_.window == ThresholdWindow::power) {
    window = off ? std::pow(1.0 - s, p_.p_off) : std::pow(s, p_.p_on);
  }
  dxdt[0] = window * (off ? p_.k_off_per_s * std::pow(u / p_.u_off - 1.0, p_.alpha_off)
                          : p_.k_on_per_s * std::pow(u / p_.u_on - 1.0, p_.alpha_on));
}

}  // namespace memprop::analog
