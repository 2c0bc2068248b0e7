#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/config/config.hpp"
#include "cli/config/dump.hpp"
#include "testbenches/experiment/estimate.hpp"

namespace memprop::cli {
namespace {

std::string duration(double seconds) {
  if (seconds < 120) return fmt::format("{:.1f} s", seconds);
  if (seconds < 7200) return fmt::format("{:.1f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

}  // namespace

int command_validate(const RunArguments& arguments) {
  const auto config = config::load_config(arguments.config, all_settings(arguments));
  bench::RunOptions options;
  options.config_text = config.text;
  options.resolved_text = config::resolved_toml(config.run);
  options.version = MEMPROP_VERSION;
  const auto estimate =
      config::with_places(config.locate, [&] { return bench::estimate_run(config.run, options); });
  if (arguments.json) {
    std::string groups;
    for (const auto& [group, bytes] : estimate.trace.group_bytes) {
      groups += fmt::format("{}\"{}\": {:.0f}", groups.empty() ? "" : ", ", group, bytes);
    }
    fmt::print(
        "{{\"wall_s\": {}, \"trace_bytes\": {:.0f}, \"trace_group_bytes\": {{{}}}, "
        "\"cycles_per_sample\": {}}}\n",
        estimate.wall_s, estimate.trace.bytes, groups, estimate.cycles_per_sample);
    return 0;
  }
  fmt::print("{}: valid\n", arguments.config);
  fmt::print("  run time about {} (measured on a few samples, references beside it)\n",
             duration(estimate.wall_s));
  if (estimate.cycles_per_sample > 0) {
    fmt::print("  {:.0f} clock cycles per training sample\n", estimate.cycles_per_sample);
  }
  fmt::print("  trace before compression {}{}\n", bench::size_text(estimate.trace),
             config.run.output.path.empty() ? " (no output.path: none is written)" : "");
  for (const std::string& warning : estimate.warnings) fmt::print("  warning: {}\n", warning);
  return 0;
}

}  // namespace memprop::cli
