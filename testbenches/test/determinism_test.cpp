// Same seed, same bits: a second run, other threads, tracing on or off, more probes and a resume
// change nothing; another seed does.
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include "testbenches/experiment/cycle_run.hpp"
#include "testbenches/experiment/experiment.hpp"
#include "testbenches/experiment/result_table.hpp"
#include "testbenches/test/small_chip.hpp"
#include "traces/trace_reader.hpp"

namespace memprop::bench::test {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder()
      : path_(fs::temp_directory_path() / ("memprop_determinism_" + std::to_string(getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

void put_big_endian(std::ofstream& out, std::size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.put(static_cast<char>(value >> shift & 0xff));
}

void write_idx(const Folder& folder, const std::string& name, std::size_t count,
               std::size_t first) {
  const auto d = small_samples(count, first);
  std::ofstream inputs(folder / (name + "-inputs"), std::ios::binary);
  put_big_endian(inputs, 0x00000802);
  put_big_endian(inputs, count);
  put_big_endian(inputs, small_inputs);
  for (const float v : d.inputs.values()) inputs.put(static_cast<char>(255.0F * v));
  std::ofstream labels(folder / (name + "-labels"), std::ios::binary);
  put_big_endian(labels, 0x00000801);
  put_big_endian(labels, count);
  for (const int label : d.labels) labels.put(static_cast<char>(label));
}

// A run on files in `folder`: two epochs, references beside it, a trace with everything in it.
RunConfig small_file_run(const Folder& folder, Fidelity fidelity) {
  RunConfig c = small_run();
  c.fidelity = fidelity;
  c.learning.epochs = 2;
  // The software fidelities look for an interruption every thousand samples.
  const std::size_t training = fidelity == Fidelity::cycle ? 250 : 1500;
  if (fidelity != Fidelity::cycle) c.learning.batch = 4;
  write_idx(folder, "train", training, 0);
  write_idx(folder, "test", 100, 5000);
  c.data.name = "files";
  c.data.train_inputs = folder / "train-inputs";
  c.data.train_targets = folder / "train-labels";
  c.data.test_inputs = folder / "test-inputs";
  c.data.test_targets = folder / "test-labels";
  c.output.path = folder / "run.h5";
  c.output.probes = {"*"};
  c.output.samples = {0, 7, 249, 300};
  c.monitor.state_every = 100;
  return c;
}

using Contents = std::map<std::string, std::string>;

// Every data set as its bytes, with its shape.
Contents contents(const std::string& path) {
  const traces::TraceReader trace(path);
  Contents all;
  for (const auto& info : trace.datasets()) {
    std::string value;
    for (const auto n : info.shape) value += std::to_string(n) + ' ';
    if (info.type == traces::ElementType::text) {
      if (info.shape.empty()) {
        value += trace.read_text(info.path);
      } else {
        for (const auto& s : trace.read_strings(info.path)) value += s + '\n';
      }
    } else {
      const auto numbers = trace.read<double>(info.path);
      value.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(double));
    }
    all[info.path] = value;
  }
  return all;
}

// Paths of the data sets that are not the same, or in only one of the two.
std::vector<std::string> different(const Contents& a, const Contents& b) {
  std::vector<std::string> paths;
  for (const auto& [path, value] : a) {
    const auto other = b.find(path);
    if (other == b.end() || other->second != value) paths.push_back(path);
  }
  for (const auto& entry : b) {
    if (a.count(entry.first) == 0) paths.push_back(entry.first);
  }
  return paths;
}

// Runs on a kernel of its own.
RunResult run(const RunConfig& config, const RunOptions& options = {}) {
  const FreshKernel kernel;
  return run_experiment(config, options);
}

Contents traced(const RunConfig& config, const RunOptions& options = {}) {
  EXPECT_FALSE(run(config, options).interrupted);
  return contents(config.output.path);
}

// The figures of a run in full precision, without its wall time.
std::string figures(RunResult result) {
  result.wall_s = 0;
  return result_json(result);
}

const std::vector<std::string> none;

// The weights after 60 samples, as the chip stores them.
std::vector<double> final_weights(const RunConfig& config) {
  const FreshKernel kernel;
  const learning::TrainTest data{small_samples(60), small_samples(8, 5000), small_outputs};
  const RunOptions options;
  CycleRun cycle(config, options, learning::build_network(config.network, config.seed), data);
  RunResult result;
  EXPECT_TRUE(cycle.run(result));
  const auto network = cycle.network();
  std::vector<double> all;
  for (std::size_t l = 0; l < network.layer_count(); ++l) {
    all.insert(all.end(), network.weight[l].values().begin(), network.weight[l].values().end());
    all.insert(all.end(), network.bias[l].begin(), network.bias[l].end());
  }
  return all;
}

std::string fidelity_name(const ::testing::TestParamInfo<Fidelity>& info) {
  static const char* const names[] = {"Ideal", "Ode", "Cycle"};
  return names[static_cast<int>(info.param)];
}

class Determinism : public ::testing::TestWithParam<Fidelity> {
 protected:
  Folder folder_;
};

TEST_P(Determinism, SameSeedSameBits) {
  const RunConfig config = small_file_run(folder_, GetParam());
  const Contents first = traced(config);
  EXPECT_GT(first.size(), 20u);
  EXPECT_EQ(different(first, traced(config)), none);
}

TEST_P(Determinism, AnotherSeedAnotherRun) {
  RunConfig config = small_file_run(folder_, GetParam());
  const Contents first = traced(config);
  config.seed = 2;
  const auto changed = different(first, traced(config));
  const auto has = [&](const char* path) {
    return std::find(changed.begin(), changed.end(), path) != changed.end();
  };
  EXPECT_TRUE(has("network/layer1/weight_initial"));
  EXPECT_TRUE(has("network/layer2/weight_final"));
  EXPECT_TRUE(has("network/layer1/time_constant"));
  if (GetParam() == Fidelity::cycle) {
    EXPECT_TRUE(has("probes/samples/codes/free"));
    EXPECT_TRUE(has("devices/tile1/conductance_plus"));
    EXPECT_TRUE(has("energy/arrays"));
    EXPECT_TRUE(has("events/set_pulses"));
  }
}

TEST_P(Determinism, ThreadsChangeNoBit) {
  RunConfig config = small_file_run(folder_, GetParam());
  const Contents one = traced(config);
  config.threads = 2;
  EXPECT_EQ(different(one, traced(config)), none);
}

TEST_P(Determinism, TracingChangesNoFigure) {
  RunConfig config = small_file_run(folder_, GetParam());
  RunConfig untraced = config;
  untraced.output.path.clear();
  EXPECT_EQ(figures(run(untraced)), figures(run(config)));
}

TEST_P(Determinism, ResumeChangesNoBit) {
  const RunConfig config = small_file_run(folder_, GetParam());
  const Contents whole = traced(config);
  // In the first epoch, at its end, and in the second.
  const std::uint64_t unit = GetParam() == Fidelity::cycle ? 1 : 6;
  for (const std::uint64_t stop : {137 * unit, 250 * unit, 301 * unit}) {
    fs::remove(config.output.path);
    RunOptions options;
    options.stop_after = stop;
    ASSERT_TRUE(run(config, options).interrupted) << stop;
    EXPECT_NE(different(whole, contents(config.output.path)), none) << stop;
    RunOptions resumed;
    resumed.resume = true;
    EXPECT_EQ(different(whole, traced(config, resumed)), none) << stop;
  }
}

INSTANTIATE_TEST_SUITE_P(Fidelities, Determinism,
                         ::testing::Values(Fidelity::cycle, Fidelity::ideal, Fidelity::ode),
                         fidelity_name);

// The state of optimisers, the keys of noise and the contents of kept batches survive a resume.
TEST(SoftwareDeterminism, ResumeWithOptimiserLinksAndKeptBatches) {
  using namespace learning;
  for (const int kind : {0, 1, 2}) {
    const Folder folder;
    RunConfig config = small_file_run(folder, kind == 1 ? Fidelity::ode : Fidelity::ideal);
    config.network.layers = {small_inputs, 8, 6, 7, small_outputs};
    config.network.links = {"1-3"};
    config.network.readout = Readout::softmax;
    config.learning.rate = {0.01};
    config.learning.batch = 8;
    config.learning.batch_contents = BatchContents::kept;
    config.learning.optimiser.kind = OptimiserKind::adam;
    if (kind == 0) config.ideal.noise = config.ideal.mismatch = 0.05;
    if (kind == 2) config.learning.rule = RuleKind::backprop;
    const Contents whole = traced(config);
    EXPECT_EQ(whole.count("network/link1to3/weight_final"), 1U);
    for (const std::uint64_t stop : {800U, 1900U}) {
      fs::remove(config.output.path);
      RunOptions options;
      options.stop_after = stop;
      ASSERT_TRUE(run(config, options).interrupted) << kind << " " << stop;
      RunOptions resumed;
      resumed.resume = true;
      EXPECT_EQ(different(whole, traced(config, resumed)), none) << kind << " " << stop;
    }
  }
}

// In the middle of a batch: sums and state of the optimiser, in the chip's memory or of ideal
// writes.
TEST(CycleDeterminism, ResumeWithAnOptimiser) {
  for (const bool ideal : {false, true}) {
    const Folder folder;
    RunConfig config = small_file_run(folder, Fidelity::cycle);
    config.learning.batch = 10;
    config.learning.optimiser.kind = OptimiserKind::adam;
    config.learning.rate = {0.01};
    config.chip.update.circuit =
        ideal ? hw::UpdateCircuit::ideal_write : hw::UpdateCircuit::accumulate;
    if (ideal) {
      config.chip.device = {};
      config.chip.device.model = analog::DeviceModel::ideal;
    }
    const Contents whole = traced(config);
    for (const std::uint64_t stop : {123U, 338U}) {
      fs::remove(config.output.path);
      RunOptions options;
      options.stop_after = stop;
      ASSERT_TRUE(run(config, options).interrupted) << ideal << " " << stop;
      RunOptions resumed;
      resumed.resume = true;
      EXPECT_EQ(different(whole, traced(config, resumed)), none) << ideal << " " << stop;
    }
  }
}

TEST(CycleDeterminism, ProbesAndMonitorsChangeNoOtherDataSet) {
  const Folder folder;
  RunConfig config = small_file_run(folder, Fidelity::cycle);
  const Contents all = traced(config);
  config.output.probes = {"layer1/neurons/v"};
  config.monitor.state_every = config.monitor.gradient_every = 0;
  const Contents few = traced(config);
  std::size_t common = 0;
  for (const auto& [path, value] : few) {
    const auto other = all.find(path);
    ASSERT_NE(other, all.end()) << path;
    EXPECT_EQ(other->second, value) << path;
    ++common;
  }
  EXPECT_GT(common, 40u);
  EXPECT_GT(all.size(), few.size() + 20);
}

TEST(CycleDeterminism, WeightsAreTheSameWithAndWithoutTrace) {
  const Folder folder;
  RunConfig config = small_run();
  const auto untraced = final_weights(config);
  EXPECT_EQ(untraced, final_weights(config));
  config.seed = 2;
  EXPECT_NE(untraced, final_weights(config));
}

// Wires, noise, ageing, wear and disturb of the cells, all at once.
void set_all_effects(hw::ChipConfig& chip) {
  chip.wires.row_ohm = chip.wires.column_ohm = 20.0;
  chip.wires.driver_ohm = 500.0;
  chip.wires.refresh_every = 7;
  chip.noise.thermal = true;
  chip.noise.telegraph = 0.05;
  chip.noise.telegraph_spread = 0.3;
  chip.noise.capture_s = chip.noise.emission_s = 20e-6;
  chip.noise.flicker = 1e-5;
  chip.noise.cell_grid_s = 0.7e-6;
  chip.retention = {hw::RetentionLaw::power, 0.02, 0.01, 1e-5, 0.0, 0.5, 0.1, 1e-6, 1e-3};
  chip.faults.stuck_low = chip.faults.open = 0.01;
  chip.write.disturb.strength_up = chip.write.disturb.strength_down = 0.002;
  chip.write.supply_drop = 0.01;
  chip.write.jitter = 0.05;
  chip.write.endurance.failure_scale = 1e5;
  chip.write.endurance.closing = 0.01;
  chip.temperature_k = 330.0;
  chip.device.temperature_coefficient = 1e-3;
  chip.difference_amplifier = {{8.0, 2.0}, 0.05, 1e-3, 1e-4, 1.0, 1e-6};
}

TEST(CycleDeterminism, ResumeWithAllEffectsOfTheCellsChangesNoBit) {
  const Folder folder;
  RunConfig config = small_file_run(folder, Fidelity::cycle);
  set_all_effects(config.chip);
  const Contents whole = traced(config);
  EXPECT_EQ(whole.count("compare/wire_error"), 1U);
  EXPECT_EQ(whole.count("events/most_pulses"), 1U);
  EXPECT_EQ(whole.count("events/saturated_differences"), 1U);
  for (const std::uint64_t stop : {137U, 250U}) {
    fs::remove(config.output.path);
    RunOptions options;
    options.stop_after = stop;
    ASSERT_TRUE(run(config, options).interrupted) << stop;
    RunOptions resumed;
    resumed.resume = true;
    EXPECT_EQ(different(whole, traced(config, resumed)), none) << stop;
  }
  // Threads and tracing, too.
  config.threads = 2;
  EXPECT_EQ(different(whole, traced(config)), none);
  RunConfig untraced = config;
  untraced.output.path.clear();
  EXPECT_EQ(figures(run(untraced)), figures(run(config)));
}

// Their currents are solved for whenever they are asked for, which probes do at times of their own.
TEST(CycleDeterminism, CellsThatBendBehindWiresChangeNoBitEither) {
  const Folder folder;
  RunConfig config = small_file_run(folder, Fidelity::cycle);
  set_all_effects(config.chip);
  config.chip.device.nonlinear_v = 0.15;
  config.learning.epochs = 1;
  config.data.train_samples = 8;
  config.data.test_samples = 4;
  config.output.samples = {0, 7};
  const Contents whole = traced(config);
  fs::remove(config.output.path);
  RunOptions options;
  options.stop_after = 5;
  ASSERT_TRUE(run(config, options).interrupted);
  RunOptions resumed;
  resumed.resume = true;
  EXPECT_EQ(different(whole, traced(config, resumed)), none);
  RunConfig untraced = config;
  untraced.output.path.clear();
  EXPECT_EQ(figures(run(untraced)), figures(run(config)));
}

// Held voltages are of one sample, slow variables live on where nothing precharges them.
TEST(CycleDeterminism, ResumeWithAdaptationChangesNoBit) {
  const Folder folder;
  RunConfig config = small_file_run(folder, Fidelity::cycle);
  config.learning.rule = learning::RuleKind::contrastive_hebbian;
  config.learning.form = learning::UpdateForm::predictive;
  config.learning.clamp = 20.0;
  config.learning.teacher_delay = 0;
  config.learning.clamped_start = learning::ClampedStart::free;
  config.learning.adaptation.steps = 20;
  config.chip.neuron.reset = false;
  config.chip.adaptation.conductance_mismatch = 0.05;
  config.chip.adaptation.offset_v = 1e-4;
  config.learning.epochs = 1;
  for (const auto circuit :
       {hw::AdaptationCircuit::track_hold, hw::AdaptationCircuit::slow_variable}) {
    config.chip.adaptation.circuit = circuit;
    config.threads = 1;
    const Contents whole = traced(config);
    fs::remove(config.output.path);
    RunOptions options;
    options.stop_after = 137;
    ASSERT_TRUE(run(config, options).interrupted);
    RunOptions resumed;
    resumed.resume = true;
    config.threads = 2;
    EXPECT_EQ(different(whole, traced(config, resumed)), none);
  }
  RunConfig untraced = config;
  untraced.output.path.clear();
  EXPECT_EQ(figures(run(untraced)), figures(run(config)));
}

// An interruption in the middle of a test: the checkpoint must be the one before the test, with its
// sample numbers, so that the noise of the repeated test is that of the uninterrupted one.
TEST(CycleDeterminism, ResumeFromTheMiddleOfATest) {
  const Folder folder;
  RunConfig config = small_file_run(folder, Fidelity::cycle);
  write_idx(folder, "test", 4000, 5000);
  const Contents whole = traced(config);
  fs::remove(config.output.path);
  std::atomic<bool> interrupt{false};
  std::uint64_t tested = 0;
  RunOptions options;
  options.interrupt = &interrupt;
  options.progress = [&](const Progress& p) {
    if (std::string(p.stage) != "testing") return;
    tested = p.done;
    interrupt = true;
  };
  ASSERT_TRUE(run(config, options).interrupted);
  ASSERT_GT(tested, 0u);
  RunOptions resumed;
  resumed.resume = true;
  EXPECT_EQ(different(whole, traced(config, resumed)), none);
}

// What the tests between the epochs cost is not booked to the training: a schedule of fixed length
// takes twice as many cycles for two epochs.
TEST(CycleDeterminism, TestsCostTheTrainingNothing) {
  const Folder folder;
  RunConfig config = small_file_run(folder, Fidelity::cycle);
  config.chip.update.circuit = hw::UpdateCircuit::stochastic;
  config.output.path.clear();
  const RunResult two = run(config);
  config.learning.epochs = 1;
  const RunResult one = run(config);
  EXPECT_EQ(two.cycles, 2 * one.cycles);
  EXPECT_EQ(two.conversions, 2 * one.conversions);
  EXPECT_DOUBLE_EQ(two.energy.neurons_j, 2 * one.energy.neurons_j);
  ASSERT_EQ(two.settling.size(), one.settling.size());
  EXPECT_EQ(two.settling[0].phases, 2 * one.settling[0].phases);
}

// The elements of a chip, with read noise, in every order of construction.
TEST(CycleDeterminism, OrderOfChipElementsChangesNoBit) {
  const RunConfig config = small_run();
  auto bank = [&](const char* name, std::size_t n) {
    analog::NeuronBankConfig b;
    b.name = name;
    for (std::size_t i = 0; i < n; ++i) {
      b.capacitance_f.push_back(1e-12 * (1.0 + 0.1 * static_cast<double>(i)));
      b.leak_s.push_back(1e-5);
      b.line_gain.push_back(1.0);
      b.line_offset_v.push_back(0.0);
    }
    return b;
  };
  auto pairs = [&](const char* name, std::size_t rows, std::size_t columns) {
    analog::DevicePairsConfig p;
    p.name = name;
    p.rows = rows;
    p.columns = columns;
    p.device = config.chip.device;
    return p;
  };
  std::vector<std::size_t> order{0, 1, 2, 3};
  std::vector<double> reference;
  std::size_t orders = 0;
  do {
    analog::DevicePairs pairs1(pairs("tile1", small_inputs, 8)), pairs2(pairs("tile2", 8, 4));
    for (auto* p : {&pairs1, &pairs2}) {
      const RandomStream stream(4, "test/weights");
      Matrix difference(p->columns(), p->rows());
      for (std::size_t k = 0; k < difference.size(); ++k) {
        difference.data()[k] = 2e-6 * (2.0 * stream.uniform(k) - 1.0);
      }
      p->program(difference);
    }
    analog::CrossbarTileConfig t1, t2;
    t1.name = "tile1";
    t1.output_bank = t2.input_bank = "layer1/neurons";
    t2.name = "tile2";
    t2.output_bank = "layer2/neurons";
    t1.forward_gain = t2.forward_gain = 2.0;
    t2.backward_gain = 0.4;
    t1.read_noise = t2.read_noise = 0.05;
    analog::CrossbarTile tile1(t1, pairs1, nullptr), tile2(t2, pairs2, nullptr);
    analog::NeuronBank bank1(bank("layer1/neurons", 8)), bank2(bank("layer2/neurons", 4));
    const std::vector<analog::Element*> elements{&bank1, &bank2, &tile1, &tile2};
    analog::Domain domain(config.chip.solver);
    for (const std::size_t k : order) domain.add(*elements[k]);
    domain.elaborate();
    const auto sample = small_samples(1);
    std::vector<double> rows;
    for (const float x : sample.inputs.values()) rows.push_back(0.1 * static_cast<double>(x));
    for (auto* tile : {&tile1, &tile2}) {
      tile->begin_sample(0);
      tile->set_driven(true);
    }
    domain.set_origin();
    tile1.set_static_rows(rows);
    bank1.set_held(false);
    bank2.set_held(false);
    domain.source_changed();
    domain.advance_to(400'000);
    std::vector<double> state;
    for (const auto* b : {&bank1, &bank2}) {
      for (std::size_t i = 0; i < b->size(); ++i) {
        state.push_back(domain.node_voltages()[b->nodes().first + i]);
      }
    }
    if (orders++ == 0) reference = state;
    EXPECT_EQ(state, reference) << order[0] << order[1] << order[2] << order[3];
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(orders, 24u);
  EXPECT_GT(std::abs(reference[0]), 1e-4);
  EXPECT_GT(std::abs(reference[8]), 1e-4);
}

}  // namespace
}  // namespace memprop::bench::test
