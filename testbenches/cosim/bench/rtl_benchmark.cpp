// Speed of fidelity "rtl" against "cycle" on the main job's chip (784-128-10, stochastic update):
// rtl_benchmark [SAMPLES]. Half of the input codes are zero, as in images.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <systemc>

#include "analog/memristor/presets.hpp"
#include "hw_models/chip_runner.hpp"
#include "hw_models/rtl/rtl_build.hpp"
#include "solvers/random_stream.hpp"

namespace {

using namespace memprop;

struct Figure {
  double seconds = 0;  // per training sample
  std::uint64_t cycles = 0;
  double sum = 0;  // of all conductances: equal chips have equal sums
};

Figure measure(const hw::ControllerFactory& controller, hw::UpdateCircuit circuit,
               std::size_t samples) {
  learning::NetworkConfig shape;
  shape.layers = {784, 128, 10};
  shape.activation = {Activation::tanh};
  shape.feedback_gain = {0.1};
  const auto network = learning::build_network(shape, 1);
  learning::LearningConfig rule;
  rule.beta = 0.5;
  rule.rate = {0.01};
  hw::ChipConfig chip;
  chip.device = analog::device_preset("gokmen-vlasov");
  chip.update.circuit = circuit;
  chip.solver.rtol = 1e-3;
  chip.solver.atol = 1e-5;
  hw::ChipRunner runner("runner", chip, network, rule, 1, controller);
  const RandomStream pixels(1, "rtl-benchmark/pixels");
  std::vector<float> x(784), target(10, 0.0F);
  const auto sample = [&](std::size_t k) {
    for (std::size_t j = 0; j < x.size(); ++j) {
      const double value = 2.0 * pixels.uniform(k, j) - 1.0;
      x[j] = value > 0 ? static_cast<float>(value) : 0.0F;
    }
    std::fill(target.begin(), target.end(), 0.0F);
    target[k % 10] = 1.0F;
    runner.run_sample(x, target, true);
  };
  for (std::size_t k = 0; k < 5; ++k) sample(k);
  const std::clock_t begin = std::clock();  // of this process, whoever else is at work
  for (std::size_t k = 5; k < samples + 5; ++k) sample(k);
  Figure figure;
  figure.seconds =
      static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / static_cast<double>(samples);
  figure.cycles = runner.chip().controller().counters().busy_cycles / (samples + 5);
  std::vector<double> values;
  std::vector<std::uint64_t> counters;
  runner.chip().analog().save(values, counters);
  for (const double value : values) figure.sum += value;
  return figure;
}

// The kernel elaborates once per process.
Figure apart(const hw::ControllerFactory& controller, hw::UpdateCircuit circuit,
             std::size_t samples) {
  int ends[2];
  if (pipe(ends) != 0) std::exit(1);
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    const Figure figure = measure(controller, circuit, samples);
    _exit(write(ends[1], &figure, sizeof(figure)) == static_cast<ssize_t>(sizeof(figure)) ? 0 : 1);
  }
  close(ends[1]);
  Figure figure;
  if (read(ends[0], &figure, sizeof(figure)) != static_cast<ssize_t>(sizeof(figure))) std::exit(1);
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return figure;
}

}  // namespace

int sc_main(int argc, char** argv) {
  const std::size_t samples = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200;
  for (const auto& [name, circuit] :
       {std::pair{"U2 stochastic", hw::UpdateCircuit::stochastic},
        std::pair{"U1 pulse count", hw::UpdateCircuit::pulse_count}}) {
    const Figure cycle = apart({}, circuit, samples);
    const Figure rtl = apart(hw::rtl::rtl_factory(hw::rtl::RtlSources{}), circuit, samples);
    fmt::print("{}: {} cycles a sample\n", name, cycle.cycles);
    for (const auto& [which, figure] : {std::pair{"cycle", cycle}, std::pair{"rtl", rtl}}) {
      fmt::print("  {:<6} {:8.3f} ms a sample {:10.0f} cycles/s\n", which, 1e3 * figure.seconds,
                 static_cast<double>(figure.cycles) / figure.seconds);
    }
    fmt::print("  speed of rtl over cycle {:.2f}; conductances {}\n", cycle.seconds / rtl.seconds,
               cycle.sum == rtl.sum && cycle.cycles == rtl.cycles ? "equal" : "DIFFERENT");
  }
  return 0;
}
