#include "cli/config/check_tile.hpp"

#include <fmt/format.h>

#include "cli/config/field.hpp"
#include "solvers/error.hpp"
#include "solvers/units.hpp"

namespace memprop::config {
namespace {

std::string quoted(double value, Unit unit) {
  return fmt::format("\"{}\"", format_quantity(value, unit));
}

}  // namespace

void check_tile(const hw::ChipConfig& chip, const Locate& locate) {
  const auto require = [&](bool good, const char* key, const std::string& expected,
                           const std::string& got) {
    if (!good) throw UserError(fmt::format("{}: expected {}, got {}", locate(key), expected, got));
  };
  const hw::WiresConfig& w = chip.wires;
  const bool both = !w.technology.empty() || (w.row_ohm > 0.0 && w.column_ohm > 0.0);
  require(both || w.row_ohm == 0.0, "chip.wires.column",
          "a resistance above 0 ohm beside chip.wires.row (or a chip.wires.technology)",
          "\"0 ohm\"");
  require(both || w.column_ohm == 0.0, "chip.wires.row",
          "a resistance above 0 ohm beside chip.wires.column (or a chip.wires.technology)",
          "\"0 ohm\"");
  for (const auto& [key, ohm] :
       {std::pair{"chip.wires.driver", w.driver_ohm}, std::pair{"chip.wires.sense", w.sense_ohm},
        std::pair{"chip.wires.transistor", w.transistor_ohm}}) {
    require(ohm == 0.0 || w.any(), key,
            "\"0 ohm\" without wires (chip.wires.row and chip.wires.column, or "
            "chip.wires.technology)",
            quoted(ohm, Unit::ohm));
  }
  require(w.transistor_limit_a == 0.0 || w.transistor_ohm > 0.0, "chip.wires.transistor_limit",
          "\"0 A\" without chip.wires.transistor", quoted(w.transistor_limit_a, Unit::ampere));
  const analog::FaultConfig& f = chip.faults;
  const double faulty = f.stuck_low + f.stuck_high + f.stuck_random + f.open + f.shorted;
  require(faulty <= 1.0, "chip.faults",
          "fractions stuck_low, stuck_high, stuck_random, open and shorted of at most 1 together",
          fmt::format("{:.6g}", faulty));
  const hw::NoiseConfig& n = chip.noise;
  require(n.flicker_fast_s < n.flicker_slow_s, "chip.noise.flicker_slow",
          fmt::format("a time above chip.noise.flicker_fast = {}",
                      quoted(n.flicker_fast_s, Unit::second)),
          quoted(n.flicker_slow_s, Unit::second));
  require(chip.retention.law != hw::RetentionLaw::decay || chip.retention.time_s > 0.0,
          "chip.retention.time", "a time above 0 s with chip.retention.law = \"decay\"", "\"0 s\"");
  const double gain = 1.0 + chip.device.temperature_coefficient * (chip.temperature_k - 300.0);
  require(gain > 0.0, "chip.device.temperature_coefficient",
          fmt::format("a value that leaves conductances positive at chip.temperature = {}",
                      quoted(chip.temperature_k, Unit::kelvin)),
          fmt::format("{}", chip.device.temperature_coefficient));
}

}  // namespace memprop::config
