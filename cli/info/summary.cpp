#include "cli/info/summary.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <filesystem>

#include "traces/checkpoint.hpp"

namespace memprop::cli {
namespace {

namespace fs = std::filesystem;

struct Known {
  const char* path;
  const char* label;
  const char* unit;
};

constexpr Known texts[] = {{"provenance/version", "memprop", ""},
                           {"provenance/compiler", "compiler", ""},
                           {"provenance/stepper", "stepper", ""}};

// The last value of each.
constexpr Known figures[] = {
    {"provenance/seed", "seed", ""},
    {"training/samples", "training samples", ""},
    {"training/epoch", "epochs", ""},
    {"training/accuracy", "accuracy of the last block", "%"},
    {"training/test_accuracy", "test accuracy of the last epoch", "%"},
    {"compare/accuracy", "accuracy", "%"},
    {"compare/accuracy_ideal", "accuracy of the ideal reference", "%"},
    {"compare/accuracy_backprop", "accuracy of back-propagation", "%"},
    {"compare/loss", "mean test loss", ""},
    {"compare/settling_residual_free", "settling residual, free", ""},
    {"compare/settling_residual_positive", "settling residual, positive", ""},
    {"compare/settling_residual_negative", "settling residual, negative", ""},
    {"events/cycles", "clock cycles", ""},
    {"events/set_pulses", "SET pulses", ""},
    {"events/reset_pulses", "RESET pulses", ""},
    {"events/saturated_pulses", "pulses that ended at a bound", ""},
    {"events/clipped_counts", "pulse counts clipped", ""},
    {"events/clipped_conversions", "conversions clipped", ""},
    {"events/stuck_cells", "stuck cells", ""},
    {"energy/arrays", "energy, arrays", "J"},
    {"energy/neurons", "energy, neurons", "J"},
    {"energy/converters", "energy, converters", "J"},
    {"energy/writes", "energy, writes", "J"},
    {"energy/digital", "energy, digital control", "J"},
};

bool is_number(const traces::DatasetInfo& info) { return info.type != traces::ElementType::text; }

// A value, or the last of a list.
bool last_value(const traces::TraceReader& trace, const char* path, double& value) {
  if (!trace.has(path)) return false;
  const traces::DatasetInfo info = trace.info(path);
  if (!is_number(info) || info.shape.size() > 1) return false;
  if (!info.shape.empty() && info.shape[0] == 0) return false;
  value = info.shape.empty() ? trace.read<double>(path).at(0)
                             : trace.read_rows<double>(path, info.shape[0] - 1, 1).at(0);
  return true;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  std::size_t count = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    sum += value;
    ++count;
  }
  return count > 0 ? sum / static_cast<double>(count) : std::nan("");
}

void add_alignment(const traces::TraceReader& trace, TraceSummary& summary) {
  for (std::size_t l = 1;; ++l) {
    const std::string wanted = fmt::format("compare/layer{}/cosine_wanted", l);
    const std::string applied = fmt::format("compare/layer{}/cosine_applied", l);
    if (!trace.has(wanted) || !trace.has(applied)) return;
    const auto values = trace.read<double>(applied);
    if (values.empty()) return;
    summary.compared_updates = values.size();
    summary.alignment.push_back({mean(trace.read<double>(wanted)), mean(values)});
  }
}

void add_file(const std::string& path, std::vector<FileOnDisk>& files) {
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  if (error) return;
  const auto age = fs::file_time_type::clock::now() - fs::last_write_time(path, error);
  files.push_back({path, bytes, std::chrono::duration<double>(age).count()});
}

}  // namespace

std::uint64_t plain_bytes(const traces::DatasetInfo& info) {
  std::uint64_t bytes = traces::size_of(info.type);
  for (const std::size_t extent : info.shape) bytes *= extent;
  return bytes;
}

TraceSummary summarise(const std::string& path) {
  TraceSummary summary;
  const bool writing = is_being_written(path);
  const traces::TraceReader trace(path);
  summary.path = path;
  summary.format_version = trace.format_version();
  summary.state = run_state(trace, writing);
  summary.of_a_run = writing || trace.has("config/resolved");
  summary.datasets = trace.datasets();
  for (const Known& known : texts) {
    if (trace.has(known.path)) summary.texts.emplace_back(known.label, trace.read_text(known.path));
  }
  for (const Known& known : figures) {
    double value = 0;
    if (last_value(trace, known.path, value)) {
      summary.figures.push_back({known.path, known.label, value, known.unit});
    }
  }
  add_alignment(trace, summary);
  if (trace.has("events/warnings")) summary.warnings = trace.read_strings("events/warnings");
  for (const traces::DatasetInfo& d : summary.datasets) {
    if (d.path.rfind("provenance/", 0) != 0) continue;
    for (auto& attribute : trace.attributes("provenance")) {
      if (attribute.first != "wall_s") continue;
      if (const auto* seconds = std::get_if<double>(&attribute.second)) {
        summary.figures.push_back({"provenance", "wall time", *seconds, "s"});
      }
    }
    break;
  }
  try {
    summary.writer = trace.attributes("provenance/writer");
  } catch (const std::runtime_error&) {
    // Version 1 has none.
  }
  std::vector<FileOnDisk> own;
  add_file(path, own);
  if (!own.empty()) summary.bytes = own.front().bytes;
  add_file(traces::checkpoint_path(path), summary.checkpoints);
  add_file(traces::checkpoint_path(path) + ".1", summary.checkpoints);
  return summary;
}

}  // namespace memprop::cli
