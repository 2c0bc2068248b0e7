// The resistive circuit in time against the exact solver of its steady states, and against ngspice.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "testbenches/test/resistive_fixture.hpp"

namespace memprop::bench::test {
namespace {

using analog::DiodeLaw;
using learning::NodeElement;

TEST(ResistiveCircuit, EndsAtTheExactSteadyState) {
  for (const bool pairs : {false, true}) {
    for (const auto element : {NodeElement::one_sided, NodeElement::clamp, NodeElement::none}) {
      ResistiveCase c;
      c.pairs = pairs;
      c.element = element;
      const auto network = make_network(c);
      const auto x = make_input(8);
      const std::vector<double> y{0.5, -0.3, 0.1};
      auto exact = exact_solver(network);
      analog::ResistiveCircuit circuit(circuit_of(network, {DiodeLaw::ideal, 0, 0}));
      circuit.set_sources(source_voltages(network, x));
      circuit.set_target(y);
      double worst = 0.0;
      std::size_t clamped = 0;
      for (const double beta : {0.0, 0.3, -0.03}) {
        circuit.set_nudge(beta * unit_s);
        circuit.settle(3e-11 * unit_s, 100e-6);
        const auto state = beta == 0.0 ? exact.solve(x) : exact.solve(x, y, beta);
        for (std::size_t l = 1; l <= 3; ++l) {
          const auto v = circuit.voltages(l);
          for (std::size_t i = 0; i < v.size(); ++i) {
            worst = std::max(worst, std::abs(v[i] - state.v[l - 1][i]));
            const auto bounds = learning::node_bounds(network.config, l, i);
            clamped += v[i] == bounds.low || v[i] == bounds.high;
          }
        }
      }
      EXPECT_LT(worst, 1e-9);
      EXPECT_EQ(clamped > 5, element != NodeElement::none);
    }
  }
}

// The tangent continues a diode beyond 40 n U_T; below it is Shockley's law.
TEST(ResistiveCircuit, DiodesFollowShockley) {
  const analog::DiodeConfig d{DiodeLaw::exponential, 2e-12, 0.03};
  EXPECT_DOUBLE_EQ(diode_current(d, 0.6), 2e-12 * std::expm1(20.0));
  EXPECT_DOUBLE_EQ(diode_current(d, -1.0), 2e-12 * std::expm1(-1.0 / 0.03));
  const double h = 1e-6;
  EXPECT_NEAR((diode_current(d, 1.2 + h) - diode_current(d, 1.2 - h)) / (2 * h) /
                  (2e-12 * std::exp(40.0) / 0.03),
              1.0, 1e-3);
  EXPECT_DOUBLE_EQ(clamp_current(d, 0.5, -0.1, 0.2), 2e-12 * (std::expm1(10) - std::expm1(-20)));
}

class ResistiveSpice : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::string(MEMPROP_NGSPICE).empty()) GTEST_SKIP() << "not run: ngspice is not installed";
  }
};

