// Steppers against closed forms, and the traps of Odeint that touch us.
#include "solvers/ode/stepper.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "solvers/error.hpp"

namespace memprop::ode {
namespace {

// x' = (u - x)/tau: a leaky integrator with an input that jumps.
class Leaky final : public System {
 public:
  std::size_t size() const override { return 3; }
  void rhs(double, const double* x, double* dxdt) override {
    for (std::size_t i = 0; i < 3; ++i) {
      dxdt[i] = (input - x[i]) / (tau * static_cast<double>(i + 1));
    }
  }
  double input = 1.0;
  double tau = 1.0;
};

StepperConfig config(const std::string& method) {
  StepperConfig c;
  c.method = method;
  c.fixed_step_s = 0.1;
  c.rtol = 1e-9;
  c.atol = 1e-12;
  return c;
}

class EveryStepper : public ::testing::TestWithParam<std::string> {};

// Odeint with unsuited state types compiles and integrates nothing: exp(-1) comes out as 1.
TEST_P(EveryStepper, DecaysAsTheExponential) {
  auto stepper = make_stepper(config(GetParam()));
  Leaky system;
  system.input = 0.0;
  std::vector<double> x{1.0, 1.0, 1.0};
  stepper->advance(system, x, 0.0, 1.0);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(x[i], std::exp(-1.0 / static_cast<double>(i + 1)), 1e-6) << i;
  }
}

// An FSAL stepper that keeps the derivative from before a jump is wrong by orders of magnitude.
TEST_P(EveryStepper, AJumpOfTheInputIsSeenAtOnce) {
  auto stepper = make_stepper(config(GetParam()));
  Leaky system;
  std::vector<double> x{0.0, 0.0, 0.0};
  double expected = 0.0;
  for (int k = 0; k < 10; ++k) {
    system.input = k % 2 == 0 ? 1.0 : -1.0;
    stepper->restart();
    stepper->advance(system, x, k, k + 1.0);
    expected = system.input + (expected - system.input) * std::exp(-1.0);
    EXPECT_NEAR(x[0], expected, 2e-6);
  }
}

TEST_P(EveryStepper, DenseOutputMeetsBothEnds) {
  struct Checker final : StepObserver {
    void on_step(const DenseStep& step) override {
      double v[3];
      step.evaluate(step.begin(), v);
      EXPECT_NEAR(v[0], std::exp(-step.begin()), 1e-6);
      step.evaluate(0.5 * (step.begin() + step.end()), v);
      EXPECT_NEAR(v[0], std::exp(-0.5 * (step.begin() + step.end())), 2e-3);
      step.evaluate(step.end(), v);
      EXPECT_NEAR(v[0], std::exp(-step.end()), 1e-6);
      EXPECT_EQ(step.begin(), last);
      last = step.end();
    }
    double last = 0.0;
  } checker;
  auto stepper = make_stepper(config(GetParam()));
  Leaky system;
  system.input = 0.0;
  std::vector<double> x{1.0, 1.0, 1.0}, unwatched = x;
  stepper->advance(system, x, 0.0, 2.0, &checker);
  EXPECT_EQ(checker.last, 2.0);
  make_stepper(config(GetParam()))->advance(system, unwatched, 0.0, 2.0);
  EXPECT_EQ(x, unwatched);
}

TEST_P(EveryStepper, NonFiniteStatesStopTheRun) {
  class Explosive final : public System {
   public:
    std::size_t size() const override { return 2; }
    void rhs(double, const double* x, double* dxdt) override {
      dxdt[0] = 0.0;
      dxdt[1] = 1e160 * x[1] * x[1];
    }
  } system;
  auto stepper = make_stepper(config(GetParam()));
  std::vector<double> x{1.0, 1e160};
  try {
    stepper->advance(system, x, 0.0, 1.0);
    FAIL() << "no error";
  } catch (const NumericalError& e) {
    EXPECT_EQ(e.index(), 1u) << e.what();
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryStepper, ::testing::ValuesIn(stepper_names()));

TEST(Stepper, FixedStepOrders) {
  for (const auto& [method, order] : {std::pair<std::string, int>{"rk4", 4}, {"dopri5_fixed", 5}}) {
    std::vector<double> error;
    for (double h : {0.2, 0.1, 0.05}) {
      auto c = config(method);
      c.fixed_step_s = h;
      auto stepper = make_stepper(c);
      EXPECT_EQ(stepper->order(), order);
      Leaky system;
      system.input = 0.0;
      std::vector<double> x{1.0, 1.0, 1.0};
      stepper->advance(system, x, 0.0, 1.0);
      error.push_back(std::abs(x[0] - std::exp(-1.0)));
    }
    EXPECT_NEAR(std::log2(error[0] / error[1]), order, 0.3) << method;
    EXPECT_NEAR(std::log2(error[1] / error[2]), order, 0.3) << method;
  }
}

// A step clipped to a short interval must not shrink the steps that follow.
TEST(Stepper, ClippedStepsDoNotShrinkTheProposal) {
  auto c = config("dopri5");
  c.rtol = 1e-4;
  c.atol = 1e-7;
  auto stepper = make_stepper(c);
  Leaky system;
  std::vector<double> x{0.0, 0.0, 0.0};
  stepper->advance(system, x, 0.0, 5.0);
  const auto before = stepper->counters().steps;
  for (int k = 0; k < 100; ++k) {
    stepper->advance(system, x, 5.0 + 0.001 * k, 5.0 + 0.001 * (k + 1));
  }
  EXPECT_EQ(stepper->counters().steps - before, 100u);
}

TEST(Stepper, BadSettingsAreTheUsersErrors) {
  EXPECT_THROW(make_stepper(config("euler")), UserError);
  auto c = config("rk4");
  c.fixed_step_s = 0.0;
  EXPECT_THROW(make_stepper(c), UserError);
  c = config("dopri5");
  c.rtol = 0.0;
  EXPECT_THROW(make_stepper(c), UserError);
}

}  // namespace
}  // namespace memprop::ode
