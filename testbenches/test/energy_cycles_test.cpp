// The design point of ep-circuits section 4: 784-512-10, V_s = 100 mV, devices of 0.1-5 uS with
// one-sided coding (2.65 uS per pair on average), neurons of 1 uA at 1.8 V, 100 MHz, phases of
// 100 / 50 / 60 cycles, U2 with BL 31.
#include <gtest/gtest.h>

#include <cmath>

#include "testbenches/experiment/cycle_run.hpp"
#include "testbenches/test/small_chip.hpp"

namespace memprop::bench::test {
namespace {

constexpr std::size_t inputs = 784, hidden = 512, outputs = 10;
constexpr double pairs = inputs * hidden + hidden * outputs;
constexpr double clock_s = 10e-9;

RunConfig design_point() {
  RunConfig c;
  c.ideal_reference = c.backprop_reference = false;
  c.monitor.gradient_every = 0;
  c.network.layers = {inputs, hidden, outputs};
  c.network.activation = {Activation::tanh};
  c.network.feedback_gain = {0.1};
  c.learning.nudging = learning::Nudging::centred;
  c.learning.form = learning::UpdateForm::simplified;
  c.learning.rate = {0.0};  // the schedule runs, the weights stay
  auto& chip = c.chip;
  chip.clock_s = clock_s;
  chip.voltage_scale_v = 0.1;
  // Weight zero at a quarter of the window: the reference device has 1.325 uS, and so has the
  // programmed one on average when the weights have no mean. 2.65 uS a pair.
  chip.device.w_min = -1.0 / 3.0;
  chip.device.w_max = 1.0;
  chip.weight_range = {0.2};
  chip.dac.bits = 0;  // inputs of exactly the mean square asked for
  chip.schedule = {8, 100, 4, 4, 50, 60};
  chip.update.circuit = hw::UpdateCircuit::stochastic;
  chip.update.stream_length = 31;
  return c;
}

// Uniform weights over most of what the lower side of the window can hold, mirrored so that they
// have no mean.
learning::Network design_network(const RunConfig& c) {
  auto network = learning::build_network(c.network, c.seed);
  const double largest = 0.9 * c.chip.weight_range[0] / 3.0;
  for (std::size_t l = 0; l < 2; ++l) {
    const RandomStream stream(1, l == 0 ? "test/w1" : "test/w2");
    auto& w = network.weight[l].values();
    for (std::size_t k = 0; k + 1 < w.size(); k += 2) {
      w[k] = largest * (2.0 * stream.uniform(k) - 1.0);
      w[k + 1] = -w[k];
    }
  }
  return network;
}

learning::TrainTest one_image(double mean_square) {
  learning::TrainTest data;
  for (auto* d : {&data.train, &data.test}) {
    d->inputs = BasicMatrix<float>(1, inputs);
    d->targets = BasicMatrix<float>(1, outputs, 0.0F);
    d->targets(0, 3) = 1.0F;
    d->labels = {3};
    const RandomStream stream(2, "test/image");
    double sum = 0.0;
    std::vector<double> x(inputs);
    for (std::size_t j = 0; j < inputs; ++j) {
      x[j] = stream.uniform(j) < 0.2 ? 0.5 + stream.uniform(j, 1) : 0.0;  // dark, with strokes
      sum += x[j] * x[j];
    }
    for (std::size_t j = 0; j < inputs; ++j) {
      d->inputs(0, j) = static_cast<float>(x[j] * std::sqrt(mean_square * inputs / sum));
    }
  }
  data.classes = outputs;
  return data;
}

// Energy of the arrays at the end of FREE, read half a cycle after the change of phase.
class FreePhaseMeter : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"};
  explicit FreePhaseMeter(sc_core::sc_module_name module_name, const hw::Chip& chip)
      : sc_module(module_name), chip_(chip) {
    SC_HAS_PROCESS(FreePhaseMeter);
    SC_METHOD(look);
    sensitive << clk.neg();
    dont_initialize();
  }
  double array_energy_j = 0.0;