// Circuits with silicon diodes: transients of all phases' circuits and where they end.
TEST_F(ResistiveSpice, TransientsWithExponentialDiodes) {
  for (const bool pairs : {false, true}) {
    for (const double beta : {0.0, 0.3, -0.03}) {
      ResistiveCase c;
      c.pairs = pairs;
      c.element = NodeElement::clamp;
      c.input_gain = 8.0;
      const auto network = make_network(c);
      const auto source_v = source_voltages(network, make_input(8));
      const std::vector<double> y{0.5, -0.3, 0.1};
      analog::DiodeConfig diode{DiodeLaw::exponential, 1e-14, spice_thermal_v};
      auto config = circuit_of(network, diode);
      SpiceNetlist how;
      how.nudge_s = beta * unit_s;
      how.target_v = y;
      how.transient_s = 1.5e-6;
      how.max_step_s = 0.5e-9;
      const auto rows = run_ngspice(config, source_v, how, pairs ? "tran-pairs" : "tran");
      ASSERT_GT(rows.size(), 100U);
      analog::ResistiveCircuit circuit(config);
      circuit.set_sources(source_v);
      circuit.set_target(y);
      circuit.set_nudge(how.nudge_s);
      double worst = 0.0, largest = 0.0, at_diodes = 0.0;
      // ngspice's own points, in whole picoseconds; it is linear between them.
      for (std::size_t k = 1, next = 1; k < rows.size(); ++k) {
        if (k != next && k + 1 != rows.size()) continue;
        next = k + std::max<std::size_t>(1, rows.size() / 100);
        const double t = std::floor(rows[k][0] * 1e12) * 1e-12;
        const double share = (t - rows[k - 1][0]) / (rows[k][0] - rows[k - 1][0]);
        circuit.run(t - circuit.time_s());
        std::size_t column = 1;
        for (std::size_t l = 1; l <= 3; ++l) {
          const auto v = circuit.voltages(l);
          for (std::size_t i = 0; i < v.size(); ++i, ++column) {
            // From 0.4 V on a diode carries what an array does.
            const double theirs =
                rows[k - 1][column] + share * (rows[k][column] - rows[k - 1][column]);
            worst = std::max(worst, std::abs(v[i] - theirs));
            largest = std::max(largest, std::abs(theirs));
            if (l < 3) at_diodes = std::max(at_diodes, v[i] - (c.clamp_v + 0.4));
          }
        }
      }
      std::printf("pairs %d, beta %.2f: worst %.2e V, largest voltage %.2f V\n", pairs, beta, worst,
                  largest);
      EXPECT_LT(worst, 1e-3);
      EXPECT_GT(at_diodes, 0.0) << "no diode conducts: nothing was tested";
      how.transient_s = 0;
      const auto point = run_ngspice(config, source_v, how, pairs ? "op-pairs" : "op");
      ASSERT_EQ(point.size(), 1U);
      circuit.settle(1e-12, 100e-6);
      std::size_t column = 1;
      for (std::size_t l = 1; l <= 3; ++l) {
        for (const double v : circuit.voltages(l)) EXPECT_NEAR(v, point[0][column++], 1e-5);
      }
    }
  }
}

// X13: the exact solver against ngspice on the same circuit, its diodes nearly ideal.
TEST_F(ResistiveSpice, ExactSolverAgainstNearlyIdealDiodes) {
  ResistiveCase c;
  c.layers = {64, 32, 10};
  c.gain = {1.0};
  c.element = NodeElement::one_sided;
  c.input_gain = 80.0;
  const auto network = make_network(c);
  const auto x = make_input(64);
  std::vector<double> y(10, 0.0);
  y[3] = 1.0;
  analog::DiodeConfig diode{DiodeLaw::exponential, 1e-9, 1e-3 * spice_thermal_v};
  const auto config = circuit_of(network, diode);
  auto exact = exact_solver(network);
  double worst = 0.0, largest = 0.0, ratio = 0.0;
  for (const double beta : {0.0, 0.5, -0.5}) {
    SpiceNetlist how;
    how.emission = 1e-3;
    how.nudge_s = beta * unit_s;
    how.target_v = y;
    double spice_seconds = 0.0;
    const auto point =
        run_ngspice(config, source_voltages(network, x), how, "near-ideal", &spice_seconds);
    ASSERT_EQ(point.size(), 1U);
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    const int repeats = 20;
    learning::SteadyState state;
    for (int k = 0; k < repeats; ++k) state = exact.solve(x, y, beta);
    const double ours =
        std::chrono::duration<double>(Clock::now() - begin).count() / static_cast<double>(repeats);
    ratio = spice_seconds / ours;
    std::size_t column = 1;
    for (const auto& layer : state.v) {
      for (const double v : layer) {
        worst = std::max(worst, std::abs(v - point[0][column]));
        largest = std::max(largest, std::abs(point[0][column++]));
      }
    }
    std::printf(
        "beta %.2f: worst %.2e V of %.2f V; ngspice %.3g s, exact solver %.3g s (%zu "
        "iterations): ratio %.0f\n",
        beta, worst, largest, spice_seconds, ours, state.iterations, ratio);
  }
  EXPECT_GT(largest, 0.3);
  EXPECT_LT(worst, 1e-3);
}

}  // namespace
}  // namespace memprop::bench::test
