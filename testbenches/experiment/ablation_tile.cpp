// The imperfections of the tiles' cells: wires, faults, slow noise, ageing, what pulses do beside
// their step.
#include "testbenches/experiment/ablation_tile.hpp"

namespace memprop::bench {
namespace {

struct Entry {
  const char* name;
  const char* meaning;
  std::vector<Setting> off;
  std::vector<std::string> more_keys;
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all{
      {"faults",
       "devices, lines and blocks that do not work",
       {{"chip.faults.stuck_low", "0.0"},
        {"chip.faults.stuck_high", "0.0"},
        {"chip.faults.stuck_random", "0.0"},
        {"chip.faults.open", "0.0"},
        {"chip.faults.shorted", "0.0"},
        {"chip.faults.open_rows", "0.0"},
        {"chip.faults.open_columns", "0.0"},
        {"chip.faults.stuck_blocks", "0.0"}},
       {"chip.faults.short", "chip.faults.block_size"}},
      {"wires",
       "resistance of wires, drivers, amplifiers and access transistors",
       {{"chip.wires.technology", ""},
        {"chip.wires.row", "0 ohm"},
        {"chip.wires.column", "0 ohm"},
        {"chip.wires.driver", "0 ohm"},
        {"chip.wires.sense", "0 ohm"},
        {"chip.wires.transistor", "0 ohm"},
        {"chip.wires.transistor_limit", "0 A"}},
       {"chip.wires.drive", "chip.wires.sense_ends", "chip.wires.placement"}},
      {"thermal-noise", "thermal noise of the cells", {{"chip.noise.thermal", "false"}}, {}},
      {"shot-noise", "shot noise of the cells", {{"chip.noise.shot", "false"}}, {}},
      {"telegraph-noise",
       "cells that switch between two conductances by themselves",
       {{"chip.noise.telegraph", "0.0"}},
       {"chip.noise.telegraph_spread", "chip.noise.capture_time", "chip.noise.emission_time"}},
      {"flicker-noise",
       "1/f noise of the cells",
       {{"chip.noise.flicker", "0.0"}},
       {"chip.noise.flicker_fast", "chip.noise.flicker_slow"}},
      {"retention",
       "written conductances drift",
       {{"chip.retention.law", "none"}},
       {"chip.retention.exponent", "chip.retention.spread", "chip.retention.start",
        "chip.retention.time", "chip.retention.rest", "chip.retention.activation_energy",
        "chip.retention.before_test"}},
      {"nonlinear-reads",
       "currents of the cells are no linear function of the voltage",
       {{"chip.device.nonlinear_voltage", "0 V"}},
       {}},
      {"cell-temperature",
       "conductances depend on the temperature",
       {{"chip.device.temperature_coefficient", "0.0"}},
       {}},
      {"half-select",
       "pulses disturb the devices on their lines",
       {{"chip.write.disturb_set", "0.0"}, {"chip.write.disturb_reset", "0.0"}},
       {"chip.write.scheme"}},
      {"supply-drop",
       "simultaneous pulses on a line weaken each other",
       {{"chip.write.supply_drop", "0.0"}},
       {}},
      {"pulse-jitter",
       "widths of pulses differ from slot to slot",
       {{"chip.write.jitter", "0.0"}},
       {}},
      {"endurance",
       "pulses wear devices out",
       {{"chip.endurance.closing", "0.0"}, {"chip.endurance.failure_pulses", "0.0"}},
       {"chip.endurance.closing_pulses", "chip.endurance.failure_shape"}},
  };
  return all;
}

}  // namespace

void add_tile_imperfections(std::vector<Imperfection>& all) {
  for (const Entry& e : entries()) {
    std::vector<std::string> keys;
    for (const Setting& s : e.off) keys.push_back(s.key);
    keys.insert(keys.end(), e.more_keys.begin(), e.more_keys.end());
    const auto& off = e.off;
    all.push_back({e.name, e.meaning, std::move(keys), [](const RunConfig&) { return true; },
                   [off](const RunConfig&) { return off; }});
  }
}

void add_tile_choices(std::vector<std::pair<std::string, std::string>>& all) {
  constexpr const char* numerics = "how closely wires are computed, not what they do";
  const std::pair<std::string, std::string> more[]{
      {"chip.device.table_nodes", "the device itself; see \"programming\""},
      {"chip.wires.refresh_every", numerics},
      {"chip.wires.follow", numerics},
      {"chip.noise.cell_grid", "how finely slow changes of the cells are resolved in time"},
      {"chip.retention.pause", "a condition; its effects have entries of their own"},
      {"chip.endurance.count", "looks at the run, without effect on it"},
  };
  all.insert(all.end(), std::begin(more), std::end(more));
}

}  // namespace memprop::bench
