// Amplifiers, slew rate and diode clamp of the neuron circuits against closed forms.
#include <gtest/gtest.h>

#include "analog/test/neuron_circuit_fixture.hpp"
#include "solvers/math/activation.hpp"

namespace memprop::analog {
namespace {

using test::Cells;
using test::NeuronBench;
using test::plain_neuron;

const Cells cells{{30e-6, 5e-6, 12e-6}, {4e-6, 20e-6, 12e-6}, 0.5};
const std::vector<double> rows{0.08, -0.03, 0.1};

// The junctions in front of the membranes, and what becomes of their currents.
TEST(SummingAmplifier, IdealOneChangesNothing) {
  auto amplified = plain_neuron();
  amplified.amplifier.offset_v = {0.0};  // junctions, but nothing that acts
  NeuronBench ideal(plain_neuron(), cells), same(amplified, cells);
  ideal.set_rows(rows);
  same.set_rows(rows);
  for (const double t : {1e-9, 40e-9, 300e-9}) {
    EXPECT_NEAR(ideal.membrane_at(t), same.membrane_at(t), 1e-12) << t;
  }
}

TEST(SummingAmplifier, FiniteGainIsAFixedGainError) {
  auto config = plain_neuron();
  config.amplifier.gain = 200.0;
  config.amplifier.feedback_ohm = 20e3;
  NeuronBench bench(config, cells);
  const double gain = 1.0 / (1.0 + 20e3 / 201.0 * cells.load());
  EXPECT_LT(gain, 0.997);
  for (const double scale : {1.0, -0.5}) {
    std::vector<double> v = rows;
    for (double& x : v) x *= scale;
    bench.set_rows(v);
    EXPECT_NEAR(bench.membrane_at(scale > 0 ? 4e-6 : 8e-6), gain * cells.current(v) / 10e-6, 1e-11);
  }
}

// C dV/dt = J - (g_L + 2 m G_s) V: the lines load the membrane.
TEST(PassiveNeuron, LinesAddToTheLeak) {
  auto config = plain_neuron();
  config.passive = true;
  NeuronBench bench(config, cells);
  bench.set_rows(rows);
  double all_s = 0;
  for (const double g : cells.plus_s) all_s += g;
  for (const double g : cells.minus_s) all_s += g;
  const double leak_s = 10e-6 + cells.mirror * all_s;
  EXPECT_GT(leak_s, 5e-5);
  for (const double t : {5e-9, 20e-9, 300e-9}) {
    const double expected = cells.current(rows) / leak_s * (1 - std::exp(-t * leak_s / 1e-12));
    EXPECT_NEAR(bench.membrane_at(t), expected, 1e-11) << t;
  }
}

TEST(SummingAmplifier, OffsetIsAFixedCurrent) {
  auto config = plain_neuron();
  config.amplifier.gain = 100.0;
  config.amplifier.offset_v = {3e-3};
  NeuronBench bench(config, cells);
  bench.set_rows({0.0, 0.0, 0.0});
  const double input_ohm = 10e3 / 101.0, load = cells.load();
  const double expected = -cells.mirror * load * 3e-3 * (100.0 / 101.0) / (1.0 + input_ohm * load);
  EXPECT_NEAR(bench.membrane_at(4e-6), expected / 10e-6, 1e-12);
  bench.set_rows(rows);
  const double with_offset = bench.membrane_at(8e-6);
  NeuronBench without(
      [&] {
        auto c = config;
        c.amplifier.offset_v.clear();
        return c;
      }(),
      cells);
  without.set_rows(rows);
  // The difference of two states is the same with and without it.
  EXPECT_NEAR(with_offset - expected / 10e-6, without.membrane_at(8e-6), 1e-11);
}

// Two lags in a row: V(t) = V_end [1 - (tau e^(-t/tau) - tau_a e^(-t/tau_a)) / (tau - tau_a)].
TEST(SummingAmplifier, SinglePoleLags) {
  auto config = plain_neuron();
  const double tau = 100e-9, tau_a = 8e-9;
  config.amplifier.time_constant_s = tau_a;
  NeuronBench bench(config, cells);
  bench.set_rows(rows);
  const double end = cells.current(rows) / 10e-6;
  for (const double t : {2e-9, 20e-9, 150e-9, 2e-6}) {
    const double decay = (tau * std::exp(-t / tau) - tau_a * std::exp(-t / tau_a)) / (tau - tau_a);
    EXPECT_NEAR(bench.membrane_at(t), end * (1.0 - decay), 1e-10) << t;
  }
}

TEST(SummingAmplifier, TimeConstantDoesNotMoveTheFixedPoint) {
  auto config = plain_neuron();
  config.amplifier.time_constant_s = 20e-9;
  config.amplifier.slew_v_per_s = 0.2e6;
  NeuronBench slow(config, cells), fast(plain_neuron(), cells);
  slow.set_rows(rows);
  fast.set_rows(rows);
  EXPECT_NEAR(slow.membrane_at(20e-6), fast.membrane_at(20e-6), 1e-11);
}

// A voltage behind a resistor, a node without capacitance, and a second resistor whose end is the
// amplifier's input: Newton's equations of that node and a junction in one system.
class Divider final : public Element {
 public:
  Divider() : Element("divider") {}
  void declare(Declarations& d) override { d.add_nodes("divider/x", std::vector<double>{0.0}); }
  void connect(const Netlist& net) override {
    node_ = net.nodes("divider/x").first;
    input_ = net.inputs("layer1/neurons/v").first;
  }
  void add_currents(double, const double* node, const double*, double* current) const override {
    const double x = node[node_];
    // One resistor bends, so that Newton's method has something to do.
    current[node_] += 20e-6 * (0.3 - x) - 5e-6 * 0.1 * std::sinh(x / 0.1);
    current[input_] += 5e-6 * 0.1 * std::sinh(x / 0.1);
  }

