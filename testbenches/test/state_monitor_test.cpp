// The reference monitor's states: silent on a chip with ideal parts, and pointing at a planted
// fault in the right layer from the right cycle on (acceptance of the monitor, design section 7).
#include "testbenches/experiment/state_monitor.hpp"

#include <gtest/gtest.h>

#include "hw_models/chip_runner.hpp"
#include "learning/reference/ideal_reference.hpp"

namespace memprop::bench {
namespace {

constexpr double rtol = 1e-6;

learning::Network random_network() {
  learning::NetworkConfig config;
  config.layers = {12, 8, 6, 4};
  config.activation = {Activation::tanh};
  config.feedback_gain = {0.2};
  config.time_constant.family = learning::TimeConstantFamily::lognormal;
  config.time_constant.cv = 0.3;
  return learning::build_network(config, 7);
}

hw::ChipConfig ideal_chip() {
  hw::ChipConfig c;
  c.device.model = analog::DeviceModel::ideal;
  c.adc.bits = 0;
  c.nudge_dac.bits = 0;
  c.sample_hold.thermal_noise = false;
  c.update.circuit = hw::UpdateCircuit::ideal_write;
  c.weight_range = {2.0};
  c.solver.rtol = rtol;
  c.solver.atol = rtol * c.voltage_scale_v;
  return c;
}

struct Bench {
  explicit Bench(const hw::ChipConfig& config)
      : network(random_network()),
        runner("runner", config, network, learning, 3),
        monitor(runner, learning, 0.01),
        waves(runner) {}

  const Matrix& compare() {
    std::vector<float> x(12), y{0.0F, 0.5F, -0.5F, 0.25F};
    for (std::size_t j = 0; j < x.size(); ++j) x[j] = 0.08F * static_cast<float>(j);
    monitor.before();
    waves.begin();
    runner.run_sample(x, y, true);
    waves.end();
    monitor.after(waves, y);
    return monitor.error();
  }

  learning::LearningConfig learning;
  learning::Network network;
  hw::ChipRunner runner;
  StateMonitor monitor;
  WaveformRecorder waves;
};

TEST(StateMonitor, IdealPartsStayBelowTenToleranceAtEveryCycle) {
  Bench bench(ideal_chip());
  const Matrix& error = bench.compare();
  const auto& s = bench.runner.chip().config().schedule;
  EXPECT_GE(error.rows(), s.load + s.free + s.nudge_positive + s.nudge_negative + 3 * s.sample);
  double worst = 0.0;
  for (std::size_t k = 0; k < error.rows(); ++k) {
    for (std::size_t l = 0; l < 3; ++l) {
      worst = std::max(worst, error(k, l));
      EXPECT_LT(error(k, l), 10 * rtol) << "cycle " << k << " layer " << l + 1;
    }
  }
  // The comparison is of two integrators: they are not the same program.
  EXPECT_GT(worst, 1e-12);
}

// The chip's membranes and the leaky rates of the software have the same equilibrium, whatever the
// time constants: activities at the end of the free phase to 1 % of full scale (here to a
// permille).
TEST(StateMonitor, TheFreePhaseEndsWhereTheRateFormDoes) {
  hw::ChipConfig settled = ideal_chip();
  settled.schedule.free = 600;  // long enough for the slowest neurons, one layer after the other
  Bench bench(settled);
  learning::Network rate = bench.runner.chip().analog().present_network_with_feedback();
  rate.config.dynamics = learning::Dynamics::rate;
  for (auto& layer : rate.tau_s) layer.assign(layer.size(), 100e-9);
  rate.tau_s.front() = bench.network.tau_s.front();  // any
  bench.compare();
  learning::IdealConfig map;
  map.free_steps = 3000;
  map.time_step_s = 10e-9;
  learning::IdealReference software(rate, bench.learning, map, 1);
  const auto free = software.relax_free(bench.runner.chip().coded_input());
  const auto& schedule = bench.runner.chip().config().schedule;
  const double scale = bench.runner.chip().analog().voltage_scale_v();
  std::vector<double> lines(bench.waves.line_count());
  bench.waves.lines(schedule.load + schedule.free, lines.data());
  for (std::size_t l = 1; l <= 3; ++l) {
    const auto activities = bench.waves.activities(l);
    for (std::size_t i = 0; i < activities.count; ++i) {
      EXPECT_NEAR(lines[activities.first + i] / scale, free.r[l - 1][i], 0.01) << l << ' ' << i;
    }
  }
}

// Neuron 3 of layer 2 gets a gain error of 10 % on its activity line: it shows in layer 2 as soon
// as that neuron moves, in the layers that read the line after it, and nowhere before.
TEST(StateMonitor, APlantedGainErrorShowsInItsLayerAndNotBefore) {
  Bench bench(ideal_chip());
  bench.runner.chip().analog().plant_line_gain(2, 3, 1.1);
  const Matrix& error = bench.compare();
  const std::size_t driven = bench.runner.chip().config().schedule.load;
  for (std::size_t k = 0; k <= driven; ++k) {
    for (std::size_t l = 0; l < 3; ++l) EXPECT_EQ(error(k, l), 0.0) << k;
  }
  // One cycle after the array is driven the neuron has moved.
  EXPECT_GT(error(driven + 1, 1), 10 * rtol);
  EXPECT_LT(error(driven + 1, 0), 0.1 * error(driven + 1, 1));
  EXPECT_LT(error(driven + 1, 2), 0.1 * error(driven + 1, 1));
  const std::size_t end_of_free = driven + bench.runner.chip().config().schedule.free;
  EXPECT_GT(error(end_of_free, 1), 1e-3);
  EXPECT_GT(error(end_of_free, 1), error(end_of_free, 0));
  EXPECT_GT(error(end_of_free, 1), error(end_of_free, 2));
}

}  // namespace
}  // namespace memprop::bench
