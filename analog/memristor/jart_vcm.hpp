// JART VCM v1b: valence-change memory HfO2/TiOx with Schottky contact, Joule heating and ion
// hopping. State N: concentration of oxygen vacancies in the disc [1e26/m^3], in [N_min, N_max].
// SET (N grows) at v < 0, RESET at v > 0. Cueppers et al., APL Mater. 7, 091105 (2019),
// doi:10.1063/1.5108654; variability: Bengel et al., IEEE TCAS-I 67, 4618 (2020).
//
//     A = pi r^2,  R_disc = l/(N z e mu_n A),  R_plug = (l_cell - l)/(N_plug z e mu_n A)
//     R_ser = R_TiOx + R_0 (1 + R_0 alpha_l I^2 R_th,line),  v = V_s + I (R_disc + R_plug + R_ser)
//     phi = max(phi_Bn0 - [e^3 z N (phi_Bn0 - phi_n - V_s)/(8 pi^2 (eps_phiB eps_0)^3)]^(1/4), 0)
//     V_s < 0:  W_00 = (e h/4 pi) sqrt(z N/(m_e eps eps_0)),  u = W_00/(k_B T),
//               W_0 = W_00/tanh u,  xi = W_00/(u - tanh u),
//               I = -A (A* T/k_B) sqrt(pi W_00 e (|V_s| + phi/cosh^2 u)) exp(-e phi/W_0)
//                   (exp(e |V_s|/xi) - 1)
//     V_s >= 0: I = A A* T^2 exp(-e phi/(k_B T)) (exp(e V_s/(k_B T)) - 1)
//     T = T_a + I (v - I R_ser) R_th,eff,   R_th,eff = R_th0 (r_det/r)^2, times 0.27 for v > 0
//     E = I R_disc/l (v < 0),  (v - I R_ser)/l_cell (v > 0)
//     gamma = z a E/(pi dW),  dW_min,max = dW e (sqrt(1 - gamma^2) -+ gamma pi/2 + gamma asin
//     gamma) dN/dt = -(c a nu_0/l) [exp(-dW_min/(k_B T)) - exp(-dW_max/(k_B T))] F_lim,  c =
//     (N_plug + N)/2 F_lim = 1 - (N/N_max)^10 (v < 0),  1 - (N_min/N)^10 (v > 0)
// V_s and T are found together for each (N, v). Where two temperatures solve the equations (v > 0
// at large N), the lower one is taken: the branch that continues from a cold device. Where several
// V_s do (v > 0: phi grows with V_s), the lowest: the branch that continues from v = 0.
#pragma once

#include "analog/memristor/state_device.hpp"

namespace memprop::analog {

struct JartVcmParameters {
  double richardson_a_per_m2k2 = 6.01e5;  // A*
  double phi_bn0_v = 0.18, phi_n_v = 0.1;
  double eps = 17.0, eps_phib = 5.5;  // relative
  double mu_n_m2_per_vs = 4e-6;
  double z = 2.0;
  double n_plug = 20.0, n_min = 0.008, n_max = 20.0;  // [1e26/m^3]
  double n_initial = 0.008;
  double a_m = 0.25e-9, nu_0_hz = 2e13, dw_ev = 1.35;  // hopping
  double r_th0_k_per_w = 15.72e6, reset_r_th_factor = 0.27;
  double r_m = 45e-9, r_det_m = 45e-9, l_m = 0.4e-9, l_cell_m = 3e-9;
  double r_tiox_ohm = 650.0, r_0_ohm = 719.2437, r_th_line_k_per_w = 90471.47;
  double alpha_line_per_k = 3.92e-3;
  double t_0_k = 293.0;
};

class JartVcm final : public StateDevice {
 public:
  // Throws UserError for parameters without meaning.
  explicit JartVcm(const JartVcmParameters& parameters = {});
  std::string_view name() const override { return "jart-vcm-v1b"; }
  const std::vector<StateVariable>& variables() const override { return variables_; }
  double current(const double* x, double v, double ambient_k) const override;
  void rate(const double* x, double v, double ambient_k, double* dxdt) const override;
  double nominal_ambient_k() const override { return p_.t_0_k; }

  struct Operating {
    double i_a, v_schottky, t_k;
  };
  // The static solution. Throws AlgebraicSolveFailure where the temperature runs away.
  Operating solve(double n, double v, double ambient_k) const;
  double r_disc_ohm(double n) const;
  double r_plug_ohm() const { return r_plug_; }
  double r_series_ohm(double i) const;

 private:
  double barrier(double n, double v_schottky) const;
  double contact_saturation(double n, double v_schottky, double t_k) const;
  double contact_current(double n, double v_schottky, double t_k) const;
  double contact_voltage(double n, double v, double t_k) const;
  JartVcmParameters p_;
  double area_, r_plug_;
  std::vector<StateVariable> variables_;
};

}  // namespace memprop::analog
