#include "cli/device_fit/fit_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "solvers/units.hpp"

namespace memprop::cli {
namespace {

using namespace analog::fit;

std::string shown(double value, bool conductance) {
  const std::string digits = fmt::format("{:.4g}", value);
  return conductance ? format_quantity(std::stod(digits), Unit::siemens) : digits;
}

std::string limits(const Estimate& e, bool conductance) {
  switch (e.known) {
    case Known::identified:
      return shown(e.low, conductance) + " to " + shown(e.high, conductance);
    case Known::below:
      return "at most " + shown(e.high, conductance);
    case Known::above:
      return "at least " + shown(e.low, conductance);
    case Known::unknown:
      return "not identified";
    case Known::extreme:
      return "not reached: the most extreme reading";
  }
  return "";
}

std::string pulses_word(Role role) {
  return role == Role::up || role == Role::high_clip ? "SET" : "RESET";
}

}  // namespace

std::vector<std::string> fit_warnings(const PopulationFit& fit, const ResidualFigures& r) {
  std::vector<std::string> out;
  const auto& parameters = fit.model->parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& p = parameters[i];
    const Estimate& e = fit.parameters[i];
    if (e.known == Known::extreme) {
      out.push_back(fmt::format(
          "{}: the data cannot identify it, no {} pulse met the end of the window; set to the {} "
          "reading",
          p.key, pulses_word(p.role), p.role == Role::high_clip ? "largest" : "smallest"));
    } else if (e.known == Known::unknown) {
      out.push_back(fmt::format("{}: the data cannot identify it; {} is a starting value", p.key,
                                shown(e.value, p.conductance)));
    } else if (e.known == Known::above) {
      out.push_back(fmt::format("{}: the data gives a lower limit only", p.key));
    }
  }
  if (fit.devices.size() == 1) {
    out.emplace_back("one device: nothing is known of the spread between devices, written as 0");
  } else if (fit.devices.size() < 5) {
    out.push_back(
        fmt::format("{} devices: the spread between devices is uncertain", fit.devices.size()));
  }
  const double n = static_cast<double>(r.count);
  if (std::fabs(r.neighbours) > 3.0 / std::sqrt(n)) {
    out.push_back(fmt::format(
        "neighbouring residuals are correlated ({:+.2f}): the model {} does not follow the curve",
        r.neighbours, fit.model->name()));
  }
  if (std::fabs(r.rms - 1.0) > 0.2) {
    out.push_back(fmt::format(
        "residuals are {:.2f} of what the model expects: its noise is not that of the data",
        r.rms));
  }
  for (const DeviceFit& d : fit.devices) {
    if (!d.converged) out.emplace_back("the search for the optimum did not converge on a device");
  }
  return out;
}

std::string fit_text(const PopulationFit& fit, const std::vector<Candidate>& candidates,
                     const ResidualFigures& r) {
  std::string out = fmt::format("{} readings after pulses, {} device{}\n", fit.readings,
                                fit.devices.size(), fit.devices.size() == 1 ? "" : "s");
  if (candidates.size() > 1) {
    out += "\nmodel            Bayes criterion, difference to the best\n";
    double best = std::numeric_limits<double>::infinity();
    for (const Candidate& c : candidates) best = std::min(best, c.bayes_criterion);
    for (const Candidate& c : candidates) {
      out += fmt::format("  {:<15}{:>8.1f}{}\n", c.model, c.bayes_criterion - best,
                         c.chosen ? "  chosen" : "");
    }
  }
  out += fmt::format("\n{:<22}{:>12}  {}\n", fit.model->name(), "value", "95 % interval");
  const auto& parameters = fit.model->parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Estimate& e = fit.parameters[i];
    const bool siemens = parameters[i].conductance;
    out += fmt::format("  {:<20}{:>12}  {:<26}  {}\n", parameters[i].key, shown(e.value, siemens),
                       limits(e, siemens), parameters[i].meaning);
  }
  for (const SpreadEstimate& s : fit.spread) {
    out += fmt::format("  {:<20}{:>12}  {:<26}  device to device\n", s.key,
                       shown(s.estimate.value, false), limits(s.estimate, false));
  }
  out += fmt::format(
      "\nresiduals, in standard deviations expected: rms {:.3f}, largest {:.1f}, correlation of "
      "neighbours {:+.3f}\n",
      r.rms, r.largest, r.neighbours);
  for (const std::string& warning : fit_warnings(fit, r)) out += "note: " + warning + "\n";
  return out;
}

