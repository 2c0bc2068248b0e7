// Linear ion drift, the HP memristor (Strukov, Snider, Stewart, Williams, Nature 453, 80 (2008)),
// with a window. State x = w/D in [0, 1].
//
//     M(x) = R_on x + R_off (1 - x),  v = M i,  dx/dt = eta k i f(x, i),  k = mu_v R_on/D^2 [1/C]
//     none         f = 1
//     joglekar     f = 1 - (2x - 1)^(2p)                    locks at both ends
//     biolek       f = 1 - (x - stp(-eta i))^(2p)           stp(u) = 1 for u >= 0, else 0
//     prodromakis  f = j (1 - [(x - 0.5)^2 + 0.75]^p)
// Joglekar and Wolf, Eur. J. Phys. 30, 661 (2009); Biolek et al., Radioengineering 18, 210 (2009);
// Prodromakis et al., IEEE TED 58, 3099 (2011). A read disturbs the state: there is no threshold.
#pragma once

#include "analog/memristor/state_device.hpp"

namespace memprop::analog {

enum class DriftWindow { none, joglekar, biolek, prodromakis };

struct LinearDriftParameters {
  double r_on_ohm = 100.0;
  double r_off_ohm = 16e3;
  double thickness_m = 10e-9;         // D
  double mobility_m2_per_vs = 1e-14;  // mu_v
  double x0 = 0.1;
  double eta = 1.0;  // +1: a positive current lowers the resistance; -1: raises it
  DriftWindow window = DriftWindow::none;
  double p = 1.0;  // exponent of the window
  double j = 1.0;  // height of Prodromakis's window
};

// f(x, i) of the window; `forward` is the sign of eta i.
double drift_window(DriftWindow window, double x, bool forward, double p, double j);

class LinearDrift final : public StateDevice {
 public:
  // Throws UserError for parameters without meaning.
  explicit LinearDrift(const LinearDriftParameters& parameters);
  std::string_view name() const override { return "linear-drift"; }
  const std::vector<StateVariable>& variables() const override { return variables_; }
  double current(const double* x, double v, double ambient_k) const override;
  void rate(const double* x, double v, double ambient_k, double* dxdt) const override;
  double voltage(const double* x, double i, double ambient_k) const override;
  double resistance(double x) const;
  // Drift per charge at full window [1/C].
  double drift_per_charge() const { return k_; }

 private:
  LinearDriftParameters p_;
  double k_;
  std::vector<StateVariable> variables_;
};

}  // namespace memprop::analog
