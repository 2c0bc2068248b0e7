// How the step of a pulse depends on the state where that is no straight line. A pulse changes the
// hidden state w by step * factor(w):
//     exp step    up: max(1 - A_up exp(gam_up z), 0), down: max(1 - A_dn exp(-gam_dn z), 0),
//                 z = 2 a w/(b_max - b_min) + b
//     power step  up: ((b_max - w)/(b_max - b_min))^gam_up, down: ((w - b_min)/...)^gam_dn
//     table       linear between equally spaced states from w_min to w_max, constant beyond
// b_max, b_min and the exponents are the device's own. Exp and power step: taxonomy of IBM aihwkit
// (Rasch et al., AICAS 2021).
#pragma once

#include <cstddef>
#include <vector>

namespace memprop::analog {

struct PulseCurve {
  enum class Kind { line, exp_step, power_step, table };  // line: factor 1, the slope says it all
  struct Device {
    double b_min, b_max;
    double gamma_up, gamma_down;  // power_step
  };

  Kind kind = Kind::line;
  double a = 0.0, b = 0.0, gamma_up = 0.0, gamma_down = 0.0, a_up = 0.0, a_down = 0.0;  // exp_step
  std::vector<double> table_up, table_down;  // in units of the step
  std::vector<double> table_nodes;           // their states; empty: equally spaced
  double table_begin = 0.0, table_per_state = 1.0;
  std::vector<Device> devices;  // empty for line and table

  double factor(std::size_t device, double w, bool up) const;
};

}  // namespace memprop::analog
