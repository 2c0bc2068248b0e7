#include "testbenches/experiment/trace_size.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "solvers/error.hpp"
#include "testbenches/experiment/run_trace.hpp"
#include "testbenches/experiment/sample_selection.hpp"
#include "traces/trace_reader.hpp"

namespace memprop::bench {
namespace {

namespace fs = std::filesystem;

// What HDF5 takes to find the chunks of a series: a B-tree (version 1) of nodes of 64 entries, each
// a key (size, filter mask and an offset per axis, plus one) and an address. Growing at its end it
// leaves nodes 9/10 full.
double index_bytes(double rows, std::size_t bytes_per_row, std::size_t axes) {
  // As traces/ chooses chunks.
  const double target = bytes_per_row <= 64 ? 16384.0 : 65536.0;
  double rows_per_chunk = std::max(1.0, std::floor(target / static_cast<double>(bytes_per_row)));
  if (axes == 3) rows_per_chunk = snapshots_per_chunk;
  const double chunks = std::ceil(rows / rows_per_chunk);
  if (chunks == 0) return 0.0;
  const double key = 8.0 + 8.0 * static_cast<double>(axes + 1);
  const double node = 24.0 + 64.0 * (8.0 + key) + key;
  double nodes = 0;
  for (double below = chunks; below > 1 || nodes == 0;) {
    below = std::ceil(below <= 64 ? 1.0 : below / 57.6);
    nodes += below;
  }
  return nodes * node;
}

std::string first_part(const std::string& path) { return path.substr(0, path.find('/')); }

bool starts_with(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }

double rows_every(std::uint64_t samples, std::uint64_t every) {
  return every == 0 || samples == 0 ? 0.0 : static_cast<double>((samples - 1) / every + 1);
}

// Rows of each row axis of the layout.
class RowCount {
 public:
  RowCount(const RunConfig& config, const TraceSizeInput& input) : config_(config) {
    const std::uint64_t n = input.training_samples;
    epochs_ = config.learning.train ? static_cast<double>(config.learning.epochs) : 0.0;
    const double per_epoch = epochs_ > 0 ? static_cast<double>(n) / epochs_ : 0.0;
    const bool chip = has_chip(config.fidelity);
    blocks_ = chip ? epochs_ * std::ceil(per_epoch / static_cast<double>(samples_per_block)) : 0.0;
    updates_ = rows_every(n, config.output.update_every);
    gradients_ = rows_every(n, config.monitor.gradient_every);
    states_ = rows_every(n, config.monitor.state_every) * (input.cycles_per_sample + 1);
    const SampleSelection selection(config.output);
    samples_ = static_cast<double>(selection.count(n));
    rows_ = samples_ > 0 ? samples_ * selection.mean_rows(input.cycles_per_sample) : 0.0;
    const std::uint64_t every = config.output.devices_every;
    snapshots_ = 2.0 + (every > 0 && n > 0 ? static_cast<double>((n - 1) / every) : 0.0);
  }

  double of(const std::string& path) const {
    if (starts_with(path, "training/update/")) return updates_;
    if (path == "training/epoch" || path == "training/test_accuracy" ||
        path == "training/training_accuracy") {
      return epochs_;
    }
    if (starts_with(path, "training/")) return blocks_;
    if (starts_with(path, "compare/cycle/")) return states_;
    if (starts_with(path, "compare/")) return gradients_;
    if (starts_with(path, "probes/samples/")) return samples_;
    if (starts_with(path, "probes/")) return rows_;
    if (starts_with(path, "devices/")) return snapshots_;
    if (starts_with(path, "events/")) return 2 * blocks_;  // not known before, and few
    throw InternalError("no rows are known for the series " + path);
  }

