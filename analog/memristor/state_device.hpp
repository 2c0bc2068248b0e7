// A memristor as a state equation: the common form of all compact models of the catalogue.
//
//     i = I(x, v, T_a)          static; inner roots are solved inside
//     dx/dt = F(x, v, T_a)      x a small vector, each component within [low, high]
// v > 0: the first terminal is at the higher potential [V]; T_a is the ambient temperature [K],
// used by the models whose source gives a dependence. F is the free rate: it does not know the
// bounds. Whoever integrates keeps x inside (simulate_device.hpp).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace memprop::analog {

struct StateVariable {
  std::string name;
  std::string unit;
  double low = 0.0, high = 1.0;  // bounds
  double initial = 0.0;          // of a fresh device
  // Integrate log(x): for a state that moves over decades. Needs low > 0.
  bool logarithmic = false;
};

class StateDevice {
 public:
  virtual ~StateDevice() = default;
  virtual std::string_view name() const = 0;  // of the model
  virtual const std::vector<StateVariable>& variables() const = 0;
  // Current [A].
  virtual double current(const double* x, double v, double ambient_k) const = 0;
  // dxdt = F(x, v, T_a) [unit of x per second].
  virtual void rate(const double* x, double v, double ambient_k, double* dxdt) const = 0;
  // Ambient temperature at which the source gives its parameters [K].
  virtual double nominal_ambient_k() const { return 300.0; }
  // The voltage that drives the current [V]: the inverse of current(), by bracketing and bisection
  // where a model knows nothing better. Throws AlgebraicSolveFailure beyond +-100 V.
  virtual double voltage(const double* x, double i, double ambient_k) const;

  // Conductance of a read, i/v [S].
  double conductance(const double* x, double v_read) const {
    return current(x, v_read, nominal_ambient_k()) / v_read;
  }
  std::vector<double> initial_state() const;
};

}  // namespace memprop::analog
