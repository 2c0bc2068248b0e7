#include "testbenches/experiment/run_checkpoint.hpp"

#include <filesystem>

#include "solvers/error.hpp"

namespace memprop::bench {

void save_run_checkpoint(traces::Checkpoint& checkpoint, const RunConfig& config,
                         const RunOptions& options, RunTrace* trace) {
  checkpoint.put_text("config", options.resolved_text);
  if (trace != nullptr) {
    trace->flush(true);
    std::vector<std::string> paths;
    std::vector<std::uint64_t> rows;
    for (const auto& [path, count] : trace->row_counts()) {
      paths.push_back(path);
      rows.push_back(count);
    }
    checkpoint.put("trace/paths", paths);
    checkpoint.put("trace/rows", Span<const std::uint64_t>(rows));
    if (trace->has_chip_groups()) {
      checkpoint.put("trace/events", Span<const std::uint64_t>(trace->events().save()));
    }
  }
  checkpoint.save(traces::checkpoint_path(config.output.path));
}

traces::Checkpoint load_run_checkpoint(const RunConfig& config, RunTrace* trace) {
  auto checkpoint =
      traces::Checkpoint::load(traces::checkpoint_path(config.output.path)).checkpoint;
  if (trace != nullptr) {
    traces::RowCounts counts;
    const auto& paths = checkpoint.strings("trace/paths");
    const auto& rows = checkpoint.uint64s("trace/rows");
    for (std::size_t k = 0; k < paths.size(); ++k) counts[paths[k]] = rows.at(k);
    trace->truncate_to(counts, checkpoint.text("config"));
    if (checkpoint.has("trace/events")) {
      trace->events().restore(checkpoint.uint64s("trace/events"));
    }
  }
  return checkpoint;
}

void remove_run_checkpoints(const RunConfig& config) {
  const std::string path = traces::checkpoint_path(config.output.path);
  // Left behind, one of them would be taken for this run's.
  for (const std::string& old : {path, path + ".1"}) {
    std::error_code error;
    std::filesystem::remove(old, error);
    if (error) {
      throw UserError(old + ": cannot remove the checkpoint of an earlier run: " + error.message());
    }
  }
}

void check_resume(const RunConfig& config, const RunOptions& options) {
  if (config.output.path.empty()) {
    throw UserError("--resume needs the run's trace: name it with -o or output.path");
  }
  const auto loaded = traces::Checkpoint::load(traces::checkpoint_path(config.output.path));
  const auto& before = loaded.checkpoint.text("config");
  if (before == options.resolved_text || !options.differences) return;
  const std::string differences = options.differences(before);
  if (!differences.empty()) {
    throw UserError("a run resumes only with the configuration it was started with; changed: " +
                    differences);
  }
}

}  // namespace memprop::bench