std::string residual_csv(const std::vector<Residual>& rows) {
  std::string out = "device,train,reading,measured [S],expected [S],deviation [S],smooth [S]\n";
  for (const Residual& row : rows) {
    out += fmt::format("{},{},{},{:.9g},{:.9g},{:.9g},{:.9g}\n", row.device, row.train, row.reading,
                       row.measured_s, row.expected_s, row.deviation_s, row.smooth_s);
  }
  return out;
}

std::string device_toml(const PopulationFit& fit, const std::string& data,
                        const PulseShape& pulses) {
  const analog::DeviceConfig& c = fit.config;
  const auto& parameters = fit.model->parameters();
  std::string out = fmt::format(
      "# Model {} fitted to {}: {} readings, {} device{}.\n"
      "# Used by: chip.device.file = \"THIS FILE\", or with --set chip.device.file=THIS-FILE.\n#\n"
      "# parameter             value  95 % interval\n",
      fit.model->name(), data, fit.readings, fit.devices.size(),
      fit.devices.size() == 1 ? "" : "s");
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Estimate& e = fit.parameters[i];
    out += fmt::format("# {:<20}{:>8}  {}\n", parameters[i].key,
                       shown(e.value, parameters[i].conductance),
                       limits(e, parameters[i].conductance));
  }
  for (const SpreadEstimate& s : fit.spread) {
    out += fmt::format("# {:<20}{:>8}  {}\n", s.key, shown(s.estimate.value, false),
                       limits(s.estimate, false));
  }
  const double middle = 0.5 * (c.g_min_s + c.g_max_s);
  out += fmt::format(
      "#\n# The read noise is left out of the device: it holds that of the instrument too. If it "
      "is "
      "the\n# device's own, it belongs to [chip.noise]: read = {:.4g} (relative, mid-window).\n",
      fit.parameters.back().value / middle);
  out += "\n[chip.device]\n";
  const auto siemens = [&](const char* key, double value) {
    const double rounded = std::stod(fmt::format("{:.6g}", value));
    out += fmt::format("{} = \"{}\"\n", key, format_quantity(rounded, Unit::siemens));
  };
  const auto number = [&](const char* key, double value) {
    const std::string text = fmt::format("{:.6g}", value);
    const bool integer = text.find_first_of(".en") == std::string::npos;
    out += fmt::format("{} = {}{}\n", key, text, integer ? ".0" : "");
  };
  out += fmt::format("model = \"{}\"\n", fit.model->name());
  siemens("g_min", c.g_min_s);
  siemens("g_max", c.g_max_s);
  if (c.model == analog::DeviceModel::exponential) {
    number("levels_up", c.levels_up);
    number("levels_down", c.levels_down);
    number("nonlinearity_up", c.nonlinearity_up);
    number("nonlinearity_down", c.nonlinearity_down);
    number("nonlinearity_spread", c.nonlinearity_spread);
    number("window_cycle_noise", c.window_cycle_noise);
  } else {
    number("w_min", c.w_min);
    number("w_max", c.w_max);
    number("step", c.step);
    number("step_spread", c.step_spread);
    number("up_down", c.up_down);
    number("up_down_spread", c.up_down_spread);
    number("w_max_spread", c.w_max_spread);
    number("w_min_spread", c.w_min_spread);
    number("cycle_noise", c.cycle_noise);
  }
  const auto pulse = [&](const char* key, double value, Unit unit) {
    if (value > 0.0) out += fmt::format("{} = \"{}\"\n", key, format_quantity(value, unit));
  };
  pulse("set_voltage", pulses.set_voltage_v, Unit::volt);
  pulse("reset_voltage", pulses.reset_voltage_v, Unit::volt);
  pulse("pulse_width", pulses.width_s, Unit::second);
  return out;
}

}  // namespace memprop::cli
