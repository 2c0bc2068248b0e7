// The contract of the analog domain (design 4.2) and its convergence, against CVODE.
#include "analog/domain/domain.hpp"

#include <cvode/cvode.h>
#include <gtest/gtest.h>
#include <nvector/nvector_serial.h>
#include <sundials/sundials_context.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>

#include <cmath>
#include <functional>
#include <vector>

#include "analog/neuron/neuron_bank.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

constexpr double leak_s = 10e-6;
constexpr double capacitance_f = 1e-12;  // tau = 100 ns
constexpr double scale_v = 0.1;

NeuronBankConfig bank_config(const std::string& name, std::size_t n) {
  NeuronBankConfig c;
  c.name = name;
  c.activation = Activation::tanh;
  c.voltage_scale_v = scale_v;
  for (std::size_t i = 0; i < n; ++i) {
    c.capacitance_f.push_back(capacitance_f * (1.0 + 0.3 * static_cast<double>(i)));
  }
  c.leak_s.assign(n, leak_s);
  c.line_gain.assign(n, 1.0);
  c.line_offset_v.assign(n, 0.0);
  return c;
}

// A coupling that is not in the library: a ring of amplifiers between a bank's neurons, and a
// current source that a test switches.
class Ring final : public Element {
 public:
  Ring(std::string name, std::string bank, double gain_s)
      : Element(std::move(name)), bank_(std::move(bank)), gain_s_(gain_s) {}
  void connect(const Netlist& net) override {
    nodes_ = net.nodes(bank_ + "/v");
    lines_ = net.lines(bank_ + "/r");
  }
  void add_currents(double, const double*, const double* line, double* current) const override {
    for (std::size_t i = 0; i < nodes_.count; ++i) {
      const std::size_t from = (i + nodes_.count - 1) % nodes_.count;
      current[nodes_.first + i] += gain_s_ * line[lines_.first + from];
    }
    current[nodes_.first] += source_a;
  }
  double source_a = 0.0;

 private:
  std::string bank_;
  double gain_s_;
  Range nodes_, lines_;
};

// A user's element with a nonlinear coupling and one algebraic node: a resistor from node 0 to an
// inner node m, and from m a sinh conductor to node 1. KCL at m has no capacitor.
class SinhBridge final : public Element {
 public:
  explicit SinhBridge(std::string bank, bool exact_jacobian)
      : Element("bridge"), bank_(std::move(bank)), exact_(exact_jacobian) {}
  static constexpr double r_s = 15e-6, i0_a = 0.2e-6, v0_v = 0.03;
  void declare(Declarations& d) override { d.add_nodes("bridge/m", std::vector<double>{0.0}); }
  void connect(const Netlist& net) override {
    nodes_ = net.nodes(bank_ + "/v");
    m_ = net.nodes("bridge/m").first;
  }
  void add_currents(double, const double* node, const double*, double* current) const override {
    const double in = r_s * (node[nodes_.first] - node[m_]);
    const double out = i0_a * std::sinh((node[m_] - node[nodes_.first + 1]) / v0_v);
    current[nodes_.first] -= in;
    current[m_] += in - out;
    current[nodes_.first + 1] += out;
  }
  bool add_jacobian(double, const double* node, Matrix& j) const override {
    if (!exact_) return false;
    const double g = i0_a / v0_v * std::cosh((node[m_] - node[nodes_.first + 1]) / v0_v);
    j(m_, m_) += -r_s - g;
    return true;
  }

 private:
  std::string bank_;
  bool exact_;
  Range nodes_;
  std::size_t m_ = 0;
};

// Several instants after the jump: at a single one the error terms of two orders may cancel.
const std::vector<Ticks> transient_ticks{120'000, 140'000, 160'000, 180'000,
                                         200'000, 220'000, 240'000, 260'000};

std::vector<double> transient_seconds() {
  std::vector<double> seconds;
  for (const Ticks t : transient_ticks) seconds.push_back(static_cast<double>(t) * 1e-12);
  return seconds;
}

