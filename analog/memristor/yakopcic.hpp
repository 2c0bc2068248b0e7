// The generalised memristor of Yakopcic et al., IEEE EDL 32, 1436 (2011); IEEE TCAD 32, 1201
// (2013). State x in [0, 1].
//
//     i = a1 x sinh(b v) (v >= 0),  a2 x sinh(b v) (v < 0)
//     g(v) = A_p (e^v - e^V_p) (v > V_p),  -A_n (e^-v - e^V_n) (v < -V_n),  0 otherwise
//     dx/dt = eta g(v) f(v, x)
//     eta v >= 0: f = exp(-alpha_p (x - x_p)) w_p (x >= x_p), else 1
//     eta v < 0:  f = exp(alpha_n (x + x_n - 1)) w_n (x <= 1 - x_n), else 1
//     w_p = (x_p - x)/(1 - x_p) + 1,  w_n = x/(1 - x_n)
// A read between -V_n and V_p moves nothing.
#pragma once

#include "analog/memristor/state_device.hpp"

namespace memprop::analog {

struct YakopcicParameters {
  double a1_a = 0.17, a2_a = 0.17;  // amplitude of the current [A]
  double b_per_v = 0.05;
  double v_p = 0.16, v_n = 0.15;  // thresholds [V]
  double a_p_per_s = 4000, a_n_per_s = 4000;
  double x_p = 0.3, x_n = 0.5;
  double alpha_p = 1, alpha_n = 5;
  double eta = 1;
  double x0 = 0.11;
};

class Yakopcic final : public StateDevice {
 public:
  // Throws UserError for parameters without meaning.
  explicit Yakopcic(const YakopcicParameters& parameters);
  std::string_view name() const override { return "yakopcic"; }
  const std::vector<StateVariable>& variables() const override { return variables_; }
  double current(const double* x, double v, double ambient_k) const override;
  void rate(const double* x, double v, double ambient_k, double* dxdt) const override;
  // g(v) [1/s].
  double drive(double v) const;

 private:
  YakopcicParameters p_;
  std::vector<StateVariable> variables_;
};

}  // namespace memprop::analog
