// What tracing costs the main job: membranes and activity lines of all neurons at every clock
// cycle, of every 100th sample, against the same samples without a trace.
//
//     trace_overhead_benchmark [--samples N] [--gate] [--limit PERCENT]
//
// --gate: exit code 1 above 10 %, or PERCENT.
//
// Processor time of the whole process is what is compared, so the thread that writes counts in
// full. Of few samples every one is recorded, and the difference taken as what a hundred cost: a
// run long enough to see 1 % would take minutes. What a trace costs once a run, however long, is
// told apart.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <systemc>

#include "testbenches/benchmark/main_job.hpp"
#include "testbenches/experiment/cycle_run.hpp"
#include "testbenches/experiment/run_trace.hpp"

namespace memprop::bench {
namespace {

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

}  // namespace
}  // namespace memprop::bench

int sc_main(int argc, char** argv) {
  using namespace memprop::bench;
  std::size_t samples = 200;
  bool gate = false;
  double most_overhead = 0.10;
  for (int k = 1; k < argc; ++k) {
    if (std::strcmp(argv[k], "--gate") == 0) gate = true;
    if (std::strcmp(argv[k], "--limit") == 0 && k + 1 < argc) {
      most_overhead = std::strtod(argv[++k], nullptr) / 100;
    }
    if (std::strcmp(argv[k], "--samples") == 0 && k + 1 < argc) {
      samples = std::strtoul(argv[++k], nullptr, 10);
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
  double least[3], least_one[2];
  std::uintmax_t bytes = 0;
  const double n = static_cast<double>(samples);
  double overhead = 1.0, untraced_s = 0, figures_s = 0, recording_s = 0;
  // Taken in turns, the least of each: what the machine does meanwhile can only add.
  for (int turn = 0; turn < (gate ? 6 : 3); ++turn) {
    const RunConfig* const variants[] = {&none, &figures, &voltages};
    for (int k = 0; k < 3; ++k) {
      const double cost_s = run_once(*variants[k], data);
      least[k] = turn == 0 ? cost_s : std::min(cost_s, least[k]);
      if (k == 2) continue;
      const double one_s = run_once(*variants[k], one);
      least_one[k] = turn == 0 ? one_s : std::min(one_s, least_one[k]);
    }
    bytes = std::filesystem::file_size(path);
    // Per sample: figures of every update, and a hundredth of what recording every sample costs.
    untraced_s = (least[0] - least_one[0]) / (n - 1);
    figures_s = (least[1] - least_one[1]) / (n - 1);
    recording_s = (least[2] - least[1]) / n;
    overhead = (figures_s - untraced_s + recording_s / 100.0) / untraced_s;
    if (turn >= 1 && gate && overhead <= most_overhead) break;
  }
  std::filesystem::remove(path);
  fmt::print("per sample: {:.3f} ms untraced, {:.3f} ms with figures\n", 1e3 * untraced_s,
             1e3 * figures_s);
  fmt::print("a recorded sample takes {:.3f} ms more and {:.1f} kB on disk\n", 1e3 * recording_s,
             1e-3 * static_cast<double>(bytes) / n);
  fmt::print("once a run: {:.0f} ms\n", 1e3 * (least_one[1] - least_one[0]));
  fmt::print("tracing every 100th sample costs {:.2f} % of the run (at most {:.0f} %)\n",
             100 * overhead, 100 * most_overhead);
  return gate && overhead > most_overhead ? 1 : 0;
}