 private:
  std::size_t node_ = 0, input_ = 0;
};

TEST(SummingAmplifier, TakesCurrentsFromNodesWithoutCapacitance) {
  auto config = plain_neuron();
  config.amplifier.gain = 100.0;
  NeuronBank bank(config);
  Divider divider;
  Domain domain(NeuronBench::solver());
  domain.add(bank);
  domain.add(divider);
  domain.elaborate();
  bank.set_held(false);
  const double load = 30e-6;
  bank.set_input_load(std::vector<double>{load}, std::vector<double>{load});
  domain.advance_to(4000000);
  double low = 0.0, high = 0.3;
  for (int k = 0; k < 100; ++k) {
    const double x = 0.5 * (low + high);
    (20e-6 * (0.3 - x) > 5e-7 * std::sinh(x / 0.1) ? low : high) = x;
  }
  const double current = 5e-7 * std::sinh(low / 0.1);
  EXPECT_NEAR(domain.node_voltages()[bank.nodes().first],
              current / (1.0 + 1e4 / 101.0 * load) / 10e-6, 1e-10);
}

TEST(SlewRate, BoundsTheSlopeAndLeavesSmallOnesAlone) {
  auto config = plain_neuron();
  config.amplifier.slew_v_per_s = 1e5;  // raw slopes begin at J / C = 6.25e5 V/s
  NeuronBench bench(config, cells);
  bench.set_rows(rows);
  ASSERT_GT(cells.current(rows) / 1e-12, 6e5);
  const double a = bench.membrane_at(100e-9), b = bench.membrane_at(120e-9);
  EXPECT_LT((b - a) / 20e-9, 1e5);
  EXPECT_GT((b - a) / 20e-9, 0.999e5);
  // Far below the rate the membrane relaxes with its own time constant.
  auto gentle = plain_neuron();
  gentle.amplifier.slew_v_per_s = 1e9;
  NeuronBench close(gentle, cells), free(plain_neuron(), cells);
  close.set_rows(rows);
  free.set_rows(rows);
  EXPECT_NEAR(close.membrane_at(80e-9), free.membrane_at(80e-9), 1e-7);
}

NeuronBankConfig clamped(double slope_v) {
  auto config = plain_neuron();
  config.clamp.on = true;
  config.clamp.saturation_a = 1e-9;
  config.clamp.high_v = 0.1;
  config.clamp.low_v = 0.0;
  config.clamp.slope_v = slope_v;
  return config;
}

// The steady state solves g_L V + I_clamp(V) = J; bisection is an independent solver.
TEST(DiodeClamp, SteadyStateSolvesTheNodeEquation) {
  const auto config = clamped(0.0362);
  for (const double v0 : {0.25, 0.05, -0.2}) {
    Cells one{{10e-6}, {0.0}, 1.0};
    NeuronBench bench(config, one);
    bench.set_rows({v0});
    double low = -2.0, high = 2.0;
    for (int k = 0; k < 200; ++k) {
      const double middle = 0.5 * (low + high);
      (10e-6 * middle + config.clamp.current(middle) < one.current({v0}) ? low : high) = middle;
    }
    EXPECT_NEAR(bench.membrane_at(5e-6), low, 1e-9) << v0;
  }
}

// With steep diodes the node follows min(max(v, 0), 1).
TEST(DiodeClamp, HardSigmoidIsTheLimitOfSteepDiodes) {
  double previous = 2.0;
  for (const double slope_v : {0.01, 0.003, 0.001}) {
    double worst = 0.0;
    for (double v = -0.15; v < 0.26; v += 0.05) {
      Cells one{{10e-6}, {0.0}, 1.0};
      NeuronBench bench(clamped(slope_v), one);
      bench.set_rows({v});
      double expected = v / 0.1, r = 0.0;
      activate(Activation::hard_sigmoid, &expected, &r, 1);
      worst = std::max(worst, std::abs(bench.membrane_at(4e-6) / 0.1 - r));
    }
    EXPECT_LT(worst, 0.5 * previous);
    // The diode that carries the rest, ln(I / I_S) slopes beyond its rail.
    EXPECT_NEAR(worst, slope_v / 0.1 * std::log(1.5e-6 / 1e-9), 0.1 * worst);
    previous = worst;
  }
}

TEST(DiodeClamp, GoesOnAsATangentFarOutside) {
  DiodeClamp clamp;
  clamp.slope_v = 1e-3;
  const double edge = clamp.high_v + DiodeClamp::largest_exponent * clamp.slope_v;
  const double slope = (clamp.current(edge + 1e-6) - clamp.current(edge)) / 1e-6;
  EXPECT_NEAR(slope, clamp.current(edge) / clamp.slope_v, 1e-6 * slope);
  EXPECT_TRUE(std::isfinite(clamp.current(1e6)));
}

}  // namespace
}  // namespace memprop::analog
