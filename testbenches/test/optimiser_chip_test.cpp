// Optimisers on the chip: with ideal parts it learns what the software reference learns, by ideal
// writes and by pulses of small steps, and what it costs is told.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "hw_models/bias_code.hpp"
#include "learning/reference/ideal_reference.hpp"
#include "solvers/error.hpp"
#include "testbenches/experiment/cycle_run.hpp"
#include "testbenches/test/small_chip.hpp"

namespace memprop::bench {
namespace {

using hw::UpdateCircuit;

// Ideal parts, phases long enough for the nudge's difference to stand still.
RunConfig ideal_parts(OptimiserKind kind, std::size_t batch) {
  RunConfig c = test::small_run();
  c.fidelity = Fidelity::cycle;
  c.chip.device = {};
  c.chip.device.model = analog::DeviceModel::ideal;
  c.chip.update.circuit = UpdateCircuit::ideal_write;
  c.chip.stuck_fraction = 0.0;
  c.chip.noise.read = 0.0;
  c.chip.dac.bits = c.chip.nudge_dac.bits = c.chip.adc.bits = 0;
  c.chip.sample_hold.thermal_noise = false;
  // The chip nudges down from where it was nudged up to: a strong nudge may hold another state.
  c.learning.beta = 0.1;
  c.chip.schedule.free = 300;
  c.chip.schedule.nudge_positive = c.chip.schedule.nudge_negative = 300;
  c.chip.neuron.capacitor_mismatch = c.chip.neuron.leak_mismatch = 0.0;
  c.chip.neuron.gain_mismatch = c.chip.neuron.offset_v = 0.0;
  c.chip.dac.offset_v = c.chip.dac.noise_v = c.chip.adc.offset_v = c.chip.adc.noise_v = 0.0;
  c.chip.solver.rtol = 1e-8;
  c.chip.solver.atol = 1e-10;
  c.learning.batch = batch;
  c.learning.optimiser.kind = kind;
  c.learning.rate = {0.01};
  c.ideal.free_steps = c.ideal.nudged_steps = 200;
  c.ideal.precision = learning::Precision::float64;
  return c;
}

struct Trained {
  learning::Network chip, reference, start;
};

// The same samples in the same order on both sides.
Trained train(const RunConfig& c, std::size_t samples) {
  const test::FreshKernel kernel;
  const auto network = learning::build_network(c.network, c.seed);
  learning::TrainTest data;
  data.train = test::small_samples(samples);
  data.test = test::small_samples(4);
  const RunOptions options;
  CycleRun run(c, options, network, data);
  learning::IdealReference reference(network, c.learning, c.ideal, 1, c.seed);
  std::vector<std::uint32_t> order(samples);
  for (std::size_t k = 0; k < samples; ++k) order[k] = static_cast<std::uint32_t>(k);
  const auto start = run.network();
  for (std::size_t k = 0; k < samples; ++k) run.train_next(k, false);
  reference.train(data.train.inputs.data(), data.train.targets.data(), order);
  return {run.network(), reference.network(), start};
}

// Largest difference of weights, of the largest change of one.
double miss(const Matrix& chip, const Matrix& reference, const Matrix& start) {
  double off = 0, moved = 0;
  for (std::size_t k = 0; k < chip.size(); ++k) {
    off = std::max(off, std::abs(chip.values()[k] - reference.values()[k]));
    moved = std::max(moved, std::abs(start.values()[k] - reference.values()[k]));
  }
  return off / moved;
}

double miss(const Trained& t) {
  double most = 0;
  for (std::size_t l = 0; l < t.chip.weight.size(); ++l) {
    most = std::max(most, miss(t.chip.weight[l], t.reference.weight[l], t.start.weight[l]));
  }
  return most;
}

TEST(OptimiserOnChip, IdealWritesAreTheReference) {
  for (const OptimiserKind kind :
       {OptimiserKind::sgd, OptimiserKind::momentum, OptimiserKind::adagrad, OptimiserKind::adam}) {
    EXPECT_LT(miss(train(ideal_parts(kind, 4), 24)), 0.005) << static_cast<int>(kind);
  }
}

// Arrays beyond the chain share the digital unit: links, branches, and feedback that learns.
TEST(OptimiserOnChip, LinksToo) {
  RunConfig c = ideal_parts(OptimiserKind::adam, 4);
  c.network.layers = {test::small_inputs, 8, 6, 7, test::small_outputs};
  c.network.feedback_gain = {0.3};
  c.network.links = {"1-3"};
  c.chip.schedule.free = c.chip.schedule.nudge_positive = c.chip.schedule.nudge_negative = 600;
  const Trained t = train(c, 24);
  EXPECT_LT(miss(t), 0.005);
  ASSERT_FALSE(t.chip.links.empty());
  EXPECT_LT(miss(t.chip.links[0].weight, t.reference.links[0].weight, t.start.links[0].weight),
            0.005);
}

// A nudge so weak that it opens no branch which the free phase left shut: which of two states a
// stronger one leaves behind depends on where it came from.
TEST(OptimiserOnChip, BranchesAndTheirFeedbackToo) {
  for (const OptimiserKind kind : {OptimiserKind::momentum, OptimiserKind::adam}) {
    RunConfig c = ideal_parts(kind, 4);
    c.learning.beta = 0.01;
    c.network.activation = {Activation::hard_sigmoid};
    c.network.feedback = learning::FeedbackWeights::separate;
    c.network.train_feedback = true;
    c.network.feedback_gain = {0.5};
    c.network.dendrites.basal_branches = 3;
    c.network.dendrites.apical_branches = 2;
    c.network.dendrites.basal_tau_s = 0.5 * c.network.time_constant.mean_s;
    c.network.dendrites.apical_tau_s = 1.5 * c.network.time_constant.mean_s;
    c.chip.feedback = hw::FeedbackArray::separate_array;
    const Trained t = train(c, 24);
    EXPECT_LT(miss(t), 1e-5);
    EXPECT_LT(miss(t.chip.feedback[0], t.reference.feedback[0], t.start.feedback[0]), 1e-5);
  }
}

// Steps of 1e-5 of the range: what is left is their number, and binary32.
TEST(OptimiserOnChip, PulsesOfSmallStepsAreTheReference) {
  RunConfig c = ideal_parts(OptimiserKind::adam, 4);
  c.chip.device.model = analog::DeviceModel::constant_step;
  c.chip.device.step = 1e-5;
  c.chip.update.circuit = UpdateCircuit::accumulate;
  c.chip.update.accumulator_bits = 24;
  c.chip.update.accumulator_threshold = 64;
  c.chip.update.max_pulses = 65535;
  EXPECT_LT(miss(train(c, 24)), 0.005);
}

TEST(OptimiserOnChip, TellsItsCost) {
  RunConfig c = ideal_parts(OptimiserKind::adam, 4);
  c.chip.device.model = analog::DeviceModel::constant_step;
  c.chip.device.step = 0.01;
  c.chip.update.circuit = UpdateCircuit::accumulate;
  c.chip.digital_energy_per_cycle_j = 0.0;
  c.chip.update.state_energy_j = 2e-12;
  const test::FreshKernel kernel;
  const auto network = learning::build_network(c.network, c.seed);
  learning::TrainTest data;
  data.train = test::small_samples(8);
  data.test = test::small_samples(4);
  const RunOptions options;
  CycleRun run(c, options, network, data);
  for (std::size_t k = 0; k < 8; ++k) run.train_next(k, false);
  RunResult result;
  run.fill(result);
  const std::uint64_t cells = 13 * 8 + 9 * 4;
  EXPECT_EQ(result.optimiser_memory_bits, 3 * 32 * cells);
  // Two ends of a batch, 4 words a cell; sums of 8 samples, less the rows without input.
  EXPECT_GT(result.optimiser_words, 2 * 4 * cells + 8 * cells);
  EXPECT_LE(result.optimiser_words, 2 * 4 * cells + 8 * 2 * cells);
  EXPECT_NEAR(result.energy.digital_j, 2e-12 * static_cast<double>(result.optimiser_words), 1e-20);
}

TEST(OptimiserOnChip, WantsWholeBatchesAndACircuitWithMemory) {
  const auto refused = [](RunConfig c, std::size_t samples) {
    const test::FreshKernel kernel;
    const auto network = learning::build_network(c.network, c.seed);
    learning::TrainTest data;
    data.train = test::small_samples(samples);
    data.test = test::small_samples(4);
    const RunOptions options;
    try {
      const CycleRun run(c, options, network, data);
    } catch (const UserError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  RunConfig c = ideal_parts(OptimiserKind::adam, 4);
  EXPECT_EQ(refused(c, 8), "accepted");
  EXPECT_NE(refused(c, 10).find("'learning.batch': expected a divisor of the 10 training samples"),
            std::string::npos);
  c.chip.device.model = analog::DeviceModel::constant_step;
  c.chip.update.circuit = UpdateCircuit::pulse_count;
  EXPECT_NE(refused(c, 8).find("'chip.update.circuit': expected \"accumulate\""),
            std::string::npos);
  c.learning.train = false;
  EXPECT_EQ(refused(c, 8), "accepted");
}

// The step of a batch has no gradient of one sample to be compared with; what a sample asks for
// has.
TEST(OptimiserOnChip, WithBatchesWhatIsAppliedIsNotMeasured) {
  for (const std::size_t batch : {1U, 4U}) {
    RunConfig c = ideal_parts(OptimiserKind::sgd, batch);
    c.monitor.gradient_every = 1;
    const test::FreshKernel kernel;
    const auto network = learning::build_network(c.network, c.seed);
    learning::TrainTest data;
    data.train = test::small_samples(8);
    data.test = test::small_samples(4);
    const RunOptions options;
    CycleRun run(c, options, network, data);
    for (std::size_t k = 0; k < 8; ++k) run.train_next(k, false);
    RunResult result;
    run.fill(result);
    for (const LayerAlignment& layer : result.alignment) {
      EXPECT_GT(layer.cosine_wanted, 0.9);
      EXPECT_EQ(std::isnan(layer.cosine_applied), batch > 1);
      EXPECT_EQ(std::isnan(layer.ratio_applied), batch > 1);
    }
  }
}

// A bias row's code is one of 1/a, which has to fit the converter.
TEST(OptimiserOnChip, SaysWhereBiasesLearnTooSlowly) {
  RunConfig c = test::small_run();
  c.chip.update.circuit = UpdateCircuit::pulse_count;
  c.network.forward_gain = {1.0, 0.5};
  const auto network = learning::build_network(c.network, c.seed);
  c.chip.adc.range = 2.0;
  EXPECT_TRUE(hw::bias_warnings(c.chip, network, c.learning).empty());
  c.chip.adc.range = 1.0;
  const auto warnings = hw::bias_warnings(c.chip, network, c.learning);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].rfind("the biases of layer 2 learn at 0.50 of their rate", 0), 0U);
  c.chip.update.circuit = UpdateCircuit::ideal_write;
  EXPECT_TRUE(hw::bias_warnings(c.chip, network, c.learning).empty());
}

}  // namespace
}  // namespace memprop::bench
