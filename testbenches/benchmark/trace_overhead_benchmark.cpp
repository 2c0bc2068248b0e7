// What tracing costs the main job: membranes and activity lines of all neurons at every clock
// cycle, of every 100th sample, against the same samples without a trace.
//
//     trace_overhead_benchmark [--samples N] [--turns N] [--gate [FACTOR]]
//
// --gate: exit code 1 above 10 %, in the median of the turns.
//
// Processor time of the whole process is what is compared, so the thread that writes counts in
// full. Of few samples every one is recorded, and the difference taken as what a hundred cost: a
// run long enough to see 1 % would take minutes. What a trace costs once a run, however long, is
// told apart.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <systemc>
#include <vector>

#include "testbenches/benchmark/gate.hpp"
#include "testbenches/benchmark/main_job.hpp"
#include "testbenches/experiment/cycle_run.hpp"
#include "testbenches/experiment/run_trace.hpp"

namespace memprop::bench {
namespace {

constexpr double most_overhead = 0.10;

double processor_s() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

learning::TrainTest pictures(std::size_t count) {
  Samples samples(count);
  learning::TrainTest data;
  data.train.inputs = samples.x;
  data.train.targets = samples.y;
  for (std::size_t k = 0; k < count; ++k) data.train.labels.push_back(static_cast<int>(k % 10));
  Samples one(1);
  data.test.inputs = one.x;
  data.test.targets = one.y;
  data.test.labels = {0};
  data.classes = 10;
  return data;
}

// A chip of its own in a kernel of its own; processor time of training, a test of one sample and
// the trace.
double run_once(const RunConfig& config, const learning::TrainTest& data) {
  const learning::Network network = main_job_network();
  const RunOptions options;
  double cost_s = 0;
  {
    CycleRun run(config, options, network, data);
    const double begin = processor_s();
    std::unique_ptr<RunTrace> trace;
    if (!config.output.path.empty()) {
      trace = std::make_unique<RunTrace>(config, options, network, run.chip());
      run.attach(trace.get());
    }
    RunResult result;
    run.run(result);
    if (trace) {
      run.write_end();
      trace->finish(result, run.network());
      trace->close();
    }
    cost_s = processor_s() - begin;
  }
  sc_core::sc_curr_simcontext = new sc_core::sc_simcontext();
  sc_core::sc_default_global_context = sc_core::sc_curr_simcontext;
  return cost_s;
}

// What one turn through all variants shows. Variants are compared within a turn only: the clock of
// a machine changes by more between turns than a trace costs.
struct Turn {
  double untraced_s = 0;   // per sample
  double figures_s = 0;    // per sample, with what is written of every update
  double recording_s = 0;  // what recording one sample adds
  double once_s = 0;       // what a trace costs once a run
  double bytes = 0;        // on disk, per recorded sample
  double overhead = 0;     // of tracing every 100th sample, relative
};

double quantile(const std::vector<Turn>& turns, double Turn::*figure, double part) {
  std::vector<double> values;
  for (const Turn& turn : turns) values.push_back(turn.*figure);
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(
      std::lround(part * static_cast<double>(values.size() - 1)))];
}

}  // namespace
}  // namespace memprop::bench

int sc_main(int argc, char** argv) {
  using namespace memprop::bench;
  std::size_t samples = 200;
  int turns = 9;
  Gate gate;
  for (int k = 1; k < argc; ++k) {
    if (gate.take(argc, argv, k)) continue;
    if (std::strcmp(argv[k], "--samples") == 0 && k + 1 < argc) {
      samples = std::strtoul(argv[++k], nullptr, 10);
    } else if (std::strcmp(argv[k], "--turns") == 0 && k + 1 < argc) {
      turns = std::max(1, std::atoi(argv[++k]));
    }
  }
  const std::string path =
      (std::filesystem::temp_directory_path() / fmt::format("memprop-overhead-{}.h5", getpid()))
          .string();
  RunConfig none;
  none.threads = 1;
  none.network.layers = {784, 128, 10};
  none.learning = main_job_learning();
  none.chip = main_job_chip();
  none.monitor.gradient_every = 0;
  none.output.checkpoint_every = 0;
  RunConfig figures = none;
  figures.output.path = path;
  RunConfig voltages = figures;
  voltages.output.probes = {"layer*/neurons/v", "layer*/neurons/r"};
  voltages.output.sample_every = 1;
  const auto data = pictures(samples), one = pictures(1);
  const double n = static_cast<double>(samples);
  std::vector<Turn> taken;
  for (int k = 0; k < turns; ++k) {
    Turn turn;
    // There and back: a clock that slows down in between weighs on all alike.
    double cost_s[3] = {}, once_s[2] = {};
    for (const int variant : {0, 1, 2, 1, 0}) {
      const RunConfig& config = variant == 0 ? none : variant == 1 ? figures : voltages;
      const double half = variant == 2 ? 1.0 : 0.5;
      cost_s[variant] += half * run_once(config, data);
      if (variant == 2)
        turn.bytes = static_cast<double>(std::filesystem::file_size(path)) / n;
      else
        once_s[variant] += half * run_once(config, one);
    }
    turn.untraced_s = (cost_s[0] - once_s[0]) / (n - 1);
    turn.figures_s = (cost_s[1] - once_s[1]) / (n - 1);
    turn.recording_s = (cost_s[2] - cost_s[1]) / n;
    turn.once_s = once_s[1] - once_s[0];
    turn.overhead = (turn.figures_s - turn.untraced_s + turn.recording_s / 100) / turn.untraced_s;
    taken.push_back(turn);
  }
  std::filesystem::remove(path);
  const auto middle = [&taken](double Turn::*figure) { return quantile(taken, figure, 0.5); };
  fmt::print("per sample: {:.3f} ms untraced, {:.3f} ms with figures\n",
             1e3 * middle(&Turn::untraced_s), 1e3 * middle(&Turn::figures_s));
  fmt::print("a recorded sample takes {:.3f} ms more and {:.1f} kB on disk\n",
             1e3 * middle(&Turn::recording_s), 1e-3 * middle(&Turn::bytes));
  fmt::print("once a run: {:.0f} ms\n", 1e3 * middle(&Turn::once_s));
  const double overhead = middle(&Turn::overhead);
  fmt::print(
      "tracing every 100th sample costs {:.2f} % of the run (at most {:.0f} %); of {} turns "
      "the middle half from {:.2f} to {:.2f} %\n",
      100 * overhead, 100 * most_overhead, turns, 100 * quantile(taken, &Turn::overhead, 0.25),
      100 * quantile(taken, &Turn::overhead, 0.75));
  return gate.exit_code(overhead <= gate.room * most_overhead);
}