 private:
  const RunConfig& config_;
  double epochs_ = 0, blocks_ = 0, updates_ = 0, gradients_ = 0, states_ = 0, samples_ = 0,
         rows_ = 0, snapshots_ = 0;
};

// A result with every list that a run of this kind will have.
RunResult empty_result(const RunConfig& config, const learning::Network& network,
                       const std::vector<std::string>& warnings) {
  RunResult result;
  result.warnings = warnings;
  const std::size_t epochs = config.learning.train ? config.learning.epochs : 1;
  if (config.ideal_reference && config.fidelity != Fidelity::ideal) {
    result.ideal_per_epoch.assign(epochs, 0.0);
  }
  if (config.backprop_reference) result.backprop_per_epoch.assign(epochs, 0.0);
  if (!has_chip(config.fidelity)) return result;
  result.settling.push_back({"free", 0, 0, 0, 0});
  if (config.learning.train) {
    result.settling.push_back({"positive", 0, 0, 0, 0});
    if (config.learning.nudging == learning::Nudging::centred &&
        config.learning.rule != learning::RuleKind::contrastive_hebbian) {
      result.settling.push_back({"negative", 0, 0, 0, 0});
    }
  }
  if (config.chip.feedback == hw::FeedbackArray::separate_array && !config.network.dendrites.on()) {
    result.feedback_angle_deg.assign(network.layer_count() - 1, 0.0);
  }
  result.stepper = config.chip.solver.method;
  return result;
}

// Removes a file when it goes.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& folder)
      : path_((folder / fmt::format("memprop-size-{}.h5", ::getpid())).string()) {}
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
    fs::remove(path_ + ".journal", ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The trace without rows: writes it, and measures.
TraceSize measure(const fs::path& folder, const RunConfig& config, const RunOptions& options,
                  const learning::Network& network, const hw::ChipRunner* runner,
                  const TraceSizeInput& input) {
  const TemporaryFile file(folder);
  RunConfig skeleton = config;
  skeleton.output.path = file.path();
  RunOptions fresh = options;
  fresh.resume = false;
  TraceSize size;
  std::map<std::string, std::size_t> row_bytes;
  {
    RunTrace trace(skeleton, fresh, network, runner);
    trace.initial_weights(network);
    trace.finish(empty_result(config, network, input.warnings), network);
    trace.flush();
    row_bytes = trace.row_bytes();
    trace.close();
  }
  const RowCount count(config, input);
  double arrays = 0;
  for (const auto& info : traces::TraceReader(file.path()).datasets()) {
    if (info.type == traces::ElementType::text) continue;
    if (info.growing) {
      const double rows = count.of(info.path);
      const std::size_t each = row_bytes.at(info.path);
      size.rows[info.path] = rows;
      size.series_bytes[info.path] = rows * static_cast<double>(each);
      size.group_bytes[first_part(info.path)] += size.series_bytes[info.path];
      size.group_bytes["headers"] += index_bytes(rows, each, info.shape.size());
      continue;
    }
    double bytes = static_cast<double>(traces::size_of(info.type));
    for (const std::size_t n : info.shape) bytes *= static_cast<double>(n);
    size.group_bytes[first_part(info.path)] += bytes;
    arrays += bytes;
  }
  size.group_bytes["headers"] += static_cast<double>(fs::file_size(file.path())) - arrays;
  for (const auto& [group, bytes] : size.group_bytes) size.bytes += bytes;
  return size;
}

}  // namespace

TraceSize estimate_trace(const RunConfig& config, const RunOptions& options,
                         const learning::Network& network, const hw::ChipRunner* runner,
                         const TraceSizeInput& input) {
  const fs::path beside = fs::path(config.output.path).parent_path();
  std::error_code no_temporary;
  const fs::path temporary = fs::temp_directory_path(no_temporary);
  if (!no_temporary) {
    try {
      return measure(temporary, config, options, network, runner, input);
    } catch (const UserError&) {
      // No room there: where the trace will be there has to be some.
    }
  }
  return measure(beside, config, options, network, runner, input);
}

std::string bytes_text(double bytes) {
  if (bytes < 1e3) return fmt::format("{:.0f} B", bytes);
  if (bytes < 1e6) return fmt::format("{:.1f} kB", bytes / 1e3);
  if (bytes < 1e9) return fmt::format("{:.1f} MB", bytes / 1e6);
  return fmt::format("{:.2f} GB", bytes / 1e9);
}

std::string size_text(const TraceSize& size) {
  std::vector<std::pair<double, std::string>> groups;
  for (const auto& [group, bytes] : size.group_bytes) {
    if (bytes > 0) groups.emplace_back(-bytes, group);
  }
  std::sort(groups.begin(), groups.end());
  std::string text = bytes_text(size.bytes);
  const char* separator = ": ";
  for (const auto& [negative, group] : groups) {
    text += fmt::format("{}{} {}", separator, group, bytes_text(-negative));
    separator = ", ";
  }
  return text;
}

bool StoredEstimate::estimate(const std::map<std::string, Stored>& stored, double& bytes) const {
  constexpr double enough_bytes = 4096;   // fewer say more about chunks than about values
  constexpr double unknown_share = 0.02;  // of the trace, that may be left as it is
  double total = size_.bytes, unknown = 0;
  for (const auto& [path, expected] : size_.series_bytes) {
    if (expected == 0) continue;
    const auto found = stored.find(path);
    const double have = found == stored.end() ? 0.0 : static_cast<double>(found->second.bytes);
    if (have < std::min(expected, enough_bytes)) {
      unknown += expected;
      continue;
    }
    total += expected * (static_cast<double>(found->second.stored_bytes) / have - 1.0);
  }
  if (unknown > unknown_share * size_.bytes) return false;
  bytes = total;
  return true;
}

}  // namespace memprop::bench
