// memprop devices: the catalogue.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "analog/memristor/presets.hpp"
#include "analog/memristor/state_catalogue.hpp"
#include "cli/commands.hpp"
#include "cli/devices/device_plot.hpp"
#include "solvers/error.hpp"
#include "solvers/units.hpp"

namespace memprop::cli {
namespace {

using analog::DevicePreset;

void print_list() {
  std::size_t width = 0;
  for (const DevicePreset& p : analog::device_presets()) width = std::max(width, p.name.size());
  fmt::print("Devices under programming pulses (chip.device.preset):\n");
  for (const DevicePreset& p : analog::device_presets()) {
    fmt::print("  {:<{}}  {}\n  {:<{}}  {}: {}\n", p.name, width, p.summary, "", width,
               analog::name(p.grade), p.source);
  }
  fmt::print("\nState equations (docs/devices.md; integrated in time, for waveforms):\n");
  std::size_t state_width = 0;
  for (const auto& e : analog::state_devices()) state_width = std::max(state_width, e.name.size());
  for (const auto& e : analog::state_devices()) {
    fmt::print("  {:<{}}  {}\n  {:<{}}  {}\n", e.name, state_width, e.summary, "", state_width,
               e.source);
  }
  fmt::print(
      "\nmemprop devices NAME shows one; memprop devices NAME --plot out.png draws its curves;\n"
      "memprop fit-device DATA.csv -o device.toml makes one of measured curves.\n");
}

void print_one(const DevicePreset& p) {
  fmt::print("{}: {}\n  {}: {}\n", p.name, p.summary, analog::name(p.grade), p.source);
  if (!p.caveat.empty()) fmt::print("  note: {}\n", p.caveat);
  fmt::print("  use it: --set chip.device.preset={}\n\n", p.name);
  const auto& c = p.config;
  fmt::print("  window {} to {}, SET {}, RESET {}, {} per pulse\n",
             format_quantity(c.g_min_s, Unit::siemens), format_quantity(c.g_max_s, Unit::siemens),
             format_quantity(c.set_voltage_v, Unit::volt),
             format_quantity(c.reset_voltage_v, Unit::volt),
             format_quantity(c.pulse_width_s, Unit::second));
}

void print_one(const analog::StateDeviceEntry& e) {
  fmt::print("{}: {}\n  {}\n", e.name, e.summary, e.source);
  if (!e.caveat.empty()) fmt::print("  note: {}\n", e.caveat);
  const auto device = e.make();
  fmt::print("  state");
  for (const auto& v : device->variables()) {
    fmt::print("  {} from {:g} to {:g} {}, fresh {:g}", v.name, v.low, v.high, v.unit, v.initial);
  }
  fmt::print("\n  shown by +{} / -{} with a period of {}\n",
             format_quantity(e.positive_v, Unit::volt), format_quantity(e.negative_v, Unit::volt),
             format_quantity(e.period_s, Unit::second));
}

const DevicePreset& find(const std::string& name) {
  for (const DevicePreset& p : analog::device_presets()) {
    if (p.name == name) return p;
  }
  analog::device_preset(name);  // throws with the nearest names
  throw InternalError("a device preset that cannot be listed");
}

}  // namespace

int command_devices(const DevicesArguments& arguments) {
  if (arguments.name.empty()) {
    if (!arguments.plot.empty()) {
      throw UserError(
          "--plot: expected the name of a device, as in memprop devices reram-sb --plot "
          "out.png, got none");
    }
    print_list();
    return 0;
  }
  for (const auto& entry : analog::state_devices()) {
    if (entry.name != arguments.name) continue;
    if (!arguments.plot.empty()) {
      check_plot_name(arguments.plot);
      plot_state_device(entry, arguments.plot);
    }
    print_one(entry);
    return 0;
  }
  const DevicePreset& preset = find(arguments.name);
  if (!arguments.plot.empty()) {
    check_plot_name(arguments.plot);
    plot_preset(preset, arguments.plot);
  }
  print_one(preset);
  return 0;
}

}  // namespace memprop::cli
