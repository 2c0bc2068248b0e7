// Speed of programming pulses, random numbers and activation functions.
//
//     device_benchmark [--benchmark_filter=...]
// Each figure is the best of five repetitions of CPU time ("_min"); per_item_ns is per pulse,
// normal or activation. The pulse case is one update of a 256 x 256 tile: 13,000 pulses, a fifth of
// the cells, half of them up.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "analog/crossbar/batch_reader.hpp"
#include "analog/crossbar/device_pairs.hpp"
#include "analog/memristor/presets.hpp"
#include "analog/memristor/pulse_device_array.hpp"
#include "solvers/math/activation.hpp"
#include "solvers/random_stream.hpp"

namespace {

using namespace memprop;

constexpr std::size_t kTile = 256 * 256;
constexpr std::size_t kPulses = 13000;

void report(benchmark::State& state, std::size_t items) {
  state.counters["per_item_ns"] = benchmark::Counter(
      static_cast<double>(items) * 1e-9,
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void pulse_update(benchmark::State& state, const std::string& preset) {
  analog::PulseDeviceArray array(analog::device_preset(preset), kTile, 1, "benchmark");
  // Sixteen lists, so that no list is known by heart; each sorted, as the controller makes them.
  const RandomStream random(1, "benchmark/cells");
  std::vector<std::vector<std::uint32_t>> lists(32);
  for (std::size_t l = 0; l < lists.size(); ++l) {
    std::vector<std::pair<double, std::uint32_t>> order(kTile);
    for (std::uint32_t k = 0; k < kTile; ++k) order[k] = {random.uniform(k, l), k};
    std::sort(order.begin(), order.end());
    for (std::size_t k = 0; k < kPulses / 2; ++k) lists[l].push_back(order[k].second);
    std::sort(lists[l].begin(), lists[l].end());
  }
  std::uint64_t event = 0;
  for (auto _ : state) {
    const std::size_t pair = 2 * (event % 16);
    array.pulse(lists[pair], true, event);
    array.pulse(lists[pair + 1], false, event);
    ++event;
    benchmark::DoNotOptimize(array.conductance());
  }
  report(state, kPulses);
}

// A forward read of a 256 x 256 tile between 7-bit and 9-bit converters with read noise, in
// batches; per_item_ns is per input vector.
void batch_read(benchmark::State& state) {
  constexpr std::size_t n = 256, batch = 128;
  analog::DevicePairsConfig config;
  config.name = "tile1";
  config.rows = config.columns = n;
  config.device = analog::device_preset("gokmen-vlasov");
  analog::DevicePairs pairs(config);
  Matrix weights(n, n);
  const RandomStream random(1, "benchmark/weights");
  random.normals(0, 0, weights.values());
  for (double& w : weights.values()) w *= 1e-6;
  pairs.program(weights);
  analog::BatchReadConfig settings;
  settings.lsb_in_v = 0.1 / 127.0;
  settings.lsb_out_a = 1e-8;
  settings.largest_code = 255;
  settings.read_noise = 0.01;
  analog::BatchReader reader(pairs, settings, 1);
  std::vector<std::uint16_t> in(batch * n);
  for (std::size_t k = 0; k < in.size(); ++k) {
    in[k] = static_cast<std::uint16_t>(random.uniform(k, 1) * 128.0);
  }
  std::vector<std::int32_t> out(batch * n);
  std::uint64_t event = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(reader.read(in, batch, event, out));
    event += batch;
  }
  report(state, batch);
}

void normals(benchmark::State& state) {
  const RandomStream random(1, "benchmark/normals");
  std::vector<double> out(static_cast<std::size_t>(state.range(0)));
  std::uint64_t event = 0;
  for (auto _ : state) {
    random.normals(0, event++, out);
    benchmark::DoNotOptimize(out.data());
  }
  report(state, out.size());
}

template <class T>
void activation(benchmark::State& state, Activation f) {
  std::vector<T> v(2048), r(2048);
  const RandomStream random(1, "benchmark/activation");
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<T>(2 * random.normal(i));
  for (auto _ : state) {
    activate(f, v.data(), r.data(), v.size());
    benchmark::DoNotOptimize(r.data());
    benchmark::ClobberMemory();
  }
  report(state, v.size());
}

benchmark::internal::Benchmark* best_of_five(benchmark::internal::Benchmark* bench) {
  return bench->Repetitions(5)->ReportAggregatesOnly(true)->ComputeStatistics(
      "min", [](const std::vector<double>& v) { return *std::min_element(v.begin(), v.end()); });
}

}  // namespace

int main(int argc, char** argv) {
  for (const auto& preset : analog::device_presets()) {
    best_of_five(
        benchmark::RegisterBenchmark(("pulse/" + preset.name).c_str(), pulse_update, preset.name));
  }
  best_of_five(benchmark::RegisterBenchmark("batch_read/256x256", batch_read));
  best_of_five(benchmark::RegisterBenchmark("normals", normals)->Arg(13000));
  for (const Activation f : {Activation::tanh, Activation::logistic, Activation::shifted_logistic,
                             Activation::hard_sigmoid}) {
    const std::string text(name(f));
    best_of_five(benchmark::RegisterBenchmark((text + "/double").c_str(), activation<double>, f));
    best_of_five(benchmark::RegisterBenchmark((text + "/float").c_str(), activation<float>, f));
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
