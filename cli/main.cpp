// memprop: one program, a subcommand per task.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
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
  run->add_flag("--ablate", run_arguments.ablate,
                "Then run once more for every imperfection that is on, without it, and rank them");
  run->add_flag("-q,--quiet", run_arguments.quiet, "No progress");
  run->footer(
      "Examples:\n"
      "  memprop run examples/fashion_mnist.toml -o run.h5\n"
      "  memprop run examples/fashion_mnist.toml --set data.train_samples=2000 --seed 7\n"
      "  memprop run examples/fashion_mnist.toml -o run.h5 --resume\n"
      "  memprop run examples/fashion_mnist.toml -o run.h5 --ablate");

  cli::RunArguments validate_arguments;
  auto* validate =
      app.add_subcommand("validate", "Check a configuration; estimate run time and file size");
  add_run_options(*validate, validate_arguments);
  validate->footer("Example:\n  memprop validate examples/fashion_mnist.toml");

  cli::InfoArguments info_arguments;
  auto* info = app.add_subcommand("info", "Say what a trace holds");
  info->add_option("trace", info_arguments.file, "HDF5 trace of a run")->required();
  info->add_flag("--json", info_arguments.json, "As JSON; with --follow one object a line");
  info->add_flag("-f,--follow", info_arguments.follow,
                 "A line per block of training samples until the run ends");
  info->footer("Examples:\n  memprop info run.h5\n  memprop info run.h5 --follow");

  cli::ReportArguments report_arguments;
  auto* report = app.add_subcommand("report", "Show runs in one HTML file");
  report
      ->add_option("traces", report_arguments.traces,
                   "HDF5 traces, or folders of them; several are overlaid")
      ->required();
  report->add_option("-o,--output", report_arguments.output, "HTML file to write")->required();
  report->footer(
      "Examples:\n"
      "  memprop report run.h5 -o report.html\n"
      "  memprop report ideal-device.h5 soft-bounds.h5 -o devices.html\n"
      "  memprop report runs/ -o runs.html\n"
      "Needs Python with h5py, jinja2, matplotlib, numpy and xarray.");

  cli::WavesArguments waves_arguments;
  auto* waves = app.add_subcommand("waves", "Write recorded waveforms for a waveform viewer");
  waves->add_option("trace", waves_arguments.file, "HDF5 trace of a run")->required();
  waves->add_option("-o,--output", waves_arguments.output, "VCD or FST file to write")->required();
  waves->add_option("--sample", waves_arguments.samples, "Recorded sample (default: all)")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  waves->add_option("--probe", waves_arguments.probes, "Name or glob of a probe (default: all)")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  waves->footer(
      "Examples:\n"
      "  memprop waves run.h5 -o run.vcd --sample 0\n"
      "  memprop waves run.h5 -o run.fst --probe 'layer2/neurons/*' --probe 'controller/*'");

  cli::DevicesArguments devices_arguments;
  auto* devices = app.add_subcommand("devices", "List the memristors there are, or show one");
  devices->add_option("name", devices_arguments.name, "Device to show (default: list all)");
  devices->add_option("--plot", devices_arguments.plot,
                      "Draw its potentiation and depression curves, and the I-V loop of a state "
                      "equation: PNG, SVG or PDF file");
  devices->footer(
      "Examples:\n"
      "  memprop devices\n"
      "  memprop devices reram-sb --plot reram.png\n"
      "  memprop devices jart-vcm-v1b --plot jart.png\n"
      "Drawing needs Python with matplotlib.");

  cli::FitDeviceArguments fit_arguments;
  auto* fit_device = app.add_subcommand(
      "fit-device", "Fit a device model to measured potentiation and depression curves");
  fit_device
      ->add_option("data", fit_arguments.data,
                   "CSV with the columns pulse, polarity, conductance [unit] and, if several, "
                   "device")
      ->required();
  fit_device->add_option("-o,--output", fit_arguments.output, "TOML file for chip.device.file")
      ->required();
  fit_device->add_option("--model", fit_arguments.model,
                         "constant-step, soft-bounds, exponential or auto (default: the best by "
                         "Bayes criterion)");
  fit_device->add_option("--plot", fit_arguments.plot, "Draw data, fit and residuals");
  fit_device->add_option("--residuals", fit_arguments.residuals,
                         "CSV with data, expectation and residuals");
  fit_device->add_option("--set-voltage", fit_arguments.set_voltage, "Of the SET pulses: \"2 V\"");
  fit_device->add_option("--reset-voltage", fit_arguments.reset_voltage, "Of the RESET pulses");
  fit_device->add_option("--pulse-width", fit_arguments.pulse_width, "Of both: \"50 ns\"");
  fit_device->footer(
      "Examples:\n"
      "  memprop fit-device data.csv -o device.toml\n"
      "  memprop fit-device data.csv -o device.toml --model soft-bounds --plot fit.png\n"
      "  memprop run config.toml --set chip.device.file=device.toml");

  cli::ExportSpiceArguments spice_arguments;
  auto* spice = app.add_subcommand(
      "export-spice", "Write the analog part and one training sample as a netlist for ngspice");
  spice->add_option("config", spice_arguments.config, "TOML file that describes the run")
      ->required();
  spice->add_option("-o,--output", spice_arguments.output, "Netlist to write")->required();
  spice->add_option("--sample", spice_arguments.sample, "Training sample of the data, from 0")
      ->check(CLI::NonNegativeNumber);
  spice->add_option("--max-step", spice_arguments.max_step,
                    "Largest step of ngspice (default: a fiftieth of the shortest time constant)");
  spice->add_option("--set", spice_arguments.settings, "Override a key: --set chip.adc.bits=8")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  spice->add_option("--seed", spice_arguments.seed, "Override run.seed");
  spice->footer(
      "Examples:\n"
      "  memprop export-spice examples/xor.toml -o chip.cir\n"
      "  memprop export-spice config.toml -o chip.cir --sample 7 --max-step '0.5 ns'\n"
      "  memprop export-spice config.toml -o trained.cir --set network.init_file=run.h5");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : exit_bad_input;
  }
  if (*run) return cli::command_run(run_arguments);
  if (*validate) return cli::command_validate(validate_arguments);
  if (*report) return cli::command_report(report_arguments);
  if (*devices) return cli::command_devices(devices_arguments);
  if (*fit_device) return cli::command_fit_device(fit_arguments);
  if (*spice) return cli::command_export_spice(spice_arguments);
  if (*waves) return cli::command_waves(waves_arguments);
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
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "memprop: this machine has not the memory that the description asks for\n");
    return exit_failed;
  } catch (const std::exception& e) {
    fmt::print(stderr, "memprop: {}\n", e.what());
    return exit_failed;
  }
}

int main(int argc, char** argv) {
  // Read by the SystemC kernel when it starts: no banner before our own output.
  setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 0);
  // A file beyond the limit of `ulimit -f` is a failed write with a message, not a silent end.
  std::signal(SIGXFSZ, SIG_IGN);
  return sc_core::sc_elab_and_sim(argc, argv);
}
