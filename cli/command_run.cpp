#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "cli/ablation/command.hpp"
#include "cli/ablation/report.hpp"
#include "cli/commands.hpp"
#include "cli/config/config.hpp"
#include "cli/config/dump.hpp"
#include "cli/interrupt.hpp"
#include "cli/json.hpp"
#include "cli/progress_bar.hpp"
#include "solvers/error.hpp"
#include "testbenches/experiment/experiment.hpp"
#include "testbenches/experiment/result_table.hpp"

namespace memprop::cli {
namespace {

// References are trained by themselves: one that is asked for later is only more output.
bool only_adds(const config::Difference& d) {
  return (d.key == "run.ideal_reference" || d.key == "run.backprop_reference") && d.after == "true";
}

// What a resume must not change, as "key: before -> after".
std::string differences(const std::string& before, const bench::RunConfig& after) {
  const auto old = config::parse_config(before, "checkpoint");
  std::string text;
  for (const auto& d : config::compare(old.run, after)) {
    // Waveforms that are there go on as what they are.
    const bool fixed = d.key == "output.precision" && !old.run.output.probes.empty();
    if (!(d.affects_results || fixed) || only_adds(d)) continue;
    text += fmt::format("{}{}: {} -> {}", text.empty() ? "" : "; ", d.key, d.before, d.after);
  }
  return text;
}

bench::RunResult run_once(const RunArguments& arguments, const config::Config& config,
                          const std::atomic<bool>& interrupt) {
  bench::RunOptions options;
  options.config_text = config.text;
  options.resolved_text = config::resolved_toml(config.run);
  options.version = MEMPROP_VERSION;
  options.resume = arguments.resume;
  options.differences = [&](const std::string& before) { return differences(before, config.run); };
  options.interrupt = &interrupt;
  ProgressBar bar;
  if (!arguments.quiet) {
    options.progress = [&](const bench::Progress& progress) { bar.show(progress); };
    options.notice = [&](const std::string& line) {
      bar.finish();
      fmt::print(stderr, "{}\n", line);
    };
  }
  return config::with_places(config.locate,
                             [&] { return bench::run_experiment(config.run, options); });
}

int report_interruption(const std::string& path) {
  if (path.empty()) {
    fmt::print(stderr, "memprop: interrupted; nothing saved, for lack of an output file\n");
  } else {
    fmt::print(stderr, "memprop: interrupted; go on with --resume -o {}\n", path);
  }
  return exit_interrupted;
}

// Figures of a run that had ended before: what its trace says of it.
std::string finished_json(const FinishedRun& run) {
  return fmt::format(
      "{{\n  \"accuracy\": {},\n  \"accuracy_ideal\": {},\n  \"accuracy_backprop\": {}\n}}\n",
      json_number(run.accuracy), json_number(run.ideal_accuracy),
      json_number(run.backprop_accuracy));
}

// A JSON object with one more member.
std::string with_member(const std::string& object, const std::string& name,
                        const std::string& value) {
  const std::size_t end = object.rfind("\n}");
  if (end == std::string::npos) throw InternalError("expected a JSON object");
  return fmt::format("{},\n  \"{}\": {}\n}}\n", object.substr(0, end), name, value);
}

int run_with_ablation(const RunArguments& arguments, const config::Config& config) {
  const std::string& path = config.run.output.path;
  if (path.empty()) {
    throw UserError(
        "--ablate needs a trace to record its result in: name it with -o or "
        "output.path");
  }
  // Before the run: what cannot be ablated should not be found out at its end.
  const auto cases = plan_ablation(config.run);
  const std::atomic<bool>& interrupt = catch_interrupts();
  std::optional<FinishedRun> finished = finished_run(config.run);
  std::string text, json;
  if (finished) {
    if (!arguments.quiet) {
      fmt::print(stderr, "{} holds this run, finished: only the ablation is run\n", path);
    }
    text = fmt::format("accuracy of the run {:.2f} %\n", 100 * finished->accuracy);
    json = finished_json(*finished);
  } else {
    const auto result = run_once(arguments, config, interrupt);
    json = bench::result_json(result);
    if (!arguments.json) std::fputs(bench::result_table(result).c_str(), stdout);
    if (result.interrupted) {
      if (arguments.json) std::fputs(json.c_str(), stdout);
      return report_interruption(path);
    }
    std::fflush(stdout);
    finished = FinishedRun{result.accuracy, result.ideal_accuracy, result.backprop_accuracy};
  }
  AblationRequest request{path, finished->accuracy, config.run.threads, arguments.quiet,
                          &interrupt};
  const AblationOutcome outcome = cases.empty() ? AblationOutcome{} : ablate(cases, request);
  text += cases.empty() ? "no imperfection is on: nothing to switch off\n"
                        : ablation_table(outcome, finished->accuracy);
  if (arguments.json) {
    text = with_member(json, "ablation", ablation_json(outcome, finished->accuracy));
  }
  std::fputs(text.c_str(), stdout);
  if (outcome.interrupted) return exit_interrupted;
  return outcome.complete() ? 0 : 1;
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
  if (arguments.ablate) return run_with_ablation(arguments, config);
  const auto result = run_once(arguments, config, catch_interrupts());
  std::fputs((arguments.json ? bench::result_json(result) : bench::result_table(result)).c_str(),
             stdout);
  if (result.interrupted) return report_interruption(config.run.output.path);
  if (!config.run.output.path.empty() && !arguments.json && !arguments.quiet) {
    fmt::print("trace {}\n", config.run.output.path);
  }
  return 0;
}

}  // namespace memprop::cli
