// Speed of the cycle fidelity on the main job's chip (784-128-10, noise on, monitor off), as ratios
// measured in one run, each the best of five in CPU time:
//   - the event kernel: the same schedule, pins and processes with analog and device work stubbed,
//     less the controller's own arithmetic, over the whole;
//   - a training sample over a plain loop that does the same right-hand sides, conversions, random
//     draws and device updates without kernel, stepper or controller;
//   - training samples per CPU-second.
//
//     cycle_benchmark [--samples N] [--gate [FACTOR]]      --gate: exit code 1 when a ratio
//     is over its limit (gate.hpp)
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <systemc>

#include "hw_models/chip_runner.hpp"
#include "testbenches/benchmark/cpu_time.hpp"
#include "testbenches/benchmark/gate.hpp"
#include "testbenches/benchmark/main_job.hpp"
#include "testbenches/benchmark/plain_loop.hpp"
#include "testbenches/benchmark/stub_chip.hpp"

namespace {

using namespace memprop;
using namespace memprop::bench;

constexpr int repetitions = 5;
constexpr double largest_kernel_share = 0.10;
constexpr double largest_plain_ratio = 2.0;

}  // namespace

int sc_main(int argc, char** argv) {
  std::size_t count = 200;
  Gate gate;
  const char* stub_file = nullptr;
  for (int k = 1; k < argc; ++k) {
    if (gate.take(argc, argv, k)) continue;
    if (std::strcmp(argv[k], "--stub") == 0 && k + 1 < argc) stub_file = argv[k + 1];
    if (std::strcmp(argv[k], "--samples") == 0 && k + 1 < argc) {
      count = static_cast<std::size_t>(std::atoi(argv[k + 1]));
    }
  }
  if (stub_file != nullptr) return run_stub(count, stub_file, repetitions);
  const auto chip_config = main_job_chip();
  const auto network = main_job_network();
  const auto learning = main_job_learning();
  const Samples samples(count);
  const auto n = static_cast<double>(count);

  hw::ChipRunner runner("runner", chip_config, network, learning, 1);
  std::vector<std::vector<std::int32_t>> recorded;  // three conversions per sample
  const auto& counters = runner.chip().controller().core().counters();
  const auto& domain = runner.chip().analog().bridge().domain();
  // Weights settle into what training looks like before anything is measured; the codes are kept.
  for (std::size_t s = 0; s < count; ++s)
    runner.run_sample(samples.x.row(s), samples.y.row(s), true);
  for (std::size_t s = 0; s < count; ++s) {
    runner.run_sample(samples.x.row(s), samples.y.row(s), true);
    for (std::size_t bank = 0; bank < 3; ++bank) {
      const auto codes = runner.chip().controller().core().latched(bank);
      recorded.emplace_back(codes.begin(), codes.end());
    }
  }
  const auto cycles_before = counters.busy_cycles;
  const auto rhs_before = domain.stepper().counters().rhs;
  std::uint64_t slots_before[2], pulses_before[2];
  const auto tile_pulses = [&](std::size_t l) {
    const auto c = runner.chip().analog().tile(l).pairs().counters();
    return c.set_pulses + c.reset_pulses;
  };
  for (std::size_t l = 1; l <= 2; ++l) {
    slots_before[l - 1] = runner.chip().analog().tile(l).slots();
    pulses_before[l - 1] = tile_pulses(l);
  }
  const auto run_all = [&] {
    for (std::size_t k = 0; k < count; ++k) {
      runner.run_sample(samples.x.row(k), samples.y.row(k), true);
    }
  };
  run_all();  // what a sample does, counted
  const double runs = n;
  const double cycles = static_cast<double>(counters.busy_cycles - cycles_before) / runs;
  const double rhs = static_cast<double>(domain.stepper().counters().rhs - rhs_before) / runs;
  double lists[2], per_list[2], all_pulses = 0;
  for (std::size_t l = 1; l <= 2; ++l) {
    const auto slots =
        static_cast<double>(runner.chip().analog().tile(l).slots() - slots_before[l - 1]);
    const auto pulses = static_cast<double>(tile_pulses(l) - pulses_before[l - 1]);
    lists[l - 1] = slots / runs;
    per_list[l - 1] = slots > 0 ? pulses / slots : 0.0;
    all_pulses += pulses / runs;
  }

  // The controller's arithmetic alone, on the same codes.
  digital::Controller controller(runner.chip().controller().core().config());
  double stub_cycles = 0;
  const auto plan_all = [&] {
    const auto begin = controller.counters().busy_cycles;
    std::size_t next = 0;
    for (std::size_t s = 0; s < count; ++s) {
      load_codes(controller, samples, s);
      digital::ControllerInputs in;
      in.start = in.train = true;
      do {
        in.adc_done = controller.outputs().adc_start;
        if (in.adc_done) in.adc_data = recorded[next++];
        controller.step(in);
      } while (!controller.outputs().done);
    }
    stub_cycles = static_cast<double>(controller.counters().busy_cycles - begin) / n;
  };
  PlainLoop plain(chip_config, network);
  const auto& phases = chip_config.schedule;
  const double grid = (phases.load + phases.free + phases.nudge_positive + phases.nudge_negative +
                       3 * (phases.sample + phases.convert)) *
                      chip_config.clock_s / chip_config.noise.grid_s;
  // Taken in turns: what the machine does meanwhile falls on all. A gate takes more turns before it
  // says no, because the best of more is the better figure.
  double full = 1e300, loop = 1e300, arithmetic = 1e300, stubbed = 1e300;
  bool ok = false;
  for (int attempt = 0; attempt < (gate.on ? 4 : 1) && !ok; ++attempt) {
    for (int k = 0; k < repetitions; ++k) {
      full = std::min(full, cpu_of(run_all) / n);
      arithmetic = std::min(arithmetic, cpu_of(plan_all) / n);
      loop =
          std::min(loop, cpu_of([&] {
                           for (std::size_t s = 0; s < count; ++s) {
                             plain.sample(rhs, grid, lists[0], per_list[0], lists[1], per_list[1]);
                           }
                         }) / n);
    }
    stubbed = std::min(stubbed, time_stub(argv[0], count, recorded));
    ok = (stubbed - arithmetic) / full <= gate.room * largest_kernel_share &&
         full / loop <= gate.room * largest_plain_ratio;
  }
  const double kernel = std::max(0.0, stubbed - arithmetic);

  fmt::print("per training sample: {:.0f} cycles, {:.0f} right-hand sides, {:.0f} pulses\n", cycles,
             rhs, all_pulses);
  fmt::print("whole sample             {:8.1f} us  ({:.0f} training samples per CPU-second)\n",
             1e6 * full, 1.0 / full);
  fmt::print("kernel, pins, controller {:8.1f} us  (of these the controller's arithmetic {:.1f})\n",
             1e6 * stubbed, 1e6 * arithmetic);
  fmt::print("event kernel share       {:8.3f}     (limit {:.2f}; {:.0f} stub cycles)\n",
             kernel / full, largest_kernel_share, stub_cycles);
  fmt::print("plain loop               {:8.1f} us\n", 1e6 * loop);
  fmt::print("sample over plain loop   {:8.3f}     (limit {:.2f}; {})\n", full / loop,
             largest_plain_ratio, plain.codes() == 0 ? "idle" : "same work");
  return gate.exit_code(ok);
}