struct Circuit {
  explicit Circuit(ode::StepperConfig config, bool with_bridge, bool exact_jacobian = true)
      : domain(std::move(config)),
        bank(bank_config("layer1/neurons", 3)),
        ring("ring", "layer1/neurons", -20e-6),
        bridge("layer1/neurons", exact_jacobian) {
    domain.add(bank);
    domain.add(ring);
    if (with_bridge) domain.add(bridge);
    domain.elaborate();
    bank.set_held(false);
    ring.source_a = 1.5e-6;
  }
  // The source steps at 100 ns; all that follows is mid-transient.
  std::vector<double> run(Ticks end) {
    domain.advance_to(100'000);
    ring.source_a = -0.5e-6;
    domain.source_changed();
    domain.advance_to(end);
    const auto v = domain.node_voltages();
    return {v.begin(), v.end()};
  }
  // The dynamic nodes at each of the transient's times.
  std::vector<double> transient() {
    std::vector<double> values = run(transient_ticks.front());
    values.resize(3);
    for (std::size_t k = 1; k < transient_ticks.size(); ++k) {
      domain.advance_to(transient_ticks[k]);
      const auto v = domain.node_voltages();
      values.insert(values.end(), v.begin(), v.begin() + 3);
    }
    return values;
  }
  Domain domain;
  NeuronBank bank;
  Ring ring;
  SinhBridge bridge;
};

// The same circuit written out by hand for CVODE.
struct Referee {
  bool with_bridge;
  double source_a;
};

double bridge_current(double v0, double v1) {
  // Bisection and Newton on r (v0 - m) = i0 sinh((m - v1)/w), to rounding.
  double m = 0.5 * (v0 + v1);
  for (int k = 0; k < 200; ++k) {
    const double f =
        SinhBridge::r_s * (v0 - m) - SinhBridge::i0_a * std::sinh((m - v1) / SinhBridge::v0_v);
    const double df = -SinhBridge::r_s -
                      SinhBridge::i0_a / SinhBridge::v0_v * std::cosh((m - v1) / SinhBridge::v0_v);
    m -= f / df;
  }
  return SinhBridge::r_s * (v0 - m);
}

int referee_rhs(realtype, N_Vector x, N_Vector dxdt, void* data) {
  const auto* p = static_cast<Referee*>(data);
  const double* v = N_VGetArrayPointer(x);
  double* d = N_VGetArrayPointer(dxdt);
  double current[3];
  for (int i = 0; i < 3; ++i) {
    current[i] = -leak_s * v[i] - 20e-6 * scale_v * std::tanh(v[(i + 2) % 3] / scale_v);
  }
  current[0] += p->source_a;
  if (p->with_bridge) {
    const double i = bridge_current(v[0], v[1]);
    current[0] -= i;
    current[1] += i;
  }
  for (int i = 0; i < 3; ++i) d[i] = current[i] / (capacitance_f * (1.0 + 0.3 * i));
  return 0;
}

// The node voltages at 100 ns (where the source jumps) and at the times given, one after another.
std::vector<double> referee(bool with_bridge, std::vector<double> times_s) {
  SUNContext context = nullptr;
  SUNContext_Create(nullptr, &context);
  N_Vector x = N_VNew_Serial(3, context);
  N_VConst(0.0, x);
  Referee p{with_bridge, 1.5e-6};
  double t = 0.0;
  std::vector<double> result;
  times_s.insert(times_s.begin(), 100e-9);
  for (const double stop : times_s) {
    void* cvode = CVodeCreate(CV_ADAMS, context);
    CVodeInit(cvode, referee_rhs, t, x);
    CVodeSStolerances(cvode, 1e-13, 1e-16);
    CVodeSetUserData(cvode, &p);
    CVodeSetMaxNumSteps(cvode, 1000000);
    SUNMatrix a = SUNDenseMatrix(3, 3, context);
    SUNLinearSolver solver = SUNLinSol_Dense(x, a, context);
    CVodeSetLinearSolver(cvode, solver, a);
    CVodeSetStopTime(cvode, stop);
    EXPECT_GE(CVode(cvode, stop, x, &t, CV_NORMAL), 0);
    CVodeFree(&cvode);
    SUNLinSolFree(solver);
    SUNMatDestroy(a);
    p.source_a = -0.5e-6;
    if (stop > 100e-9) {
      result.insert(result.end(), N_VGetArrayPointer(x), N_VGetArrayPointer(x) + 3);
    }
  }
  N_VDestroy(x);
  SUNContext_Free(&context);
  return result;
}

double error_of(const std::vector<double>& a, const std::vector<double>& b) {
  double worst = 0.0;
  for (std::size_t i = 0; i < b.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst / scale_v;
}

// Least-squares slope of log y over log x.
double slope(const std::vector<double>& x, const std::vector<double>& y) {
  double mx = 0, my = 0, sxx = 0, sxy = 0;
  const auto n = static_cast<double>(x.size());
  for (std::size_t k = 0; k < x.size(); ++k) mx += std::log(x[k]) / n, my += std::log(y[k]) / n;
  for (std::size_t k = 0; k < x.size(); ++k) {
    sxx += (std::log(x[k]) - mx) * (std::log(x[k]) - mx);
    sxy += (std::log(x[k]) - mx) * (std::log(y[k]) - my);
  }
  return sxy / sxx;
}

constexpr Ticks end_ticks = 270'000;  // 270 ns, mid-transient

class Convergence : public ::testing::TestWithParam<bool> {};

TEST_P(Convergence, FixedStepsHaveTheOrderOfTheMethod) {
  const auto exact = referee(GetParam(), transient_seconds());
  for (const char* method : {"rk4", "dopri5_fixed"}) {
    std::vector<double> steps, errors;
    int order = 0;
    // From tau_min/20 down; at larger steps dopri5's sixth-order term still outweighs its fifth.
    for (const double step : {5e-9, 2.5e-9, 1.25e-9}) {
      ode::StepperConfig c;
      c.method = method;
      c.fixed_step_s = step;
      Circuit circuit(c, GetParam());
      order = circuit.domain.stepper().order();
      errors.push_back(error_of(circuit.transient(), exact));
      steps.push_back(step);
    }
    EXPECT_NEAR(slope(steps, errors), order, 0.3) << method;
  }
}

TEST_P(Convergence, AdaptiveErrorFollowsTheTolerance) {
  const auto exact = referee(GetParam(), transient_seconds());
  std::vector<double> tolerances, errors;
  for (double rtol = 1e-5; rtol > 0.9e-9; rtol /= 10.0) {
    ode::StepperConfig c;
    c.rtol = rtol;
    c.atol = rtol * scale_v;
    Circuit circuit(c, GetParam());
    errors.push_back(error_of(circuit.transient(), exact));
    tolerances.push_back(rtol);
    EXPECT_LT(errors.back(), 10 * rtol);
  }
  const double s = slope(tolerances, errors);
  EXPECT_GE(s, 0.8);
  EXPECT_LE(s, 1.1);
}

INSTANTIATE_TEST_SUITE_P(LinesOnly, Convergence, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(WithAlgebraicNode, Convergence, ::testing::Values(true));

ode::StepperConfig tight() {
  ode::StepperConfig c;
  c.rtol = 1e-9;
  c.atol = 1e-10;
  return c;
}

TEST(Domain, DifferencesStandInForAMissingJacobian) {
  Circuit exact(tight(), true, true), differences(tight(), true, false);
  const auto a = exact.run(end_ticks), b = differences.run(end_ticks);
  for (std::size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(a[k], b[k], 1e-13);
}

// Reads interpolated values at its own times, as probes do.
class GridProbe final : public ode::StepObserver {
 public:
  void on_step(const ode::DenseStep& step) override {
    if (times_.empty()) times_.push_back(step.begin());
    EXPECT_DOUBLE_EQ(times_.back(), step.begin());
    times_.push_back(step.end());
    double v[8];
    for (double t = step.begin(); t <= step.end(); t += (step.end() - step.begin()) / 7.0) {
      step.evaluate(t, v);
    }
    step.evaluate(step.end(), v);
    last = v[0];
  }
  double last = 0.0;
  std::size_t steps() const { return times_.size() - 1; }

 private:
  std::vector<double> times_;
};

TEST(Domain, ObserversChangeNoBit) {
  Circuit plain(tight(), false), watched(tight(), false);
  GridProbe probe;
  watched.domain.attach(&probe);
  EXPECT_EQ(plain.run(end_ticks), watched.run(end_ticks));
  EXPECT_EQ(probe.last, watched.domain.node_voltages()[0]);
  EXPECT_GT(probe.steps(), 5u);
}

TEST(Domain, OrderOfConstructionChangesNoBit) {
  const auto run = [](bool reversed) {
    Domain domain(tight());
    NeuronBank bank(bank_config("layer1/neurons", 3));
    Ring a("a", "layer1/neurons", 0.7e-6), b("b", "layer1/neurons", -3.1e-6),
        c("c", "layer1/neurons", 1.3e-6);
    std::vector<Element*> elements{&a, &b, &c, &bank};
    if (reversed) std::reverse(elements.begin(), elements.end());
    for (auto* e : elements) domain.add(*e);
    domain.elaborate();
    bank.set_held(false);
    a.source_a = 0.3e-6, b.source_a = 1e-6, c.source_a = 1e-7;
    domain.advance_to(300'000);
    const auto v = domain.node_voltages();
    return std::vector<double>(v.begin(), v.end());
  };
  EXPECT_EQ(run(false), run(true));
}

// A dense solution is as good as the steps: third order beyond what the tolerance asks for.
TEST(Domain, DenseOutputIsAccurateInsideTheSteps) {
  Circuit circuit(tight(), false);
  struct Recorder final : ode::StepObserver {
    void on_step(const ode::DenseStep& step) override {
      for (; next_ns <= 170 && 1e-9 * next_ns <= step.end(); next_ns += 10) {
        double v[8];
        step.evaluate(1e-9 * next_ns, v);
        times.push_back(1e-9 * next_ns);
        values.push_back(v[0]);
      }
    }
    int next_ns = 110;
    std::vector<double> times, values;
  } recorder;
  circuit.domain.attach(&recorder);
  circuit.run(end_ticks);
  ASSERT_EQ(recorder.times.size(), 7u);
  for (std::size_t k = 0; k < recorder.times.size(); ++k) {
    EXPECT_NEAR(recorder.values[k], referee(false, {recorder.times[k]})[0], 1e-6 * scale_v);
  }
}

// Integration is lazy: asking for more points in between changes the result only within tolerance,
// and asking twice for the same one not at all.
TEST(Domain, RepeatedAdvancesAreFree) {
  Circuit once(tight(), false), often(tight(), false);
  const auto a = once.run(end_ticks);
  often.domain.advance_to(100'000);
  for (int k = 0; k < 10; ++k) often.domain.advance_to(100'000);
  const auto counted = often.domain.stepper().counters().rhs;
  EXPECT_EQ(a, often.run(end_ticks));
  EXPECT_GT(often.domain.stepper().counters().rhs, counted);
  EXPECT_THROW(often.domain.advance_to(10), InternalError);
}

TEST(Domain, HeldNeuronsKeepTheirCharge) {
  Circuit circuit(tight(), false);
  circuit.run(150'000);
  const auto before = circuit.domain.node_voltages()[1];
  circuit.bank.set_held(true);
  // The ring still drives: only when every element is quiet does nothing move.
  circuit.domain.source_changed();
  circuit.domain.advance_to(160'000);
  EXPECT_NE(before, circuit.domain.node_voltages()[1]);
}

TEST(Domain, DivergenceNamesNodeAndTime) {
  Domain domain(tight());
  auto config = bank_config("layer1/neurons", 3);
  config.activation = Activation::linear;
  NeuronBank bank(config);
  Ring ring("ring", "layer1/neurons", 100e-6);
  domain.add(bank);
  domain.add(ring);
  domain.elaborate();
  domain.set_divergence_limit(10.0);
  bank.set_held(false);
  ring.source_a = 1e-6;
  try {
    domain.advance_to(10'000'000);
    FAIL() << "did not diverge";
  } catch (const NonFiniteState& e) {
    EXPECT_NE(std::string(e.what()).find("layer1/neurons/v["), std::string::npos) << e.what();
    EXPECT_GT(e.time_s(), 0.0);
  }
}

}  // namespace
}  // namespace memprop::analog
