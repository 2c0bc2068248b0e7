#include "cli/ablation/command.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <filesystem>

#include "cli/ablation/report.hpp"
#include "cli/config/config.hpp"
#include "cli/config/dump.hpp"
#include "solvers/error.hpp"
#include "traces/trace_reader.hpp"

namespace memprop::cli {
namespace {

double figure(const traces::TraceReader& trace, const char* path) {
  return trace.has(path) ? trace.read<double>(path).at(0) : std::nan("");
}

void tell(const AblationResult& r, std::size_t done, std::size_t total) {
  const std::string what = r.failure.empty()
                               ? fmt::format("{:.2f} % ({:.0f} s)", 100 * r.accuracy, r.wall_s)
                               : r.failure;
  fmt::print(stderr, "ablation {}/{}: {}: {}\n", done, total,
             r.name == all_imperfections ? "all of them" : "without " + r.name, what);
}

}  // namespace

std::optional<FinishedRun> finished_run(const bench::RunConfig& config) {
  const std::string& path = config.output.path;
  if (path.empty() || !traces::is_trace(path)) return std::nullopt;
  const traces::TraceReader trace(path);
  if (!trace.has("compare/accuracy") || !trace.has("config/resolved")) return std::nullopt;
  try {
    const auto before = config::parse_config(trace.read_text("config/resolved"), path).run;
    for (const auto& d : config::compare(before, config)) {
      if (d.affects_results) return std::nullopt;
    }
  } catch (const UserError&) {
    return std::nullopt;  // of another version, with other keys
  }
  return FinishedRun{figure(trace, "compare/accuracy"), figure(trace, "compare/accuracy_ideal"),
                     figure(trace, "compare/accuracy_backprop")};
}

AblationOutcome ablate(const std::vector<AblationCase>& cases, const AblationRequest& request) {
  AblationOptions options;
  options.folder = request.trace_path + ".ablation";
  options.parallel = request.threads;
  options.interrupt = request.interrupt;
  if (!request.quiet) options.on_result = tell;
  AblationOutcome outcome = run_ablation(cases, options);
  if (outcome.interrupted) {
    fmt::print(stderr,
               "memprop: interrupted; {} of {} runs are kept in {}; go on with --ablate -o {}\n",
               outcome.results.size(), cases.size(), options.folder, request.trace_path);
    return outcome;
  }
  record_ablation(request.trace_path, outcome, request.accuracy);
  if (outcome.complete()) {
    std::error_code ignored;
    std::filesystem::remove_all(options.folder, ignored);
  } else {
    fmt::print(stderr,
               "memprop: not every run of the ablation came to its end; --ablate again runs those "
               "that did not (what they said: {}/*.log)\n",
               options.folder);
  }
  return outcome;
}

}  // namespace memprop::cli
