// The price of a trace. Goals: below 1 us for a row of a few doubles, all costs included; waveforms
// at the speed of the compression.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "traces/checkpoint.hpp"
#include "traces/trace_file.hpp"

namespace {

using memprop::traces::Checkpoint;
using memprop::traces::ElementType;
using memprop::traces::Series;
using memprop::traces::TraceFile;

std::string scratch() {
  return (std::filesystem::temp_directory_path() /
          ("memprop-bench-" + std::to_string(::getpid()) + ".h5"))
      .string();
}

// Rows of `width` doubles, as from a training run: smooth with some noise in the last digits.
void append_rows(benchmark::State& state) {
  const auto width = static_cast<std::size_t>(state.range(0));
  const std::string path = scratch();
  TraceFile trace = TraceFile::create(path);
  trace.row_axis("sample", {ElementType::int64, {}, "1", "sample"});
  Series series =
      trace.series("x", {ElementType::float64, {width}, "V", "x", {"sample", "column"}});
  std::vector<double> values(width * 4096);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = std::exp(-1e-4 * static_cast<double>(i)) * std::sin(static_cast<double>(i));
  }
  std::size_t row = 0;
  for (auto _ : state) {
    series.append(values.data() + row * width);
    row = (row + 1) % 4096;
  }
  trace.close();
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(width * 8));
  std::filesystem::remove(path);
}
BENCHMARK(append_rows)->Arg(1)->Arg(4)->Arg(138);

// 386 cycles of 138 neuron voltages settling exponentially, one sample's waveform.
void append_waveform(benchmark::State& state) {
  constexpr std::size_t cycles = 386;
  constexpr std::size_t neurons = 138;
  const bool noisy = state.range(0) != 0;
  const std::string path = scratch();
  TraceFile trace = TraceFile::create(path);
  trace.row_axis("cycle", {ElementType::int64, {}, "1", "cycle"});
  Series series =
      trace.series("v", {ElementType::float64, {neurons}, "V", "v", {"cycle", "neuron"}});
  std::vector<double> block(cycles * neurons);
  std::uint64_t noise = 88172645463325252ULL;
  for (std::size_t c = 0; c < cycles; ++c) {
    for (std::size_t n = 0; n < neurons; ++n) {
      noise ^= noise << 13U;
      noise ^= noise >> 7U;
      noise ^= noise << 17U;
      block[c * neurons + n] =
          (1.0 - std::exp(-static_cast<double>(c) / 40.0)) * std::cos(static_cast<double>(n)) +
          (noisy ? 1e-4 * static_cast<double>(noise >> 40U) / 16777216.0 : 0.0);
    }
  }
  std::int64_t samples = 0;
  for (auto _ : state) {
    series.append(block.data(), cycles);
    ++samples;
  }
  trace.close();
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(block.size() * 8));
  state.counters["ratio"] = static_cast<double>(samples) * static_cast<double>(block.size() * 8) /
                            static_cast<double>(std::filesystem::file_size(path));
  std::filesystem::remove(path);
}
BENCHMARK(append_waveform)->Arg(0)->Arg(1)->ArgName("noisy")->Unit(benchmark::kMicrosecond);

// A flush of 50 series that each got one row since the last.
void flush_series(benchmark::State& state) {
  const std::string path = scratch();
  TraceFile trace = TraceFile::create(path);
  Series sample = trace.row_axis("sample", {ElementType::int64, {}, "1", "sample"});
  std::vector<Series> all;
  for (int i = 0; i < 50; ++i) {
    all.push_back(
        trace.series("x" + std::to_string(i), {ElementType::float64, {}, "V", "x", {"sample"}}));
  }
  std::int64_t row = 0;
  for (auto _ : state) {
    sample.append(&row);
    for (Series& series : all) series.append_value(static_cast<double>(row));
    ++row;
    trace.flush();
  }
  trace.close();
  std::filesystem::remove(path);
}
BENCHMARK(flush_series)->Unit(benchmark::kMillisecond);

void save_checkpoint(benchmark::State& state) {
  const std::string path = scratch() + ".ckpt";
  const std::vector<double> conductances(203264, 1e-6);  // a 784-256-10 network, pairs not counted
  for (auto _ : state) {
    Checkpoint checkpoint;
    checkpoint.put("g", memprop::Span<const double>(conductances));
    checkpoint.save(path);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(conductances.size() * 8));
  std::filesystem::remove(path);
  std::filesystem::remove(path + ".1");
}
BENCHMARK(save_checkpoint)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
