#include "solvers/ode/stepper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/numeric/odeint/stepper/controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta4_classic.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_cash_karp54.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_fehlberg78.hpp>
#include <cmath>
#include <limits>

#include "solvers/error.hpp"
#include "solvers/ode/internal/simd_algebra.hpp"

namespace memprop::ode {
namespace {

namespace odeint = boost::numeric::odeint;
template <template <class...> class Method>
using Odeint = Method<OdeintState, double, OdeintState, double, SimdAlgebra,
                      odeint::default_operations, odeint::initially_resizer>;
using Dopri5 = Odeint<odeint::runge_kutta_dopri5>;
using Fehlberg78 = Odeint<odeint::runge_kutta_fehlberg78>;
using CashKarp54 = Odeint<odeint::runge_kutta_cash_karp54>;
using ClassicRk4 = Odeint<odeint::runge_kutta4_classic>;

// The callable that Odeint copies around.
struct Callable {
  System* system;
  StepCounters* counters;
  void operator()(const OdeintState& x, OdeintState& dxdt, double t) const {
    system->rhs(t, x.data(), dxdt.data());
    ++counters->rhs;
  }
};

// Index of the first value that is NaN or not below the limit, or n. One vectorised pass when all
// is well: comparisons with NaN are false.
std::size_t find_beyond(const OdeintState& x, double limit) {
  const double bound = std::min(limit, std::numeric_limits<double>::max());
  const double* v = x.data();
  std::size_t inside = 0;
#pragma omp simd reduction(+ : inside)
  for (std::size_t i = 0; i < x.size(); ++i) inside += std::abs(v[i]) <= bound ? 1U : 0U;
  if (inside == x.size()) return x.size();
  return static_cast<std::size_t>(
      std::find_if(x.begin(), x.end(), [&](double u) { return !(std::abs(u) <= bound); }) -
      x.begin());
}

// Everything the concrete steppers share: ownership of derivative and proposal, dense output.
class OdeintStepper : public Stepper, private DenseStep {
 public:
  explicit OdeintStepper(const StepperConfig& config) : config_(config) {}

  void restart() override { derivative_valid_ = false; }
  void reset() override {
    derivative_valid_ = false;
    proposal_ = 0.0;
  }

 protected:
  void prepare(System& system, const OdeintState& x, double t) {
    if (x.size() != system.size()) throw InternalError("state size differs from the system's");
    if (derivative_.size() != x.size()) {
      derivative_.assign(x.size(), 0.0);
      next_.assign(x.size(), 0.0);
      next_derivative_.assign(x.size(), 0.0);
      derivative_valid_ = false;
    }
    if (!derivative_valid_) Callable{&system, &counters_}(x, derivative_, t);
    derivative_valid_ = true;
  }

  // Takes the step from x to next_ over: checks, shows it, and makes it the present state.
  void accept(System& system, OdeintState& x, double t_from, double t_to, bool derivative_known,
              StepObserver* observer) {
    const std::size_t bad = find_beyond(next_, limit_);
    if (bad < x.size()) {
      throw NonFiniteState(
          fmt::format("state {} became {:.3g} at t = {:.9g} s", bad, next_[bad], t_to), t_to, bad);
    }
    ++counters_.steps;
    if (observer != nullptr) {
      if (!derivative_known) Callable{&system, &counters_}(next_, next_derivative_, t_to);
      derivative_known = true;
      old_ = &x;
      t_begin_ = t_from;
      t_end_ = t_to;
      observer->on_step(*this);
    }
    x.swap(next_);
    derivative_valid_ = derivative_known;
    if (derivative_known) derivative_.swap(next_derivative_);
  }

  double begin() const override { return t_begin_; }
  double end() const override { return t_end_; }
  void evaluate(double t, double* out) const override {
    // Cubic Hermite interpolation.
    const double h = t_end_ - t_begin_;
    const double s = (t - t_begin_) / h;
    const double a = s * s * (3.0 - 2.0 * s);
    const double b = h * s * (s - 1.0) * (s - 1.0);
    const double c = h * s * s * (s - 1.0);
    for (std::size_t i = 0; i < next_.size(); ++i) {
      out[i] = (1.0 - a) * (*old_)[i] + a * next_[i] + b * derivative_[i] + c * next_derivative_[i];
    }
  }

  StepperConfig config_;
  OdeintState derivative_, next_, next_derivative_;
  bool derivative_valid_ = false;
  double proposal_ = 0.0;
  const OdeintState* old_ = nullptr;
  double t_begin_ = 0.0, t_end_ = 0.0;
};

template <class Method>
constexpr bool is_fsal =
    std::is_same_v<typename Method::stepper_category, odeint::explicit_error_stepper_fsal_tag>;

template <class Method>
class Adaptive final : public OdeintStepper {
 public:
  Adaptive(const StepperConfig& config, int order, std::string label)
      : OdeintStepper(config),
        controlled_(Checker(config.atol, config.rtol, 1.0, 0.0)),
        order_(order),
        label_(std::move(label)) {}
  int order() const override { return order_; }
  std::string name() const override { return label_; }

