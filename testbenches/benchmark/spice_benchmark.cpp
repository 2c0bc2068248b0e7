// One training sample of a 64-32-10 chip without wires: our transient against ngspice on the
// exported netlist, both in one run and CPU time, at the accuracy that both are shown to have.
//
//     spice_benchmark [--gate]      --gate: exit code 1 below the smallest ratio, 77 without
//     ngspice
//
// ngspice is counted without reading the netlist: less what it takes for the same netlist and one
// clock cycle. Its steps are as long as they may be: the fastest of a few limits at which it still
// meets the criterion of the comparison test (0.1 % of full scale). Ours is a whole training sample
// with controller, converters and update.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <systemc>
#include <utility>

#include "solvers/random_stream.hpp"
#include "testbenches/benchmark/cpu_time.hpp"
#include "testbenches/spice/netlist.hpp"
#include "testbenches/spice/test/ngspice.hpp"

namespace {

using namespace memprop;
using namespace memprop::bench;

constexpr double smallest_ratio = 100.0;
constexpr double accuracy = 1e-3;  // of full scale
constexpr std::size_t points_per_cycle = 20;

RunConfig benchmark_run() {
  RunConfig run;
  run.name = "benchmark";
  run.network.layers = {64, 32, 10};
  run.network.activation = {Activation::tanh};
  run.network.feedback_gain = {0.1};
  run.network.time_constant = {learning::TimeConstantFamily::lognormal,
                               learning::TimeConstantQuantity::time,
                               100e-9,
                               0.2,
                               0.25,
                               2.5};
  run.learning.beta = 0.5;
  run.chip.weight_range = {1.0};
  run.chip.solver.rtol = 1e-4;  // as in the main job
  run.chip.solver.atol = 1e-6;
  return run;
}

// Largest difference of the membranes at ngspice's times, of full scale.
double deviation(const spice::Subject& subject, const WaveformRecorder& waves,
                 const spice::test::SpiceWaves& theirs) {
  double worst = 0.0;
  const double step_s = subject.clock_s / static_cast<double>(points_per_cycle);
  for (std::size_t l = 1; l <= subject.layers.size(); ++l) {
    const Matrix v = waves.membrane(l);
    for (std::size_t i = 0; i < v.cols(); ++i) {
      const auto& wave = theirs.of(fmt::format("layer{}_v{}", l, i));
      for (std::size_t k = 0; k < wave.size(); ++k) {
        const double place = theirs.time_s[k] / step_s;
        const auto p = std::min(static_cast<std::size_t>(place), v.rows() - 2);
        const double share = place - static_cast<double>(p);
        const double ours = (1.0 - share) * v(p, i) + share * v(p + 1, i);
        worst = std::max(worst, std::abs(ours - wave[k]));
      }
    }
  }
  return worst / subject.voltage_scale_v;
}

// CPU time of ngspice for a netlist [s].
double spice_cpu_s(const spice::Subject& subject, const spice::NetlistOptions& options,
                   spice::test::SpiceWaves* waves = nullptr) {
  double seconds = 0.0;
  auto result = spice::test::run_ngspice(spice::spice_netlist(subject, options), options.data_file,
                                         nullptr, &seconds);
  if (waves != nullptr) *waves = std::move(result);
  return seconds;
}

}  // namespace

int sc_main(int argc, char** argv) {
  const bool gate = argc > 1 && std::strcmp(argv[1], "--gate") == 0;
  if (spice::test::ngspice_program().empty()) {
    fmt::print("not run: ngspice is not installed\n");
    return 77;
  }
  const RunConfig run = benchmark_run();
  const learning::Network network = learning::build_network(run.network, run.seed);
  std::vector<float> x(64), y(10, 0.0F);
  const RandomStream stream(5, "benchmark/inputs");
  for (std::size_t j = 0; j < x.size(); ++j) x[j] = static_cast<float>(stream.uniform(j, 0));
  y[3] = 1.0F;

  hw::ChipRunner runner("runner", spice::exportable_chip(run.chip), network, run.learning,
                        run.seed);
  WaveformRecorder waves(runner, points_per_cycle);
  const spice::Subject subject =
      spice::examine(runner, run, 0, {x.data(), x.size()}, {y.data(), y.size()}, waves);

  constexpr int samples = 20;
  double ours_s = 1e300;
  for (int k = 0; k < 5; ++k) {
    ours_s =
        std::min(ours_s, cpu_of([&] {
                           for (int s = 0; s < samples; ++s) {
                             runner.run_sample({x.data(), x.size()}, {y.data(), y.size()}, true);
                           }
                         }) / samples);
  }

  spice::NetlistOptions options;
  options.data_file = "chip.data";
  options.largest_step_s = spice::default_step_s(subject);
  spice::Subject first_cycle = subject;
  first_cycle.stop_s = subject.clock_s;
  first_cycle.ends.clear();
  const double reading_s = spice_cpu_s(first_cycle, options);
  double spice_s = 1e300;
  fmt::print("64-32-10, one training sample of {:.2f} us of the chip's time\n",
             1e6 * subject.stop_s);
  for (double divisor : {1.0, 5.0, 20.0}) {
    options.largest_step_s = spice::default_step_s(subject) * 50.0 / divisor;
    spice::test::SpiceWaves theirs;
    const double seconds = spice_cpu_s(subject, options, &theirs) - reading_s;
    const double d = deviation(subject, waves, theirs);
    fmt::print(
        "ngspice, steps of at most tau_min / {:<3.0f} {:9.3f} s, {} points, {:.1e} of full "
        "scale from ours\n",
        divisor, seconds, theirs.time_s.size(), d);
    if (d < accuracy) spice_s = std::min(spice_s, seconds);
  }
  fmt::print("memprop, rtol {}                      {:9.6f} s\n", run.chip.solver.rtol, ours_s);
  fmt::print("ratio                                   {:9.0f}   (limit {:.0f})\n", spice_s / ours_s,
             smallest_ratio);
  return gate && spice_s / ours_s < smallest_ratio ? 1 : 0;
}
