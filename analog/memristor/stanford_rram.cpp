#include "analog/memristor/stanford_rram.hpp"

#include <cmath>

#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

constexpr double kVoltPerKelvin = 1.380649e-23 / 1.602176634e-19;  // k_B/q
constexpr double kResetGamma = 16.0;                               // fixed in the reference code

}  // namespace

StanfordRram::StanfordRram(const StanfordRramParameters& parameters)
    : p_(parameters),
      variables_{
          {"gap", "m", parameters.g_min_m, parameters.g_max_m, parameters.g_initial_m, false}} {
  if (!(p_.g_min_m >= 0.0 && p_.g_max_m > p_.g_min_m && p_.g_initial_m >= p_.g_min_m &&
        p_.g_initial_m <= p_.g_max_m && p_.g_0_m > 0.0 && p_.v_0_v > 0.0 && p_.i_0_a > 0.0 &&
        p_.t_ox_m > 0.0 && p_.t_0_k > 0.0 && p_.r_th_k_per_w >= 0.0)) {
    throw UserError(
        "stanford rram: expected 0 <= g_min <= g_initial <= g_max and positive g_0, V_0, I_0, "
        "t_ox and T_0, got other values");
  }
}

double StanfordRram::current(const double* x, double v, double) const {
  return p_.i_0_a * std::exp(-x[0] / p_.g_0_m) * std::sinh(v / p_.v_0_v);
}

double StanfordRram::temperature_k(const double* x, double v, double ambient_k) const {
  return ambient_k + std::fabs(v * current(x, v, ambient_k)) * p_.r_th_k_per_w;
}

void StanfordRram::rate(const double* x, double v, double ambient_k, double* dxdt) const {
  const double gap_nm = x[0] * 1e9;
  const double gamma_0 = v >= 0.0 ? p_.gamma_0 : kResetGamma;
  double gamma = gamma_0 - p_.beta * gap_nm * gap_nm * gap_nm;
  if (gamma * std::fabs(v) / p_.t_ox_m < p_.f_min_v_per_m) gamma = 0.0;
  const double kt_v = kVoltPerKelvin * temperature_k(x, v, ambient_k);
  dxdt[0] = -p_.vel_0_m_per_s * std::exp(-p_.e_a_ev / kt_v) *
            std::sinh(gamma * p_.a_0_m * v / (p_.t_ox_m * kt_v));
}

double StanfordRram::gap_fluctuation_m(const double* x, double v, double ambient_k) const {
  const double t = temperature_k(x, v, ambient_k);
  return p_.delta_g_m / (1.0 + std::exp((p_.t_crit_k - t) / p_.t_smth_k));
}

}  // namespace memprop::analog
