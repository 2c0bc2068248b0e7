// Dendritic neurons on the chip. With ideal parts: states, bits, wanted changes and steps of the
// ideal reference. And each of the parts that a chip adds: cells that are not there, leaks of
// devices that were never formed, soft rectifiers, offsets, pulses.
#include <gtest/gtest.h>

#include <cmath>

#include "hw_models/tile_layout.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "testbenches/experiment/gradient_monitor.hpp"
#include "testbenches/experiment/state_monitor.hpp"
#include "testbenches/test/small_chip.hpp"

namespace memprop::bench {
namespace {

using learning::Network;
constexpr double kTau = 100e-9;
constexpr std::size_t kInputs = 8, kOutputs = 3;

Network branched(std::vector<std::size_t> layers = {kInputs, 5, 4, kOutputs}) {
  learning::NetworkConfig c;
  c.layers = std::move(layers);
  c.activation = {Activation::hard_sigmoid};
  c.feedback = learning::FeedbackWeights::separate;
  c.train_feedback = true;
  c.feedback_gain = {0.5};
  if (c.layers.size() > 2) c.forward_gain = {0.8};
  c.bias = true;
  c.bias_init = learning::BiasInit::fan_in_uniform;
  c.init = learning::WeightInit::fan_in_uniform;
  c.init_gain = 1.5;
  c.time_constant.mean_s = kTau;
  c.dendrites.basal_branches = 3;
  c.dendrites.apical_branches = 2;
  c.dendrites.basal_tau_s = 0.5 * kTau;
  c.dendrites.apical_tau_s = 1.5 * kTau;
  return learning::build_network(c, 5);
}

hw::ChipConfig ideal_parts() {
  hw::ChipConfig c;
  c.feedback = hw::FeedbackArray::separate_array;
  c.device.model = analog::DeviceModel::ideal;
  c.dac.bits = c.nudge_dac.bits = c.adc.bits = 0;
  c.adc.range = 2.0;
  c.sample_hold.thermal_noise = false;
  c.update.circuit = hw::UpdateCircuit::ideal_write;
  c.weight_range = {1.5};
  c.solver.rtol = 1e-10;
  c.solver.atol = 1e-12;
  c.schedule = {2, 800, 2, 2, 800, 800};
  return c;
}

learning::LearningConfig rule(learning::UpdateForm form = learning::UpdateForm::product,
                              learning::Nudging nudging = learning::Nudging::centred) {
  learning::LearningConfig l;
  l.form = form;
  l.nudging = nudging;
  l.scale = learning::GradientScale::nudge;
  l.beta = 0.2;
  l.rate = {1.0};
  return l;
}

learning::IdealConfig many_steps() {
  learning::IdealConfig c;
  c.free_steps = c.nudged_steps = 400;
  return c;
}

std::vector<float> inputs(std::uint64_t sample, std::size_t n = kInputs) {
  const RandomStream stream(17, "test/inputs");
  std::vector<float> x(n);
  for (std::size_t j = 0; j < n; ++j) x[j] = static_cast<float>(stream.uniform(j, sample));
  return x;
}

std::vector<float> target(std::size_t sample) {
  std::vector<float> y(kOutputs, 0.0F);
  y[sample % kOutputs] = 1.0F;
  return y;
}

std::vector<double> doubles(const std::vector<float>& v) { return {v.begin(), v.end()}; }

Matrix one_row(const std::vector<float>& v) {
  Matrix m(1, v.size());
  std::copy(v.begin(), v.end(), m.data());
  return m;
}

void expect_states(const learning::LayerStates& wanted, Span<const double> held, double scale_v) {
  std::size_t k = 0;
  for (const auto& layer : wanted.r) {
    for (const double r : layer) EXPECT_NEAR(r, held[k++] / scale_v, 1e-6);
  }
  EXPECT_EQ(k, held.size());
}

TEST(DendriticChip, StatesAndChangesAreThoseOfTheReference) {
  const Network network = branched();
  const auto x = inputs(1), y = target(1);
  for (const auto form : {learning::UpdateForm::product, learning::UpdateForm::simplified}) {
    for (const auto nudging : {learning::Nudging::centred, learning::Nudging::one_sided}) {
      const auto learning = rule(form, nudging);
      learning::IdealReference ideal(network, learning, many_steps(), 1);
      const auto wanted = ideal.ep_update_estimate(one_row(x), one_row(y));
      const test::FreshKernel kernel;
      hw::ChipRunner runner("runner", ideal_parts(), network, learning, 1);
      runner.run_sample(x, y, true);
      const auto& analog = runner.chip().analog();
      const double scale_v = analog.voltage_scale_v();
      expect_states(ideal.relax_free(doubles(x)), analog.sample_hold().held(0), scale_v);
      expect_states(ideal.relax_nudged(doubles(x), doubles(y), 0.2), analog.sample_hold().held(1),
                    scale_v);
      const auto change =
          runner.chip().wanted_change(network, learning, runner.last_nudge_sign(), true);
      ASSERT_EQ(5U, change.size());
      for (std::size_t l = 0; l < 3; ++l) {
        const Matrix& w = wanted.weight[l];
        ASSERT_EQ(w.rows(), change[l].rows());
        for (std::size_t b = 0; b < w.rows(); ++b) {
          for (std::size_t j = 0; j < w.cols(); ++j) {
            EXPECT_NEAR(w(b, j), change[l](b, j), 1e-7);
          }
          EXPECT_NEAR(wanted.bias[l][b], change[l](b, w.cols()), 1e-7);
        }
      }
      for (std::size_t l = 0; l < 2; ++l) {
        double largest = 0;
        for (std::size_t k = 0; k < wanted.feedback[l].size(); ++k) {
          EXPECT_NEAR(wanted.feedback[l].values()[k], change[3 + l].values()[k], 1e-7);
          largest = std::max(largest, std::abs(wanted.feedback[l].values()[k]));
        }
        EXPECT_GT(largest, 5e-6);
      }
      if (nudging != learning::Nudging::centred) continue;
      expect_states(ideal.relax_nudged(doubles(x), doubles(y), -0.2), analog.sample_hold().held(2),
                    scale_v);
      EXPECT_LT(analog.last_residual(1), 1e-6);
    }
  }
}

// Steps written as they are wanted are the reference's, and so are the weights after some of them.
TEST(DendriticChip, TrainsAsTheReferenceDoes) {
  const Network network = branched();
  const auto learning = [] {
    auto l = rule();
    l.rate = {0.3, 0.2, 0.1};
    return l;
  }();
  learning::IdealReference ideal(network, learning, many_steps(), 1);
  const test::FreshKernel kernel;
  hw::ChipRunner runner("runner", ideal_parts(), network, learning, 1);
  const std::vector<std::uint32_t> first{0};
  for (std::size_t k = 0; k < 6; ++k) {
    const auto x = inputs(k), y = target(k);
    ideal.train(x.data(), y.data(), first);
    runner.run_sample(x, y, true);
    auto& chip = runner.chip();
    EXPECT_EQ(0U, chip.analog().write_ideal(
                      chip.wanted_change(chip.analog().present_network(), learning, 1.0, true)));
  }
  const Network wanted = ideal.network(), got = runner.chip().analog().present_network();
  for (std::size_t l = 0; l < 3; ++l) {
    for (std::size_t k = 0; k < wanted.weight[l].size(); ++k) {
      EXPECT_NEAR(wanted.weight[l].values()[k], got.weight[l].values()[k], 1e-5);
    }
    for (std::size_t b = 0; b < wanted.bias[l].size(); ++b) {
      EXPECT_NEAR(wanted.bias[l][b], got.bias[l][b], 1e-5);
    }
  }
  for (std::size_t l = 0; l < 2; ++l) {
    for (std::size_t k = 0; k < wanted.feedback[l].size(); ++k) {
      EXPECT_NEAR(wanted.feedback[l].values()[k], got.feedback[l].values()[k], 1e-5);
    }
    EXPECT_NE(network.feedback[l].values(), got.feedback[l].values());
  }
}

double volts(const hw::AnalogChip& analog, std::size_t tile, std::size_t branch) {
  const auto& bank = analog.branches(tile)->bank();
  const auto& domain = const_cast<hw::AnalogChip&>(analog).bridge().domain();
  return domain.node_voltages()[bank.nodes().first + branch];
}

// Potential of a branch of layer 1 by hand.
double potential(const Network& n, std::size_t branch, const std::vector<float>& x) {
  double z = n.bias[0][branch];
  for (std::size_t j = 0; j < x.size(); ++j) z += n.weight[0](branch, j) * x[j];
  return z;
}

TEST(DendriticChip, BitsTellWhichBranchesAreAbove) {
  const Network network = branched();
  const auto x = inputs(2), y = target(2);
  for (const double offset_v : {0.0, 20e-3}) {
    auto config = ideal_parts();
    config.branch.comparator_offset_v = offset_v;
    const test::FreshKernel kernel;
    hw::ChipRunner runner("runner", config, network, rule(), 1);
    runner.run_sample(x, y, true);
    const auto& analog = runner.chip().analog();
    const auto& bank = analog.branches(1)->bank();
    std::size_t open = 0, other = 0;
    for (std::size_t b = 0; b < bank.size(); ++b) {
      const double z = potential(network, b, x);
      const bool bit = analog.branch_latch()->gates(0, 1)[b] != 0;
      EXPECT_EQ(z * analog.voltage_scale_v() > bank.config().comparator_v[b], bit) << b;
      open += bit;
      other += bit != (z > 0);
    }
    EXPECT_GT(open, 0U);
    EXPECT_LT(open, bank.size());
    EXPECT_EQ(offset_v > 0, other > 0) << "an offset moves some of the bits";
  }
}

// With pulses: cells that are not there keep what they have, and nothing is counted on them.
TEST(DendriticChip, OnlyCellsThatAreThereArePulsed) {
  const Network network = branched();
  for (const auto circuit : {hw::UpdateCircuit::pulse_count, hw::UpdateCircuit::accumulate,
                             hw::UpdateCircuit::stochastic, hw::UpdateCircuit::product_sign}) {
    auto config = ideal_parts();
    config.device = {};
    config.device.model = analog::DeviceModel::linear_step;
    config.device.step = 0.002;
    config.dac.bits = config.nudge_dac.bits = 8;
    config.adc.bits = 10;
    config.update.circuit = circuit;
    config.update.product_dead_zone = 1e-3;
    config.branch.masked = hw::MaskedCells::off;
    config.branch.off_s = 1e-8;
    config.branch.off_spread = 0.3;
    config.pair = analog::PairCoding::differential;
    config.schedule = {2, 200, 2, 2, 200, 200};
    config.solver.rtol = 1e-4;
    config.solver.atol = 1e-6;
    auto learning = rule();
    learning.rate = {5.0};
    const test::FreshKernel kernel;
    hw::ChipRunner runner("runner", config, network, learning, 1);
    const auto& analog = runner.chip().analog();
    std::vector<std::vector<double>> plus, minus;
    for (std::size_t t = 1; t <= analog.tile_count(); ++t) {
      const auto& pairs = analog.tile(t).pairs();
      plus.push_back({pairs.plus().conductances().begin(), pairs.plus().conductances().end()});
      minus.push_back({pairs.minus()->conductances().begin(), pairs.minus()->conductances().end()});
    }
    for (std::size_t k = 0; k < 8; ++k) runner.run_sample(inputs(k), target(k), true);
    std::uint64_t missed = 0;
    for (std::size_t t = 1; t <= analog.tile_count(); ++t) {
      const auto& pairs = analog.tile(t).pairs();
      std::size_t moved = 0, masked = 0;
      for (std::size_t cell = 0; cell < plus[t - 1].size(); ++cell) {
        const bool same = pairs.plus().conductance()[cell] == plus[t - 1][cell] &&
                          pairs.minus()->conductance()[cell] == minus[t - 1][cell];
        if (pairs.formed(cell)) {
          moved += !same;
        } else {
          EXPECT_TRUE(same);
          EXPECT_LT(plus[t - 1][cell], 1e-7);
          ++masked;
        }
      }
      EXPECT_GT(moved, 0U) << "tile " << t << " learns nothing";
      EXPECT_GT(masked, 0U);
      EXPECT_EQ(0U, pairs.stuck_cells());
      // A commanded coincidence is a pulse only where there is a cell.
      const auto& counters = runner.chip().controller().counters();
      const auto c = pairs.counters();
      const auto commanded = counters.pulses_up[t - 1] + counters.pulses_down[t - 1];
      EXPECT_LE(c.set_pulses, commanded);
      missed += commanded - c.set_pulses;
      EXPECT_EQ(c.set_pulses, c.reset_pulses);
    }
    EXPECT_GT(missed, 0U);
  }
}

TEST(DendriticChip, FeedbackMayStayFixed) {
  Network network = branched();
  network.config.train_feedback = false;
  auto config = ideal_parts();
  config.device = {};
  config.device.model = analog::DeviceModel::linear_step;
  config.device.step = 0.002;
  config.dac.bits = config.nudge_dac.bits = 8;
  config.adc.bits = 10;
  config.update.circuit = hw::UpdateCircuit::pulse_count;
  config.solver.rtol = 1e-4;
  config.solver.atol = 1e-6;
  auto learning = rule();
  learning.rate = {5.0};
  const test::FreshKernel kernel;
  hw::ChipRunner runner("runner", config, network, learning, 1);
  for (std::size_t k = 0; k < 3; ++k) runner.run_sample(inputs(k), target(k), true);
  const auto& analog = runner.chip().analog();
  EXPECT_GT(analog.tile(1).pairs().counters().set_pulses, 0U);
  for (std::size_t t = 4; t <= 5; ++t) {
    EXPECT_EQ(0U, analog.tile(t).pairs().counters().set_pulses);
    EXPECT_EQ(0U, analog.tile(t).pairs().counters().reset_pulses);
  }
}

// What devices leak that were never formed adds up at their branch.
TEST(DendriticChip, LeaksShiftTheBranches) {
  const Network network = branched();
  auto config = ideal_parts();
  config.branch.masked = hw::MaskedCells::off;
  config.branch.off_s = 5e-7;
  config.branch.off_spread = 0.5;
  const auto x = inputs(3);
  const test::FreshKernel kernel;
  hw::ChipRunner runner("runner", config, network, rule(), 1);
  runner.run_sample(x, target(3), false);
  const auto& analog = runner.chip().analog();
  const auto& pairs = analog.tile(1).pairs();
  double largest = 0;
  for (std::size_t b = 0; b < pairs.columns(); ++b) {
    double leak = 0;  // in units of V_s
    for (std::size_t j = 0; j < kInputs; ++j) {
      const std::size_t cell = b * pairs.rows() + j;
      if (pairs.formed(cell)) continue;
      EXPECT_GT(pairs.plus().conductance()[cell], 0.0);
      leak += analog.mirror(1) * (pairs.plus().conductance()[cell] - pairs.minus_s(cell)) * x[j] /
              config.neuron.leak_s;
    }
    largest = std::max(largest, std::abs(leak));
    EXPECT_NEAR(potential(network, b, x) + leak, volts(analog, 1, b) / analog.voltage_scale_v(),
                1e-6);
  }
  EXPECT_GT(largest, 1e-3);
  // A leak is no weight.
  const Network present = analog.present_network();
  for (std::size_t k = 0; k < present.weight[0].size(); ++k) {
    EXPECT_NEAR(network.weight[0].values()[k], present.weight[0].values()[k], 1e-12);
  }
}

// One layer, no feedback: neurons in closed form.
TEST(DendriticChip, SoftRectifiersWithOffsets) {
  const Network network = branched({kInputs, kOutputs});
  auto config = ideal_parts();
  config.branch.rectifier = hw::BranchRectifier::softplus;
  config.branch.knee_v = 15e-3;
  config.branch.offset_v = 4e-3;
  config.branch.leak_mismatch = config.branch.coupling_mismatch = 0.1;
  const auto x = inputs(4);
  const test::FreshKernel kernel;
  hw::ChipRunner runner("runner", config, network, rule(), 3);
  runner.run_sample(x, target(4), false);
  const auto& analog = runner.chip().analog();
  const auto& bank = analog.branches(1)->bank().config();
  const double leak_s = config.neuron.leak_s, scale_v = analog.voltage_scale_v();
  for (std::size_t i = 0; i < kOutputs; ++i) {
    double u = 0;
    for (std::size_t b = 3 * i; b < 3 * (i + 1); ++b) {
      EXPECT_NE(0.0, bank.offset_v[b]);
      EXPECT_NE(leak_s, bank.leak_s[b]);
      const double v = potential(network, b, x) * scale_v * leak_s / bank.leak_s[b];
      u += bank.coupling_s[b] / leak_s * 15e-3 *
           std::log(1 + std::exp((v - bank.offset_v[b]) / 15e-3));
    }
    EXPECT_NEAR(std::min(1.0, std::max(0.0, u / scale_v)),
                analog.sample_hold().held(0)[i] / scale_v, 1e-6);
  }
}

// Time constants of branches are the chip's own: its states follow the ideal ones in time.
TEST(DendriticChip, TheMonitorsAreSilentAtIdealParts) {
  const Network network = branched();
  auto config = ideal_parts();
  config.solver.rtol = 1e-7;
  config.solver.atol = 1e-8;
  config.schedule = {2, 60, 2, 2, 40, 40};
  const auto learning = rule();
  const test::FreshKernel kernel;
  hw::ChipRunner runner("runner", config, network, learning, 3);
  StateMonitor states(runner, learning, 0.1);
  WaveformRecorder waves(runner);
  const auto x = inputs(5), y = target(5);
  states.before();
  waves.begin();
  runner.run_sample(x, y, true);
  waves.end();
  states.after(waves, y);
  double worst = 0;
  for (const double e : states.error().values()) worst = std::max(worst, e);
  EXPECT_LT(worst, 1e-4);
  EXPECT_GT(states.error().rows(), 100U);
}

// Neurons with branches that adapt: held values and slow copies, and branches that rest while the
// arrays are off.
TEST(DendriticChip, TheMonitorFollowsAdaptation) {
  for (const auto circuit :
       {hw::AdaptationCircuit::track_hold, hw::AdaptationCircuit::slow_variable}) {
    const Network network = branched();
    auto config = ideal_parts();
    config.solver.rtol = 1e-7;
    config.solver.atol = 1e-8;
    config.schedule = {2, 60, 2, 2, 40, 40};
    config.adaptation.circuit = circuit;
    config.adaptation.time_constant_s = 20 * kTau;
    config.schedule.adapt = 30;
    auto learning = rule(learning::UpdateForm::product, learning::Nudging::one_sided);
    learning.adaptation = {0.1, 4, learning::AdaptationMode::interleaved};
    const test::FreshKernel kernel;
    hw::ChipRunner runner("runner", config, network, learning, 3);
    StateMonitor states(runner, learning, 0.1);
    WaveformRecorder waves(runner);
    for (std::uint64_t sample = 5; sample < 7; ++sample) {
      const auto x = inputs(sample), y = target(5);
      states.before();
      waves.begin();
      runner.run_sample(x, y, true);
      waves.end();
      states.after(waves, y);
      double worst = 0;
      for (const double e : states.error().values()) worst = std::max(worst, e);
      EXPECT_LT(worst, 1e-4) << static_cast<int>(circuit) << " " << sample;
    }
  }
}

TEST(DendriticChip, ChangesPointDownTheExactGradientAtTheOutput) {
  const Network network = branched();
  auto learning = rule();
  learning.beta = 0.01;
  const test::FreshKernel kernel;
  hw::ChipRunner runner("runner", ideal_parts(), network, learning, 3);
  GradientMonitor monitor(runner, network, learning);
  const auto x = inputs(6);
  monitor.before(x, target(6), target(7));
  runner.run_sample(x, target(6), true);
  const auto& row = monitor.after();
  EXPECT_GT(row[2].cosine_wanted, 0.97);
}

TEST(DendriticChip, ContinuesFromACheckpointBitForBit) {
  const Network network = branched();
  auto config = ideal_parts();
  config.device = {};
  config.device.model = analog::DeviceModel::linear_step;
  config.device.step = 0.002;
  config.device.cycle_noise = 0.3;
  config.dac.bits = config.nudge_dac.bits = 8;
  config.adc.bits = 10;
  config.update.circuit = hw::UpdateCircuit::accumulate;
  config.branch.masked = hw::MaskedCells::off;
  config.branch.off_spread = 0.5;
  config.branch.offset_v = config.branch.comparator_offset_v = 1e-3;
  config.neuron.reset = false;
  config.noise.read = 0.01;
  config.schedule = {2, 50, 2, 2, 30, 30};
  config.solver.rtol = 1e-4;
  config.solver.atol = 1e-6;
  auto learning = rule();
  learning.rate = {5.0};
  std::vector<double> values, half_values, resumed;
  std::vector<std::uint64_t> counters, half_counters, resumed_counters;
  {
    const test::FreshKernel kernel;
    hw::ChipRunner runner("runner", config, network, learning, 3);
    for (std::size_t k = 0; k < 6; ++k) {
      if (k == 3) runner.save(half_values, half_counters);
      runner.run_sample(inputs(k), target(k), true);
    }
    runner.save(values, counters);
  }
  const test::FreshKernel kernel;
  hw::ChipRunner runner("runner", config, network, learning, 3);
  runner.restore(half_values, half_counters);
  for (std::size_t k = 3; k < 6; ++k) runner.run_sample(inputs(k), target(k), true);
  runner.save(resumed, resumed_counters);
  EXPECT_EQ(values, resumed);
  EXPECT_EQ(counters, resumed_counters);
}

}  // namespace
}  // namespace memprop::bench
