// Three controllers in Verilog and memprop's own one, each in the same chip: does the user's
// sequencer train it as well as ours, and what does the protocol monitor say of the faulty ones?
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <exception>
#include <systemc>
#include <vector>

#include "analog/memristor/presets.hpp"
#include "early_release.hpp"
#include "early_update.hpp"
#include "hw_models/chip_runner.hpp"
#include "hw_models/controller_setup.hpp"
#include "hw_models/monitor/protocol_monitor.hpp"
#include "learning/network/network.hpp"
#include "sequencer.hpp"
#include "solvers/random_stream.hpp"

using namespace memprop;

namespace {

constexpr std::size_t inputs = 36, classes = 6;
constexpr std::uint64_t seed = 5;

// Noisy copies of one random pattern per class.
struct Sample {
  std::vector<float> x, target;
  std::size_t label;
};

Sample sample(std::uint64_t number) {
  static const RandomStream pattern(7, "example/pattern"), noise(7, "example/noise");
  Sample s;
  s.label = number % classes;
  for (std::size_t j = 0; j < inputs; ++j) {
    const double clean = pattern.uniform(s.label, j), dirt = noise.uniform(number, j);
    s.x.push_back(static_cast<float>(0.4 * clean + 0.6 * dirt));
  }
  s.target.assign(classes, 0.0F);
  s.target[s.label] = 1.0F;
  return s;
}

struct Outcome {
  double accuracy = 0.0;
  unsigned long long cycles = 0, pulses = 0, violations = 0, rate[2] = {0, 0};
  char first[400] = "";
};

// Builds a chip with this controller, trains and tests it under the eyes of the monitor.
Outcome run(const hw::ControllerFactory& controller, std::uint64_t train, std::uint64_t test) {
  learning::NetworkConfig shape;
  shape.layers = {inputs, 20, classes};
  shape.activation = {Activation::tanh};
  shape.feedback_gain = {0.3};
  shape.bias = true;
  const learning::Network network = learning::build_network(shape, seed);
  learning::LearningConfig rule;
  rule.beta = 0.5;
  rule.rate = {0.002};
  hw::ChipConfig hardware;
  hardware.device = analog::device_preset("gokmen-vlasov");
  hardware.weight_range = {2.0};
  hardware.update.circuit = hw::UpdateCircuit::pulse_count;

  hw::ChipRunner runner("runner", hardware, network, rule, seed, controller);
  hw::ProtocolMonitor monitor("monitor", network.layer_count(), hw::protocol_times(hardware));
  hw::watch(monitor, runner.chip());
  for (std::uint64_t k = 0; k < train; ++k) {
    const Sample s = sample(k);
    runner.run_sample(s.x, s.target, true);
  }
  std::uint64_t right = 0;
  for (std::uint64_t k = 0; k < test; ++k) {
    const Sample s = sample(1000000 + k);
    runner.run_sample(s.x, s.target, false);
    right += runner.answer() == s.label;
  }
  Outcome out;
  out.accuracy = 100.0 * static_cast<double>(right) / static_cast<double>(test);
  const auto& counters = runner.chip().controller().counters();
  out.cycles = counters.busy_cycles;
  for (std::size_t t = 0; t < 2; ++t) out.pulses += counters.pulses_up[t] + counters.pulses_down[t];
  for (std::size_t t = 0; t < 2; ++t) {
    const auto& tile = runner.chip().controller().config().tile[t];
    out.rate[t] = static_cast<unsigned long long>(std::llround(std::ldexp(
        static_cast<double>(tile.rate_mantissa), 32 - static_cast<int>(tile.rate_shift))));
  }
  out.violations = monitor.rules().total();
  if (out.violations > 0) {
    std::snprintf(out.first, sizeof(out.first), "%s",
                  monitor.rules().violations().front().message().c_str());
  }
  return out;
}

// SystemC elaborates once per process: every chip gets a process of its own.
Outcome run_apart(const hw::ControllerFactory& controller, std::uint64_t train,
                  std::uint64_t test) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    int status = 1;
    try {
      const Outcome out = run(controller, train, test);
      status = write(ends[1], &out, sizeof(out)) == static_cast<ssize_t>(sizeof(out)) ? 0 : 1;
    } catch (const std::exception& e) {
      std::fprintf(stderr, "cosim_sequencer: %s\n", e.what());
    }
    _exit(status);
  }
  close(ends[1]);
  Outcome out;
  const bool whole = read(ends[0], &out, sizeof(out)) == static_cast<ssize_t>(sizeof(out));
  close(ends[0]);
  waitpid(child, nullptr, 0);
  if (!whole) throw std::runtime_error("a chip did not finish");
  return out;
}

void print(const char* name, const Outcome& out) {
  std::printf("%-22s %6.2f %%  %9llu cycles  %8llu pulses  %llu violations\n", name, out.accuracy,
              out.cycles, out.pulses, out.violations);
  if (out.first[0] != '\0') std::printf("  %s\n", out.first);
}

}  // namespace

int sc_main(int, char**) {
  try {
    const std::uint64_t train = 5000, test = 2000;
    const Outcome ours = run_apart({}, train, test);
    print("memprop's controller", ours);
    // What CMakeLists.txt hands to the sequencer.
    std::printf("  learning.rate asks for PULSE_RATE=64'h%08llx_%08llx\n", ours.rate[1],
                ours.rate[0]);
    const Outcome own = run_apart(sequencer(), train, test);
    print("sequencer.v", own);
    const Outcome release = run_apart(early_release(), 3, 1);
    print("nudge released early", release);
    const Outcome update = run_apart(early_update(), 3, 1);
    print("update while sampling", update);
    const bool good = own.accuracy > ours.accuracy - 1.0 && own.violations == 0 &&
                      ours.violations == 0 && release.violations > 0 && update.violations > 0;
    return good ? 0 : 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "cosim_sequencer: %s\n", e.what());
    return 1;
  }
}