  void advance(System& system, std::vector<double>& x, double t_begin, double t_end,
               StepObserver* observer) override {
    double t = t_begin;
    double step = proposal_;
    if (step <= 0.0) step = config_.initial_step_s;
    if (step <= 0.0) step = (t_end - t_begin) / 100.0;
    while (t < t_end) {
      prepare(system, x, t);
      const bool last = step >= (t_end - t) * (1.0 - 1e-12);
      const double tried = last ? t_end - t : step;
      double t_after = t;
      double step_after = tried;
      if (attempt(system, x, t_after, step_after) == odeint::fail) {
        ++counters_.rejected;
        step = step_after;
        if (!(t + step > t)) {
          const auto worst = static_cast<std::size_t>(
              std::max_element(derivative_.begin(), derivative_.end(),
                               [](double a, double b) { return std::abs(a) < std::abs(b); }) -
              derivative_.begin());
          throw StepSizeUnderflow(
              fmt::format("step size underflow at t = {:.9g} s, steepest state {}", t, worst), t,
              worst);
        }
        continue;
      }
      const double t_next = last ? t_end : t + tried;
      accept(system, x, t, t_next, is_fsal<Method>, observer);
      t = t_next;
      step = last ? std::max(step, step_after) : step_after;
    }
    proposal_ = step;
  }

 private:
  using Checker = odeint::default_error_checker<double, SimdAlgebra, odeint::default_operations>;
  using Controlled = odeint::controlled_runge_kutta<Method, Checker>;

  odeint::controlled_step_result attempt(System& system, const OdeintState& x, double& t,
                                         double& step) {
    const Callable f{&system, &counters_};
    if constexpr (is_fsal<Method>) {
      return controlled_.try_step(f, x, derivative_, t, next_, next_derivative_, step);
    } else {
      return controlled_.try_step(f, x, derivative_, t, next_, step);
    }
  }
  void evaluate(double t, double* out) const override {
    if constexpr (std::is_same_v<Method, Dopri5>) {
      // calc_state writes into a state; the buffer belongs to this object.
      buffer_.resize(next_.size());
      controlled_.stepper().calc_state(t, buffer_, *old_, derivative_, t_begin_, next_,
                                       next_derivative_, t_end_);
      std::copy(buffer_.begin(), buffer_.end(), out);
    } else {
      OdeintStepper::evaluate(t, out);
    }
  }

  Controlled controlled_;
  int order_;
  std::string label_;
  mutable OdeintState buffer_;
};

// Equal steps, as many as keep them at or below the wanted size.
template <class Method>
class Fixed final : public OdeintStepper {
 public:
  Fixed(const StepperConfig& config, int order, std::string label)
      : OdeintStepper(config), order_(order), label_(std::move(label)) {}
  int order() const override { return order_; }
  std::string name() const override { return label_; }

  void advance(System& system, std::vector<double>& x, double t_begin, double t_end,
               StepObserver* observer) override {
    if (!(t_end > t_begin)) return;
    const double span = t_end - t_begin;
    const auto count = std::max(1.0, std::ceil(span / config_.fixed_step_s * (1.0 - 1e-12)));
    const double step = span / count;
    const Callable f{&system, &counters_};
    double t = t_begin;
    for (double k = 1.0; k <= count; k += 1.0) {
      prepare(system, x, t);
      const double t_next = k == count ? t_end : t_begin + k * step;
      if constexpr (std::is_same_v<Method, Dopri5>) {
        method_.do_step(f, x, derivative_, t, next_, next_derivative_, step);
        accept(system, x, t, t_next, true, observer);
      } else {
        method_.do_step(f, x, derivative_, t, next_, step);
        accept(system, x, t, t_next, false, observer);
      }
      t = t_next;
    }
  }

 private:
  Method method_;
  int order_;
  std::string label_;
};

}  // namespace

std::vector<std::string> stepper_names() {
  return {"dopri5", "fehlberg78", "cash_karp54", "dopri5_fixed", "rk4"};
}

std::unique_ptr<Stepper> make_stepper(const StepperConfig& config) {
  const bool fixed = config.method == "dopri5_fixed" || config.method == "rk4";
  if (fixed && !(config.fixed_step_s > 0.0)) {
    throw UserError(fmt::format(
        "method \"{}\" needs a fixed step above zero (key fixed_step, such as \"1 ns\")",
        config.method));
  }
  if (!fixed && !(config.rtol > 0.0 && config.atol > 0.0)) {
    throw UserError("the solver's tolerances rtol and atol must be above zero");
  }
  if (config.method == "dopri5") return std::make_unique<Adaptive<Dopri5>>(config, 5, "dopri5");
  if (config.method == "fehlberg78") {
    return std::make_unique<Adaptive<Fehlberg78>>(config, 8, "fehlberg78");
  }
  if (config.method == "cash_karp54") {
    return std::make_unique<Adaptive<CashKarp54>>(config, 5, "cash_karp54");
  }
  if (config.method == "dopri5_fixed") {
    return std::make_unique<Fixed<Dopri5>>(config, 5, "dopri5_fixed");
  }
  if (config.method == "rk4") return std::make_unique<Fixed<ClassicRk4>>(config, 4, "rk4");
  std::string known;
  for (const auto& n : stepper_names()) known += (known.empty() ? "" : ", ") + n;
  throw UserError(fmt::format("unknown stepper \"{}\"; known are {}", config.method, known));
}

}  // namespace memprop::ode
