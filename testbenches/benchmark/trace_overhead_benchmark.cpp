// What tracing costs the main job: membranes and activity lines of all neurons at every clock
// cycle, of every 100th sample, against the same samples without a trace.
//
//     trace_overhead_benchmark [--samples N] [--turns N] [--gate [FACTOR]]
//
// --gate: exit code 1 above 10 %, in the median of the turns.
//
// Processor time of the whole process is what is compared, so the thread that writes counts in
// full. A run long enough to see 1 % in the sum would take minutes, so its parts are measured where
// they are large: what the figures of every update cost against the same samples without a trace,
// what a recorded sample costs where every sample is recorded, and a commit where one follows every
// sample. What a trace costs once a run, however long, is told apart.
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

enum Variant { untraced, figures, recorded, committed, variants };

// What one turn through all variants shows. Variants are compared within a turn only: the clock of
// a machine changes by more between turns than a trace costs.
struct Turn {
  double untraced_s = 0;   // per sample
  double figures_s = 0;    // per sample: what is written of every update
  double recording_s = 0;  // what recording one sample adds
  double commit_s = 0;     // what one commit for readers adds
  double once_s = 0;       // what a trace costs once a run
  double bytes = 0;        // on disk, per recorded sample
  double figures_share = 0, recording_share = 0, commit_share = 0;  // of the untraced run
  double overhead = 0;                                              // their sum
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
  std::size_t samples = 100;
  int turns = 21;
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
  RunConfig configs[variants];
  RunConfig& none = configs[untraced];
  none.threads = 1;
  none.network.layers = {784, 128, 10};
  none.learning = main_job_learning();
  none.chip = main_job_chip();
  none.monitor.gradient_every = 0;
  none.output.checkpoint_every = 0;
  const double commit_every_s = none.output.flush_s;
  none.output.mode = TraceMode::plain;
  for (const Variant variant : {figures, recorded, committed}) {
    configs[variant] = none;
    configs[variant].output.path = path;
  }
  configs[recorded].output.probes = {"layer*/neurons/v", "layer*/neurons/r"};
  configs[recorded].output.sample_every = 1;
  configs[committed].output.mode = TraceMode::live;
  configs[committed].output.flush_s = 0.0;
  const auto data = pictures(samples), one = pictures(1);
  const double n = static_cast<double>(samples);
  std::vector<Turn> taken;
  for (int k = 0; k < turns; ++k) {
    Turn turn;
    // There and back: a clock that slows down in between weighs on all alike.
    double cost_s[variants] = {}, once_s[variants] = {};
    for (const Variant variant :
         {untraced, figures, recorded, committed, figures, untraced, untraced, figures}) {
      const int times = variant == untraced || variant == figures ? 3 : 1;
      cost_s[variant] += run_once(configs[variant], data) / times;
      if (variant == recorded)
        turn.bytes = static_cast<double>(std::filesystem::file_size(path)) / n;
      if (variant == untraced || variant == figures)
        once_s[variant] += run_once(configs[variant], one) / times;
    }
    turn.untraced_s = (cost_s[untraced] - once_s[untraced]) / (n - 1);
    turn.figures_s = (cost_s[figures] - once_s[figures]) / (n - 1) - turn.untraced_s;
    turn.recording_s = (cost_s[recorded] - cost_s[figures]) / n;
    turn.commit_s = (cost_s[committed] - cost_s[figures]) / n;
    turn.once_s = once_s[figures] - once_s[untraced];
    turn.figures_share = turn.figures_s / turn.untraced_s;
    turn.recording_share = turn.recording_s / 100 / turn.untraced_s;
    // One thread computes, so a second of the run is a second of the processor.
    turn.commit_share = turn.commit_s / commit_every_s;
    turn.overhead = turn.figures_share + turn.recording_share + turn.commit_share;
    taken.push_back(turn);
  }
  std::filesystem::remove(path);
  const auto middle = [&taken](double Turn::*figure) { return quantile(taken, figure, 0.5); };
  const auto tell = [&](const char* what, double Turn::*cost, double Turn::*share) {
    fmt::print(
        "{:<28} {:8.3f} ms {:6.2f} % of the run, middle half of the turns {:.2f} to {:.2f}\n", what,
        1e3 * middle(cost), 100 * middle(share), 100 * quantile(taken, share, 0.25),
        100 * quantile(taken, share, 0.75));
  };
  fmt::print("a sample without a trace     {:8.3f} ms\n", 1e3 * middle(&Turn::untraced_s));
  tell("figures of every update", &Turn::figures_s, &Turn::figures_share);
  tell("a recorded sample, of 100", &Turn::recording_s, &Turn::recording_share);
  tell("a commit, every second", &Turn::commit_s, &Turn::commit_share);
  fmt::print("once a run                   {:8.3f} ms; a recorded sample takes {:.1f} kB on disk\n",
             1e3 * middle(&Turn::once_s), 1e-3 * middle(&Turn::bytes));
  const double overhead = middle(&Turn::overhead);
  fmt::print(
      "tracing every 100th sample costs {:.2f} % of the run (at most {:.0f} %); of {} turns "
      "the middle half from {:.2f} to {:.2f} %\n",
      100 * overhead, 100 * most_overhead, turns, 100 * quantile(taken, &Turn::overhead, 0.25),
      100 * quantile(taken, &Turn::overhead, 0.75));
  return gate.exit_code(overhead <= gate.room * most_overhead);
}
