// Integration of x' = f(t, x) by the steppers of Boost.Odeint, behind one small interface.
//
// The derivative at the present point is owned here and not by Odeint's steppers, so a stale one
// (their FSAL steppers keep the derivative of the last step) cannot survive a jump of an input:
// restart() drops it. A step that is clipped to end at a requested time does not become the next
// step's size: the controller's own proposal is kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace memprop::ode {

class System {
 public:
  virtual ~System() = default;
  virtual std::size_t size() const = 0;
  // dxdt = f(t, x); t in seconds since the caller's origin.
  virtual void rhs(double t, const double* x, double* dxdt) = 0;
};

// One accepted step and the solution inside it. Valid only during StepObserver::on_step.
class DenseStep {
 public:
  virtual ~DenseStep() = default;
  virtual double begin() const = 0;
  virtual double end() const = 0;
  // The solution at begin() <= t <= end(); exact at both ends.
  virtual void evaluate(double t, double* out) const = 0;
};

// Sees every accepted step; cannot influence the integration.
class StepObserver {
 public:
  virtual ~StepObserver() = default;
  virtual void on_step(const DenseStep& step) = 0;
};

struct StepperConfig {
  // dopri5: Dormand-Prince 5(4), adaptive, dense output of order 4 (default).
  // fehlberg78: Runge-Kutta-Fehlberg 8(7), adaptive, cubic Hermite between steps.
  // cash_karp54: Cash-Karp 5(4), adaptive, cubic Hermite between steps.
  // dopri5_fixed, rk4: fixed steps of fixed_step_s (the last one clipped).
  std::string method = "dopri5";
  double rtol = 1e-6;         // relative tolerance per step
  double atol = 1e-9;         // absolute tolerance per step [unit of the state]
  double initial_step_s = 0;  // first proposal; 0: the first interval / 100
  double fixed_step_s = 0;    // fixed-step methods only [s]
};

struct StepCounters {
  std::uint64_t steps = 0;
  std::uint64_t rejected = 0;
  std::uint64_t rhs = 0;
};

class Stepper {
 public:
  virtual ~Stepper() = default;
  // Integrates x from t_begin to exactly t_end. Throws NonFiniteState, StepSizeUnderflow.
  virtual void advance(System& system, std::vector<double>& x, double t_begin, double t_end,
                       StepObserver* observer = nullptr) = 0;
  // An input jumped: forget the derivative, keep the step proposal.
  virtual void restart() = 0;
  // Forget the step proposal too: what follows does not depend on what went before.
  virtual void reset() = 0;
  virtual int order() const = 0;
  virtual std::string name() const = 0;
  const StepCounters& counters() const { return counters_; }
  // A state beyond this magnitude counts as non-finite; infinity (the default): no limit.
  void set_limit(double magnitude) { limit_ = magnitude; }

 protected:
  StepCounters counters_;
  double limit_ = std::numeric_limits<double>::infinity();
};

// Throws UserError for an unknown method, a tolerance or step that is not positive.
std::unique_ptr<Stepper> make_stepper(const StepperConfig& config);
std::vector<std::string> stepper_names();

}  // namespace memprop::ode
