#include "analog/memristor/yakopcic.hpp"

#include <cmath>

#include "solvers/error.hpp"

namespace memprop::analog {

Yakopcic::Yakopcic(const YakopcicParameters& parameters)
    : p_(parameters), variables_{{"x", "1", 0.0, 1.0, parameters.x0, false}} {
  if (!(p_.a1_a > 0.0 && p_.a2_a > 0.0 && p_.b_per_v > 0.0 && p_.v_p >= 0.0 && p_.v_n >= 0.0 &&
        p_.a_p_per_s >= 0.0 && p_.a_n_per_s >= 0.0 && p_.x_p >= 0.0 && p_.x_p < 1.0 &&
        p_.x_n >= 0.0 && p_.x_n < 1.0 && p_.x0 >= 0.0 && p_.x0 <= 1.0 &&
        std::fabs(p_.eta) == 1.0)) {
    throw UserError(
        "yakopcic: expected positive a1, a2, b, thresholds and rates of 0 or more, x_p and x_n "
        "from 0 to below 1, x0 from 0 to 1 and eta of 1 or -1, got other values");
  }
}

double Yakopcic::current(const double* x, double v, double) const {
  return (v >= 0.0 ? p_.a1_a : p_.a2_a) * x[0] * std::sinh(p_.b_per_v * v);
}

double Yakopcic::drive(double v) const {
  if (v > p_.v_p) return p_.a_p_per_s * (std::exp(v) - std::exp(p_.v_p));
  if (v < -p_.v_n) return -p_.a_n_per_s * (std::exp(-v) - std::exp(p_.v_n));
  return 0.0;
}

void Yakopcic::rate(const double* x, double v, double, double* dxdt) const {
  double f = 1.0;
  if (p_.eta * v >= 0.0) {
    if (x[0] >= p_.x_p) {
      f = std::exp(-p_.alpha_p * (x[0] - p_.x_p)) * ((p_.x_p - x[0]) / (1.0 - p_.x_p) + 1.0);
    }
  } else if (x[0] <= 1.0 - p_.x_n) {
    f = std::exp(p_.alpha_n * (x[0] + p_.x_n - 1.0)) * x[0] / (1.0 - p_.x_n);
  }
  dxdt[0] = p_.eta * drive(v) * f;
}

}  // namespace memprop::analog
