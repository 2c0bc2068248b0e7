// Cost of the controller in a cycle-level run, for a tile of 784 x 128 with half of the input codes
// zero: a cycle outside UPDATE (goal: a few ns), and the whole update of a sample (goal for U1:
// 25 us of arithmetic with 512-bit vectors).
#include <benchmark/benchmark.h>

#include "digital/host_registers.hpp"
#include "digital/shift_register.hpp"
#include "digital/test/sample_driver.hpp"

namespace memprop::digital {
namespace {

Sample sparse_sample(const std::vector<std::size_t>& widths) {
  Sample sample;
  std::uint32_t x = 1;
  for (std::size_t j = 0; j < widths[0]; ++j) {
    x = advance(x);
    sample.input.push_back(x >> 31 ? static_cast<std::uint16_t>(1 + (x & 0x7f)) : 0);
  }
  std::size_t neurons = 0;
  for (std::size_t l = 1; l < widths.size(); ++l) neurons += widths[l];
  for (auto& codes : sample.codes) {
    for (std::size_t i = 0; i < neurons; ++i) {
      x = advance(x);
      codes.push_back(static_cast<std::int32_t>(x % 101) - 50);
    }
  }
  return sample;
}

void idle_phase_step(benchmark::State& state) {
  PhaseLengths lengths = short_lengths;
  lengths.free = 0xffffffffU;
  Controller controller(
      make_config({784, 128, 10}, UpdateCircuit::pulse_count, NudgePhases::centred, lengths));
  ControllerInputs in;
  in.start = true;
  for (int k = 0; k < 4; ++k) controller.step(in);
  for (auto _ : state) benchmark::DoNotOptimize(controller.step(in).phase);
}
BENCHMARK(idle_phase_step);

void update_of_a_sample(benchmark::State& state, UpdateCircuit circuit, bool product,
                        double pulses_per_product) {
  ControllerConfig config = make_config({784, 128}, circuit);
  config.product_form = product;
  for (TileUpdateRegisters& tile : config.tile) {
    set_pulse_count_rate(tile, pulses_per_product);
    set_stochastic_rate(tile, pulses_per_product, config.stream_length, 128.0, 100.0);
  }
  Controller controller(config);
  const Sample sample = sparse_sample(config.widths);
  for (auto _ : state) run_sample(controller, sample);
  const ControllerCounters& counters = controller.counters();
  const auto samples = static_cast<double>(state.iterations());
  state.counters["update_cycles"] = static_cast<double>(counters.update_cycles) / samples;
  state.counters["pulses"] =
      static_cast<double>(counters.pulses_up[0] + counters.pulses_down[0]) / samples;
}
// Mean |D| is about 64 * 35 = 2200 (simplified): one pulse per 100 visited weights, or none.
BENCHMARK_CAPTURE(update_of_a_sample, u1_one_pulse_per_100_weights, UpdateCircuit::pulse_count,
                  false, 4.5e-6)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(update_of_a_sample, u1_no_pulses, UpdateCircuit::pulse_count, false, 0.0)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(update_of_a_sample, u1_product_one_per_100, UpdateCircuit::pulse_count, true,
                  4.5e-6)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(update_of_a_sample, u2_one_pulse_per_100_weights, UpdateCircuit::stochastic,
                  false, 4.5e-6)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(update_of_a_sample, u3, UpdateCircuit::sign_sign, false, 0.0)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace memprop::digital

BENCHMARK_MAIN();
