#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/config/config.hpp"
#include "testbenches/experiment/estimate.hpp"

namespace memprop::cli {
namespace {

std::string duration(double seconds) {
  if (seconds < 120) return fmt::format("{:.1f} s", seconds);
  if (seconds < 7200) return fmt::format("{:.1f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

std::string size(double bytes) {
  if (bytes < 1e6) return fmt::format("{:.1f} kB", bytes / 1e3);
  if (bytes < 1e9) return fmt::format("{:.1f} MB", bytes / 1e6);
  return fmt::format("{:.2f} GB", bytes / 1e9);
}

}  // namespace

int command_validate(const RunArguments& arguments) {
  const auto config = config::load_config(arguments.config, all_settings(arguments));
  const auto estimate = bench::estimate_run(config.run);
  if (arguments.json) {
    fmt::print("{{\"wall_s\": {}, \"trace_bytes\": {}, \"cycles_per_sample\": {}}}\n",
               estimate.wall_s, estimate.trace_bytes, estimate.cycles_per_sample);
    return 0;
  }
  fmt::print("{}: valid\n", arguments.config);
  fmt::print("  run time about {} (measured on a few samples, references beside it)\n",
             duration(estimate.wall_s));
  if (estimate.cycles_per_sample > 0) {
    fmt::print("  {:.0f} clock cycles per training sample\n", estimate.cycles_per_sample);
  }
  fmt::print("  trace about {} before compression{}\n", size(estimate.trace_bytes),
             config.run.output.path.empty() ? " (no output.path: none is written)" : "");
  return 0;
}

}  // namespace memprop::cli
