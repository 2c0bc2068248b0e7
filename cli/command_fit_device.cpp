// memprop fit-device: a pulse model from measured potentiation and depression curves.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "analog/fit/population.hpp"
#include "analog/memristor/pulse_device_array.hpp"
#include "cli/commands.hpp"
#include "cli/device_fit/fit_report.hpp"
#include "cli/device_fit/pulse_csv.hpp"
#include "cli/devices/device_plot.hpp"
#include "cli/text_file.hpp"
#include "solvers/error.hpp"
#include "solvers/units.hpp"

namespace memprop::cli {
namespace {

using namespace analog::fit;

double option_quantity(const char* option, const std::string& text, Unit unit) {
  if (text.empty()) return 0.0;
  double value = 0.0;
  try {
    value = parse_quantity(text, unit);
  } catch (const UserError& error) {
    throw UserError(fmt::format("{}: {}", option, error.what()));
  }
  if (!(value > 0.0))
    throw UserError(fmt::format("{}: expected more than 0, got {}", option, text));
  return value;
}

// SET must raise the conductance and RESET lower it, or the columns mean something else.
void check_directions(const std::string& file, const std::vector<PulseTrain>& trains) {
  for (const auto& group : by_device(trains)) {
    double up = 0.0, down = 0.0;
    for (const PulseTrain* train : group) {
      for (std::size_t k = 1; k < train->readings.size(); ++k) {
        const Reading& r = train->readings[k];
        if (r.starts || r.pulses == 0) continue;
        (r.up ? up : down) += r.conductance_s - train->readings[k - 1].conductance_s;
      }
    }
    if (up < 0.0 && down > 0.0) {
      const std::string& id = group[0]->device;
      throw UserError(fmt::format(
          "{}: expected conductance to rise with pulses of polarity up, found that it falls with "
          "up and rises with down{}: is the polarity the other way round?",
          file, id.empty() ? "" : " (device " + id + ")"));
    }
  }
}

std::vector<const PulseModel*> candidates_of(const std::string& name) {
  if (name.empty() || name == "auto") return pulse_models();
  try {
    return {&pulse_model(name)};
  } catch (const UserError& error) {
    throw UserError(fmt::format("--model: {}", error.what()));
  }
}

}  // namespace

int command_fit_device(const FitDeviceArguments& arguments) {
  PulseShape pulses;
  pulses.set_voltage_v = option_quantity("--set-voltage", arguments.set_voltage, Unit::volt);
  pulses.reset_voltage_v = option_quantity("--reset-voltage", arguments.reset_voltage, Unit::volt);
  pulses.width_s = option_quantity("--pulse-width", arguments.pulse_width, Unit::second);
  const std::vector<const PulseModel*> models = candidates_of(arguments.model);
  if (!arguments.plot.empty()) check_plot_name(arguments.plot);

  const std::vector<PulseTrain> trains = read_pulse_csv(arguments.data);
  check_directions(arguments.data, trains);
  std::vector<Candidate> candidates;
  const PulseModel* best = nullptr;
  double least = 0.0;
  try {
    for (const PulseModel* model : models) {
      const PopulationFit fit = fit_population(*model, trains, false);
      candidates.push_back({std::string(model->name()), fit.bayes_criterion(), false});
      if (best == nullptr || fit.bayes_criterion() < least) {
        best = model;
        least = fit.bayes_criterion();
      }
    }
  } catch (const UserError& error) {
    throw UserError(fmt::format("{}: {}", arguments.data, error.what()));
  }
  for (Candidate& c : candidates) c.chosen = c.model == best->name();

  const PopulationFit fit = fit_population(*best, trains);
  const std::vector<Residual> rows = residuals(fit, trains);
  const ResidualFigures quality = figures(rows);
  analog::check_device(fit.config);
  write_text_file(arguments.output, device_toml(fit, arguments.data, pulses));
  if (!arguments.residuals.empty()) write_text_file(arguments.residuals, residual_csv(rows));
  fmt::print("{}\nwritten: {}\nuse it:  memprop run CONFIG --set chip.device.file={}\n",
             fit_text(fit, candidates, quality), arguments.output, arguments.output);
  if (!arguments.plot.empty()) plot_fit(fit, rows, arguments.data, arguments.plot);
  return 0;
}

}  // namespace memprop::cli
