#include "analog/memristor/jart_vcm.hpp"

#include <algorithm>
#include <cmath>

#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

// The published fit was made with these rounded constants.
constexpr double kE = 1.602e-19, kB = 1.3807e-23, kH = 6.626e-34;
constexpr double kMass = 9.10938e-31, kEps0 = 8.854e-12, kPi = 3.14159265358979323846;
constexpr double kPerUnit = 1e26;  // of the concentration
constexpr double kHottest = 5000.0;

double pow10th(double x) {
  const double x2 = x * x, x4 = x2 * x2;
  return x4 * x4 * x2;
}

// A root of f between a and b, where f changes sign: regula falsi with the Illinois correction,
// bisection where that creeps.
template <class F>
double root(F&& f, double a, double fa, double b, double fb, double tolerance) {
  int same = 0;
  for (int k = 0; k < 200 && std::fabs(b - a) > tolerance; ++k) {
    double c = k % 5 == 4 ? 0.5 * (a + b) : b - fb * (b - a) / (fb - fa);
    if (!(c > std::min(a, b) && c < std::max(a, b))) c = 0.5 * (a + b);
    const double fc = f(c);
    if (fc == 0.0) return c;
    if ((fc > 0.0) == (fb > 0.0)) {
      if (same == 1) fa *= 0.5;
      b = c, fb = fc, same = 1;
    } else {
      if (same == -1) fb *= 0.5;
      a = c, fa = fc, same = -1;
    }
  }
  return 0.5 * (a + b);
}

}  // namespace

JartVcm::JartVcm(const JartVcmParameters& parameters)
    : p_(parameters),
      area_(kPi * parameters.r_m * parameters.r_m),
      r_plug_(
          (parameters.l_cell_m - parameters.l_m) /
          (parameters.n_plug * kPerUnit * parameters.z * kE * parameters.mu_n_m2_per_vs * area_)),
      variables_{
          {"N", "1e26/m^3", parameters.n_min, parameters.n_max, parameters.n_initial, true}} {
  if (!(p_.n_min > 0.0 && p_.n_max > p_.n_min && p_.n_initial >= p_.n_min &&
        p_.n_initial <= p_.n_max && p_.r_m > 0.0 && p_.l_m > 0.0 && p_.l_cell_m > p_.l_m &&
        p_.t_0_k > 0.0 && p_.dw_ev > 0.0)) {
    throw UserError(
        "jart vcm: expected 0 < n_min <= n_initial <= n_max, 0 < l < l_cell and positive r, T_0 "
        "and dW, got other values");
  }
}

double JartVcm::r_disc_ohm(double n) const {
  return p_.l_m / (n * kPerUnit * p_.z * kE * p_.mu_n_m2_per_vs * area_);
}

double JartVcm::r_series_ohm(double i) const {
  return p_.r_tiox_ohm +
         p_.r_0_ohm * (1.0 + p_.r_0_ohm * p_.alpha_line_per_k * i * i * p_.r_th_line_k_per_w);
}

double JartVcm::barrier(double n, double v_s) const {
  const double density = n * kPerUnit * p_.z;
  const double depth = p_.phi_bn0_v - p_.phi_n_v - v_s;
  if (!(depth > 0.0)) return p_.phi_bn0_v;
  const double eps = p_.eps_phib * kEps0;
  const double lowering = kE * kE * kE * density * depth / (8.0 * kPi * kPi * eps * eps * eps);
  return std::max(p_.phi_bn0_v - std::sqrt(std::sqrt(lowering)), 0.0);
}

double JartVcm::contact_saturation(double n, double v_s, double t) const {
  return area_ * p_.richardson_a_per_m2k2 * t * t * std::exp(-kE * barrier(n, v_s) / (kB * t));
}

double JartVcm::contact_current(double n, double v_s, double t) const {
  if (v_s >= 0.0) return contact_saturation(n, v_s, t) * std::expm1(kE * v_s / (kB * t));
  const double density = n * kPerUnit * p_.z;
  const double phi = barrier(n, v_s);
  const double w_00 = kE * kH / (4.0 * kPi) * std::sqrt(density / (kMass * p_.eps * kEps0));
  const double u = w_00 / (kB * t);
  const double tanh_u = std::tanh(u);
  const double cosh_u = std::cosh(u);
  const double w_0 = w_00 / tanh_u;
  const double xi = w_00 / (u - tanh_u);
  return -area_ * p_.richardson_a_per_m2k2 * t / kB *
         std::sqrt(kPi * w_00 * kE * (-v_s + phi / (cosh_u * cosh_u))) * std::exp(-kE * phi / w_0) *
         std::expm1(-kE * v_s / xi);
}

