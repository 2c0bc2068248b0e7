// memprop: one program, a subcommand per task.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <systemc>

#include "cli/commands.hpp"
#include "solvers/error.hpp"

namespace {

using namespace memprop;

constexpr int exit_failed = 1;
constexpr int exit_bad_input = 2;

void add_run_options(CLI::App& command, cli::RunArguments& arguments) {
  command.add_option("config", arguments.config, "TOML file that describes the run")->required();
  command.add_option("-o,--output", arguments.output, "HDF5 trace to write");
  command.add_option("--set", arguments.settings, "Override a key: --set chip.adc.bits=8")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--seed", arguments.seed, "Override run.seed");
  command.add_option("--threads", arguments.threads, "Override run.threads (0: all)");
  command.add_flag("--json", arguments.json, "Print the result as JSON");
}

int dispatch(int argc, char** argv) {
  CLI::App app{"memprop: memristor chips that train themselves by equilibrium propagation"};
  app.require_subcommand(1);
  app.set_version_flag("--version", MEMPROP_VERSION);
  app.footer("Exit codes: 0 done, 1 failed, 2 wrong input, 130 interrupted after a checkpoint.");

  cli::RunArguments run_arguments;
  auto* run = app.add_subcommand("run", "Train and test what a configuration describes");
  add_run_options(*run, run_arguments);
  run->add_flag("--resume", run_arguments.resume, "Go on from the checkpoint beside the trace");
  run->add_flag("-q,--quiet", run_arguments.quiet, "No progress");
  run->footer(
      "Examples:\n"
      "  memprop run examples/fashion_mnist.toml -o run.h5\n"
      "  memprop run examples/fashion_mnist.toml --set data.train_samples=2000 --seed 7\n"
      "  memprop run examples/fashion_mnist.toml -o run.h5 --resume");

  cli::RunArguments validate_arguments;
  auto* validate =
      app.add_subcommand("validate", "Check a configuration; estimate run time and file size");
  add_run_options(*validate, validate_arguments);
  validate->footer("Example:\n  memprop validate examples/fashion_mnist.toml");

  cli::InfoArguments info_arguments;
  auto* info = app.add_subcommand("info", "Say what a trace holds");
  info->add_option("trace", info_arguments.file, "HDF5 trace of a run")->required();
  info->add_flag("--json", info_arguments.json, "List the data sets as JSON");
  info->footer("Example:\n  memprop info run.h5");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : exit_bad_input;
  }
  if (*run) return cli::command_run(run_arguments);
  if (*validate) return cli::command_validate(validate_arguments);
  return cli::command_info(info_arguments);
}

}  // namespace

int sc_main(int argc, char** argv) {
  try {
    return dispatch(argc, argv);
  } catch (const UserError& e) {
    fmt::print(stderr, "memprop: {}\n", e.what());
    return exit_bad_input;
  } catch (const NumericalError& e) {
    fmt::print(stderr, "memprop: the run stopped: {}\n", e.what());
    return exit_failed;
  } catch (const std::exception& e) {
    fmt::print(stderr, "memprop: {}\n", e.what());
    return exit_failed;
  }
}

int main(int argc, char** argv) {
  // Read by the SystemC kernel when it starts: no banner before our own output.
  setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 0);
  return sc_core::sc_elab_and_sim(argc, argv);
}
