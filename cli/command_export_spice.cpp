// memprop export-spice: the chip and one sample as a netlist for ngspice.
#include <fmt/format.h>

#include <cctype>
#include <filesystem>

#include "cli/commands.hpp"
#include "cli/config/config.hpp"
#include "cli/text_file.hpp"
#include "solvers/error.hpp"
#include "solvers/units.hpp"
#include "testbenches/spice/export.hpp"

namespace memprop::cli {
namespace {

// What ngspice writes lies where it is started; its command language has no quotes for names.
std::string data_file(const std::string& netlist) {
  std::string stem = std::filesystem::path(netlist).stem().string();
  for (char& c : stem) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
    c = plain ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : '_';
  }
  return stem + ".data";
}

double step_of(const std::string& text) {
  if (text.empty()) return 0.0;
  double step_s = 0.0;
  try {
    step_s = parse_quantity(text, Unit::second);
  } catch (const UserError& error) {
    throw UserError(fmt::format("--max-step: {}", error.what()));
  }
  if (!(step_s > 0.0)) {
    throw UserError(fmt::format("--max-step: expected more than 0 s, got {}", text));
  }
  return step_s;
}

}  // namespace

int command_export_spice(const ExportSpiceArguments& arguments) {
  bench::spice::NetlistOptions options;
  options.largest_step_s = step_of(arguments.max_step);
  options.data_file = data_file(arguments.output);
  options.title =
      fmt::format("Written by memprop {} from {}. Run it: ngspice -b {}", MEMPROP_VERSION,
                  arguments.config, std::filesystem::path(arguments.output).filename().string());
  auto settings = arguments.settings;
  if (!arguments.seed.empty()) settings.push_back("run.seed=" + arguments.seed);
  settings.emplace_back("output.path=\"\"");  // no trace is written
  const auto config = config::load_config(arguments.config, settings);
  bench::spice::ExportSummary summary;
  write_text_file(arguments.output,
                  bench::spice::export_spice(config.run, arguments.sample, options, &summary));
  fmt::print(
      "written: {} ({} neurons, {} resistors, {:.9g} ns in steps of at most {:.4g} "
      "ns)\n",
      arguments.output, summary.neurons, summary.resistors, 1e9 * summary.stop_s,
      1e9 * summary.largest_step_s);
  fmt::print("run it:  ngspice -b {}\nit writes the membranes to {} where it is started\n",
             arguments.output, options.data_file);
  return 0;
}

}  // namespace memprop::cli
