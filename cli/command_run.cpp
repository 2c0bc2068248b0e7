#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <cstdio>

#include "cli/commands.hpp"
#include "cli/config/config.hpp"
#include "cli/config/dump.hpp"
#include "cli/progress_bar.hpp"
#include "testbenches/experiment/experiment.hpp"
#include "testbenches/experiment/result_table.hpp"

namespace memprop::cli {
namespace {

constexpr int exit_interrupted = 130;

// The only thing a signal handler may touch. A second signal ends the program at once.
std::atomic<bool> interrupt_requested{false};

extern "C" void on_signal(int number) {
  if (interrupt_requested.exchange(true)) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

// What a resume must not change, as "key: before -> after".
std::string differences(const std::string& before, const bench::RunConfig& after) {
  const auto old = config::parse_config(before, "checkpoint");
  std::string text;
  for (const auto& d : config::compare(old.run, after)) {
    if (!d.affects_results) continue;
    text += fmt::format("{}{}: {} -> {}", text.empty() ? "" : "; ", d.key, d.before, d.after);
  }
  return text;
}

}  // namespace

std::vector<std::string> all_settings(const RunArguments& arguments) {
  std::vector<std::string> settings = arguments.settings;
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) settings.push_back(fmt::format("{}={}", key, value));
  };
  add("output.path", arguments.output);
  add("run.seed", arguments.seed);
  add("run.threads", arguments.threads);
  return settings;
}

int command_run(const RunArguments& arguments) {
  const auto config = config::load_config(arguments.config, all_settings(arguments));
  bench::RunOptions options;
  options.config_text = config.text;
  options.resolved_text = config::resolved_toml(config.run);
  options.version = MEMPROP_VERSION;
  options.resume = arguments.resume;
  options.differences = [&](const std::string& before) { return differences(before, config.run); };
  options.interrupt = &interrupt_requested;
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  ProgressBar bar;
  if (!arguments.quiet) {
    options.progress = [&](const bench::Progress& progress) { bar.show(progress); };
  }
  const auto result = bench::run_experiment(config.run, options);
  bar.finish();
  std::fputs((arguments.json ? bench::result_json(result) : bench::result_table(result)).c_str(),
             stdout);
  if (result.interrupted) {
    if (config.run.output.path.empty()) {
      fmt::print(stderr, "memprop: interrupted; nothing saved, for lack of an output file\n");
    } else {
      fmt::print(stderr, "memprop: interrupted; go on with --resume -o {}\n",
                 config.run.output.path);
    }
    return exit_interrupted;
  }
  if (!config.run.output.path.empty() && !arguments.json && !arguments.quiet) {
    fmt::print("trace {}\n", config.run.output.path);
  }
  return 0;
}

}  // namespace memprop::cli
