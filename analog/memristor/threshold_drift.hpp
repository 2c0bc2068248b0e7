// Threshold-adaptive models TEAM (current) and VTEAM (voltage). State x in [x_on, x_off] [m].
//
//     dx/dt = k_off (u/u_off - 1)^alpha_off f_off(x)    u > u_off > 0
//           = k_on  (u/u_on  - 1)^alpha_on  f_on(x)     u < u_on  < 0
//           = 0 otherwise: a read below threshold moves nothing; u = i (TEAM) or v (VTEAM)
//     linear       v = [R_on + (R_off - R_on) s] i,  s = (x - x_on)/(x_off - x_on)
//     exponential  v = R_on (R_off/R_on)^s i
//     inverse      i = [(1 - s)/R_on + s/R_off] v    (conductance linear in the state)
//     windows      none: 1;   team: f_off = exp(-exp((x - a_off)/w_c)),
//                                   f_on  = exp(-exp(-(x - a_on)/w_c));
//                  power: f_off = (1 - s)^p_off, f_on = s^p_on
// TEAM: Kvatinsky et al., IEEE TCAS-I 60, 211 (2013), doi:10.1109/TCSI.2012.2215714. VTEAM:
// Kvatinsky et al., IEEE TCAS-II 62, 786 (2015), doi:10.1109/TCSII.2015.2433536.
#pragma once

#include "analog/memristor/state_device.hpp"

namespace memprop::analog {

enum class ThresholdOf { current, voltage };
enum class StateResistance { linear, exponential, inverse };
enum class ThresholdWindow { none, team, power };

struct ThresholdDriftParameters {
  ThresholdOf threshold = ThresholdOf::voltage;
  double k_on_per_s = -10.0, k_off_per_s = 5e-4;  // [m/s], or [1/s] for a normalised state
  double alpha_on = 3.0, alpha_off = 1.0;
  double u_on = -0.2, u_off = 0.02;  // [V] or [A]
  double r_on_ohm = 50.0, r_off_ohm = 1000.0;
  double x_on = 0.0, x_off = 3e-9;  // [m]
  double x0 = 0.0;
  StateResistance resistance = StateResistance::linear;
  ThresholdWindow window = ThresholdWindow::none;
  double a_on = 2.0e-9, a_off = 1.2e-9, w_c = 107e-12;  // team [m]
  double p_on = 1.0, p_off = 1.0;                       // power
};

class ThresholdDrift final : public StateDevice {
 public:
  // Throws UserError for parameters without meaning.
  explicit ThresholdDrift(const ThresholdDriftParameters& parameters);
  std::string_view name() const override {
    return p_.threshold == ThresholdOf::current ? "team" : "vteam";
  }
  const std::vector<StateVariable>& variables() const override { return variables_; }
  double current(const double* x, double v, double ambient_k) const override;
  void rate(const double* x, double v, double ambient_k, double* dxdt) const override;
  double voltage(const double* x, double i, double ambient_k) const override;
  double resistance(double x) const;

 private:
  ThresholdDriftParameters p_;
  std::vector<StateVariable> variables_;
};

}  // namespace memprop::analog
