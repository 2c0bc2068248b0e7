// What the trace writer costs against a loop that hands the same chunks to HDF5 and does nothing
// else: ratios of one run, wall clock, to a closed file.
//
//   trace_benchmark [--gate] [--limit RATIO] [--megabytes N]
//
// The loop is H5Dwrite of whole chunks into chunked data sets, with HDF5's own shuffle and deflate
// 1 or with no filter. The trace gets the same rows one by one, as a run appends them. It is
// allowed half the loop's speed, or RATIO of it; with --gate a miss is exit code 1.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "traces/test/bare_chunks.hpp"
#include "traces/trace_file.hpp"

namespace {

using namespace memprop;

constexpr std::size_t neurons = 138;  // of the main job
constexpr std::size_t cycles = 386;
constexpr std::size_t rows_per_chunk = 59;  // what 64 KiB hold
constexpr int repetitions = 3;

double seconds_of(const std::function<void()>& action) {
  const auto begin = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Settling voltages with the noise of a circuit in their last digits, or without.
std::vector<double> waveform(bool noisy) {
  std::vector<double> block(cycles * neurons);
  std::uint64_t state = 88172645463325252ULL;
  for (std::size_t c = 0; c < cycles; ++c) {
    for (std::size_t n = 0; n < neurons; ++n) {
      state ^= state << 13U;
      state ^= state >> 7U;
      state ^= state << 17U;
      block[c * neurons + n] =
          (1.0 - std::exp(-static_cast<double>(c) / 40.0)) * std::cos(static_cast<double>(n)) +
          (noisy ? 1e-4 * static_cast<double>(state >> 40U) / 16777216.0 : 0.0);
    }
  }
  return block;
}

traces::WriterStatistics write_trace(const std::string& path, const std::vector<double>& block,
                                     std::size_t rows, bool filtered) {
  traces::TraceOptions options;
  options.raw = !filtered;
  traces::TraceFile trace =
      traces::TraceFile::create(path, traces::ExistingTrace::replace, options);
  using traces::ElementType;
  trace.row_axis("time", {ElementType::float64, {}, "s", "time"});
  traces::Series v = trace.series(
      "v", {ElementType::float64, {neurons}, "V", "v", {"time", "neuron"}, rows_per_chunk});
  for (std::size_t row = 0; row + rows_per_chunk <= rows; row += rows_per_chunk) {
    const std::size_t first = traces::test::block_row(row, cycles, rows_per_chunk) * neurons;
    for (std::size_t k = 0; k < rows_per_chunk; ++k) v.append(block.data() + first + k * neurons);
  }
  trace.close();
  return trace.statistics();
}

struct Outcome {
  double ratio = 0;
  std::string text;
};

Outcome compare(const std::string& folder, bool filtered, bool noisy, std::size_t bytes) {
  const std::vector<double> block = waveform(noisy);
  const std::size_t rows = bytes / (neurons * sizeof(double));
  const std::string bare = folder + "/bare.h5";
  const std::string traced = folder + "/trace.h5";
  double bare_s = 1e300;
  double traced_s = 1e300;
  traces::WriterStatistics all;
  for (int k = 0; k < repetitions; ++k) {  // in turns: what else the machine does falls on both
    bare_s = std::min(bare_s, seconds_of([&] {
                        traces::test::write_bare_chunks(bare, block, neurons, rows, rows_per_chunk,
                                                        filtered);
                      }));
    traced_s =
        std::min(traced_s, seconds_of([&] { all = write_trace(traced, block, rows, filtered); }));
  }
  const double megabytes = static_cast<double>(all.bytes) / 1e6;
  Outcome outcome;
  outcome.ratio = bare_s / traced_s;
  outcome.text = fmt::format(
      "{:<16} {:<7} {:7.0f} MB/s  bare {:7.0f} MB/s  ratio {:5.2f}   size {:5.3f} of bare, queue "
      "{:3.0f} MB, memory {:3.0f} MB, {} stalls",
      filtered ? "shuffle+deflate" : "raw", noisy ? "noisy" : "smooth", megabytes / traced_s,
      megabytes / bare_s, outcome.ratio,
      static_cast<double>(std::filesystem::file_size(traced)) /
          static_cast<double>(std::filesystem::file_size(bare)),
      static_cast<double>(all.queue_bytes_peak) / 1e6,
      static_cast<double>(all.memory_bytes_peak) / 1e6, all.stalls);
  std::filesystem::remove(bare);
  std::filesystem::remove(traced);
  return outcome;
}

}  // namespace

int main(int argc, char** argv) {
  bool gate = false;
  double smallest_ratio = 0.5;
  std::size_t megabytes = 200;
  for (int k = 1; k < argc; ++k) {
    if (std::strcmp(argv[k], "--gate") == 0) gate = true;
    if (std::strcmp(argv[k], "--limit") == 0 && k + 1 < argc) {
      smallest_ratio = std::strtod(argv[k + 1], nullptr);
    }
    if (std::strcmp(argv[k], "--megabytes") == 0 && k + 1 < argc) {
      megabytes = static_cast<std::size_t>(std::atoi(argv[k + 1]));
    }
  }
  std::string folder = (std::filesystem::temp_directory_path() / "memprop-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  bool ok = true;
  for (const bool filtered : {true, false}) {
    for (const bool noisy : {true, false}) {
      Outcome best;
      // A gate looks more often before it says no.
      for (int attempt = 0; attempt < (gate ? 4 : 1) && best.ratio < smallest_ratio; ++attempt) {
        const Outcome outcome = compare(folder, filtered, noisy, megabytes * 1000000);
        if (outcome.ratio > best.ratio) best = outcome;
      }
      fmt::print("{}\n", best.text);
      ok = ok && best.ratio >= smallest_ratio;
    }
  }
  fmt::print("limit {:.2f}\n", smallest_ratio);
  std::filesystem::remove_all(folder);
  return gate && !ok ? 1 : 0;
}
