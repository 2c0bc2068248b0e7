// The Stanford/PKU RRAM model. State g: length of the tunnelling gap [m], in [g_min, g_max].
//
//     i     = I_0 exp(-g/g_0) sinh(v/V_0)
//     T     = T_a + |v i| R_th
//     gamma = gamma_0 - beta (g/1 nm)^3, 0 if gamma |v|/t_ox < F_min; gamma_0 = 16 for v < 0
//     dg/dt = -vel_0 exp(-q E_a/(k_B T)) sinh(gamma a_0 q v/(t_ox k_B T))
// v > 0 closes the gap (SET). Jiang and Wong, Stanford RRAM Verilog-A model 1.0.0 (2014),
// doi:10.4231/D37H1DN48; Jiang et al., IEEE TED 63, 1884 (2016); Guan, Yu, Wong, IEEE EDL 33, 1405
// (2012). The fluctuation of the gap is white noise in time and so no part of the rate: add
// gap_fluctuation_m() times a normal once per pulse.
#pragma once

#include "analog/memristor/state_device.hpp"

namespace memprop::analog {

struct StanfordRramParameters {
  double g_0_m = 0.25e-9, v_0_v = 0.25, i_0_a = 1e-3;
  double vel_0_m_per_s = 10.0, e_a_ev = 0.6, a_0_m = 0.25e-9;
  double gamma_0 = 16.0, beta = 0.8, t_ox_m = 12e-9, f_min_v_per_m = 1.4e9;
  double r_th_k_per_w = 2.1e3, t_0_k = 298.0;
  double g_min_m = 0.2e-9, g_max_m = 1.7e-9, g_initial_m = 1.7e-9;
  double t_crit_k = 450.0, t_smth_k = 500.0, delta_g_m = 0.02e-9;  // fluctuation
};

class StanfordRram final : public StateDevice {
 public:
  // Throws UserError for parameters without meaning.
  explicit StanfordRram(const StanfordRramParameters& parameters = {});
  std::string_view name() const override { return "stanford-rram"; }
  const std::vector<StateVariable>& variables() const override { return variables_; }
  double current(const double* x, double v, double ambient_k) const override;
  void rate(const double* x, double v, double ambient_k, double* dxdt) const override;
  double nominal_ambient_k() const override { return p_.t_0_k; }
  double temperature_k(const double* x, double v, double ambient_k) const;
  // delta_g/(1 + exp((T_crit - T)/T_smth)) [m].
  double gap_fluctuation_m(const double* x, double v, double ambient_k) const;

 private:
  StanfordRramParameters p_;
  std::vector<StateVariable> variables_;
};

}  // namespace memprop::analog