 private:
  void look() {
    const auto phase = static_cast<digital::Phase>(chip_.phase.read());
    if (before_ == digital::Phase::free && phase == digital::Phase::sample0 &&
        array_energy_j == 0.0) {
      for (std::size_t l = 1; l <= 2; ++l)
        array_energy_j += chip_.analog().tile(l).array_energy_j();
    }
    before_ = phase;
  }
  const hw::Chip& chip_;
  digital::Phase before_ = digital::Phase::idle;
};

struct Measured {
  RunResult result;
  double free_array_j = 0, mean_pair_s = 0;
  std::uint64_t driven_cycles = 0;
};

Measured run_one_sample(double mean_square) {
  const RunConfig config = design_point();
  const auto network = design_network(config);
  const auto data = one_image(mean_square);
  const RunOptions options;
  CycleRun run(config, options, network, data);
  FreePhaseMeter meter("meter", run.runner().chip());
  meter.clk(*dynamic_cast<sc_core::sc_clock*>(sc_core::sc_find_object("chip_runner.clk")));
  Measured m;
  EXPECT_TRUE(run.run(m.result));
  m.free_array_j = meter.array_energy_j;
  const auto& chip = run.runner().chip();
  for (std::size_t l = 1; l <= 2; ++l) {
    const auto& tile = chip.analog().tile(l).pairs();
    // Every row at 1 V draws the sum of all conductances.
    m.mean_pair_s += tile.row_power(std::vector<double>(tile.rows(), 1.0).data()) / pairs;
  }
  m.driven_cycles = chip.controller().core().counters().row_driven_cycles;
  EXPECT_EQ(m.result.clipped_weights, 0u);
  EXPECT_EQ(m.result.set_pulses + m.result.reset_pulses, 0u);
  return m;
}

TEST(DesignPoint, CyclesAreThoseOfTheFormula) {
  const Measured m = run_one_sample(0.112);
  // N_LOAD + N_ADC = 8 + 3 x 4 = 20; U2: four sign passes of BL 31.
  EXPECT_EQ(m.result.cycles, 20u + 100 + 50 + 60 + 3 * 4 + 4 * 31);
  EXPECT_EQ(m.result.cycles, 366u);
  EXPECT_EQ(m.result.update_cycles, 124u);
  EXPECT_EQ(m.driven_cycles, 222u);
  EXPECT_DOUBLE_EQ(m.result.simulated_s, 3.66e-6);
}

TEST(DesignPoint, EnergiesOfMnist) {
  const Measured m = run_one_sample(0.112);
  EXPECT_NEAR(m.mean_pair_s, 2.65e-6, 1e-9);
  const Energy& e = m.result.energy;
  const double free_s = 100 * clock_s, driven_s = 222 * clock_s;
  const double neurons_w = (hidden + outputs) * 1e-6 * 1.8;
  const double array_w = m.free_array_j / free_s;
  const double free_j = m.free_array_j + neurons_w * free_s;
  const double sample_j = e.arrays_j + e.neurons_j;
  RecordProperty("array_mW", std::to_string(1e3 * array_w));
  std::printf("array %.4f mW, per pair %.4f nW, free phase %.4f nJ, sample %.4f nJ\n",
              1e3 * array_w, 1e9 * array_w / pairs, 1e9 * free_j, 1e9 * sample_j);
  EXPECT_NEAR(array_w / pairs, 3.0e-9, 0.05 * 3.0e-9);
  EXPECT_NEAR(array_w, 1.2e-3, 0.05 * 1.2e-3);
  EXPECT_NEAR(e.arrays_j / driven_s, 1.2e-3, 0.05 * 1.2e-3);
  EXPECT_NEAR(neurons_w, 0.94e-3, 0.05 * 0.94e-3);
  EXPECT_NEAR(e.neurons_j, neurons_w * 3.66e-6, 1e-9 * e.neurons_j);
  EXPECT_NEAR(free_j, 2.1e-9, 0.05 * 2.1e-9);
  EXPECT_NEAR(sample_j, 6e-9, 0.05 * 6e-9);
  EXPECT_EQ(e.writes_j, 0.0);
  EXPECT_EQ(e.converters_j, 0.0);
}

TEST(DesignPoint, ArrayPowerOfFashionMnist) {
  const Measured m = run_one_sample(0.206);
  EXPECT_NEAR(m.free_array_j / (100 * clock_s), 2.2e-3, 0.05 * 2.2e-3);
}

}  // namespace
}  // namespace memprop::bench::test
