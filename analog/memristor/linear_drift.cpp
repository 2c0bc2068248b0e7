#include "analog/memristor/linear_drift.hpp"

#include <cmath>

#include "solvers/error.hpp"

namespace memprop::analog {

double drift_window(DriftWindow window, double x, bool forward, double p, double j) {
  switch (window) {
    case DriftWindow::none:
      return 1.0;
    case DriftWindow::joglekar:
      // |2x - 1| keeps a real exponent p meaningful left of the middle.
      return 1.0 - std::pow(std::fabs(2.0 * x - 1.0), 2.0 * p);
    case DriftWindow::biolek:
      return 1.0 - std::pow(std::fabs(x - (forward ? 0.0 : 1.0)), 2.0 * p);
    case DriftWindow::prodromakis:
      return j * (1.0 - std::pow((x - 0.5) * (x - 0.5) + 0.75, p));
  }
  throw InternalError("unknown drift window");
}

LinearDrift::LinearDrift(const LinearDriftParameters& parameters)
    : p_(parameters),
      k_(parameters.mobility_m2_per_vs * parameters.r_on_ohm /
         (parameters.thickness_m * parameters.thickness_m)),
      variables_{{"x", "1", 0.0, 1.0, parameters.x0, false}} {
  if (!(p_.r_on_ohm > 0.0 && p_.r_off_ohm > p_.r_on_ohm && p_.thickness_m > 0.0 && k_ > 0.0 &&
        std::isfinite(k_) && p_.p > 0.0 && p_.x0 >= 0.0 && p_.x0 <= 1.0 &&
        std::fabs(p_.eta) == 1.0)) {
    throw UserError(
        "linear drift: expected 0 < r_on < r_off, positive thickness, mobility and p, x0 from 0 "
        "to 1 and eta of 1 or -1, got other values");
  }
}

double LinearDrift::resistance(double x) const {
  return p_.r_on_ohm * x + p_.r_off_ohm * (1.0 - x);
}

double LinearDrift::current(const double* x, double v, double) const {
  return v / resistance(x[0]);
}

double LinearDrift::voltage(const double* x, double i, double) const {
  return i * resistance(x[0]);
}

void LinearDrift::rate(const double* x, double v, double, double* dxdt) const {
  const double drift = p_.eta * v / resistance(x[0]);
  dxdt[0] = k_ * drift * drift_window(p_.window, x[0], drift > 0.0, p_.p, p_.j);
}

}  // namespace memprop::analog