// The drop at the contact when the whole cell carries v at temperature t.
double JartVcm::contact_voltage(double n, double v, double t) const {
  const double r = r_disc_ohm(n) + r_plug_;
  const auto excess = [&](double v_s) {
    const double i = contact_current(n, v_s, t);
    return v_s + i * (r + r_series_ohm(i)) - v;
  };
  const double accuracy = 1e-15 + 1e-14 * std::fabs(v);
  if (v > 0.0) {
    // The barrier grows with V_s, so that the current can fall and three solutions exist. The one
    // that continues from V_s = 0 is wanted: its current is below v/R, so climbing with the barrier
    // of the last V_s, V_s <- (kT/e) ln(1 + (v/R)/(A A* T^2) exp(e phi/kT)), comes to the first
    // voltage behind it and meets no other before.
    const double kt = kB * t / kE;
    const double most = v / (r + r_series_ohm(0.0));
    double below = 0.0, f_below = -v;
    for (int climb = 0; climb < 200; ++climb) {
      // I = saturation (exp(V_s/kT) - 1), with the barrier at `below`.
      const double saturation = contact_saturation(n, below, t);
      const double next = kt * std::log1p(most / saturation);
      if (!(next < v) || next <= below) break;
      const double f_next = excess(next);
      if (f_next >= 0.0) return root(excess, below, f_below, next, f_next, accuracy);
      below = next;
      f_below = f_next;
    }
    return root(excess, below, f_below, v, excess(v), accuracy);
  }
  // At V_s = 0 no current flows; at V_s = v the series resistances would carry one beyond v.
  return root(excess, 0.0, -v, v, excess(v), accuracy);
}

JartVcm::Operating JartVcm::solve(double n, double v, double ambient_k) const {
  if (v == 0.0) return {0.0, 0.0, ambient_k};
  const double ratio = p_.r_det_m / p_.r_m;
  const double r_th = p_.r_th0_k_per_w * ratio * ratio * (v > 0.0 ? p_.reset_r_th_factor : 1.0);
  const auto at = [&](double t) {
    const double v_s = contact_voltage(n, v, t);
    return Operating{contact_current(n, v_s, t), v_s, t};
  };
  // How far the temperature lies above what the dissipation sustains.
  const auto excess = [&](double t) {
    const double i = at(t).i_a;
    return t - ambient_k - i * (v - i * r_series_ohm(i)) * r_th;
  };
  // T <- T_a + P(T) R_th climbs from below towards the lowest solution and never passes it; steps
  // of a few percent beyond it find the bracket.
  double below = ambient_k, f_below = excess(below);
  double above = below - f_below, f_above = 0.0;
  for (;;) {
    above = std::max(above, below * 1.0001) + 1e-3 * (above - below);
    f_above = excess(above);
    if (f_above >= 0.0) break;
    const double climb = -f_above;
    below = above;
    f_below = f_above;
    above = below + std::max(climb, 0.01 * below);
    if (above > kHottest) {
      throw AlgebraicSolveFailure("JART: the temperature of the filament runs away", 0.0, 0);
    }
  }
  return at(root(excess, below, f_below, above, f_above, 1e-10 * above));
}

double JartVcm::current(const double* x, double v, double ambient_k) const {
  return solve(x[0], v, ambient_k).i_a;
}

void JartVcm::rate(const double* x, double v, double ambient_k, double* dxdt) const {
  dxdt[0] = 0.0;
  if (v == 0.0) return;
  const double n = x[0];
  const Operating o = solve(n, v, ambient_k);
  const double field =
      v < 0.0 ? o.i_a * r_disc_ohm(n) / p_.l_m : (v - o.i_a * r_series_ohm(o.i_a)) / p_.l_cell_m;
  const double gamma = std::clamp(p_.z * p_.a_m * field / (kPi * p_.dw_ev), -1.0, 1.0);
  const double even = std::sqrt(1.0 - gamma * gamma) + gamma * std::asin(gamma);
  const double odd = 0.5 * kPi * gamma;
  const double per_kt = p_.dw_ev * kE / (kB * o.t_k);
  const double hops = std::exp(-per_kt * (even - odd)) - std::exp(-per_kt * (even + odd));
  const double limit = v < 0.0 ? 1.0 - pow10th(n / p_.n_max) : 1.0 - pow10th(p_.n_min / n);
  dxdt[0] = -0.5 * (p_.n_plug + n) * p_.a_m * p_.nu_0_hz / p_.l_m * hops * limit;
}

}  // namespace memprop::analog
