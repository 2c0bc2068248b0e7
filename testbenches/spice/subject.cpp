#include "testbenches/spice/subject.hpp"

#include <fmt/format.h>

#include <cmath>

#include "hw_models/adaptation_setup.hpp"
#include "hw_models/tile_effects.hpp"
#include "solvers/error.hpp"
#include "solvers/units.hpp"

namespace memprop::bench::spice {
namespace {

// As the lines see them at the chip's temperature.
Cells cells_of(const analog::DevicePairs& pairs, double gain) {
  const std::size_t count = pairs.rows() * pairs.columns();
  Cells cells;
  const double* plus = pairs.plus().conductance();
  cells.plus_s.assign(plus, plus + count);
  if (pairs.minus() != nullptr) {
    const double* minus = pairs.minus()->conductance();
    cells.minus_s.assign(minus, minus + count);
  } else {
    cells.minus_s.assign(count, pairs.reference_s());
  }
  for (auto* side : {&cells.plus_s, &cells.minus_s}) {
    for (double& g : *side) g *= gain;
  }
  return cells;
}

// Before the sample: its end is an update.
void examine_tiles(const hw::AnalogChip& analog, const hw::ChipConfig& chip, Subject& subject) {
  const double gain = hw::conductance_gain(chip);
  for (std::size_t l = 1; l <= analog.layer_count(); ++l) {
    const auto& module = analog.tile(l);
    TileSubject tile;
    tile.config = module.tile().config();
    tile.inputs = module.tile().inputs();
    tile.columns = module.pairs().columns();
    tile.cells = cells_of(module.pairs(), gain);
    if (const auto* own = module.feedback_pairs()) tile.feedback = cells_of(*own, gain);
    if (chip.wires.any()) tile.wires = hw::tile_effects(chip, {}).wires;
    subject.tiles.push_back(std::move(tile));
  }
}

void examine_ends(const WaveformRecorder& waves, Subject& subject) {
  for (PhaseEnd& end : subject.ends) {
    const auto point = static_cast<std::size_t>(
        std::llround(end.time_s / subject.clock_s * static_cast<double>(waves.points_per_cycle())));
    for (std::size_t l = 1; l <= subject.layers.size(); ++l) {
      const auto range = waves.membranes(l);
      const auto v = waves.nodes(point).subspan(range.first, range.count);
      end.membrane_v.emplace_back(v.begin(), v.end());
    }
  }
}

}  // namespace

// A phase ends where its sample-and-hold stops tracking: the array is switched off.
void examine_schedule(const std::vector<hw::PhaseChange>& log, Subject& subject) {
  using digital::Phase;
  for (const auto& change : log) {
    const double time_s = static_cast<double>(change.cycle) * subject.clock_s;
    subject.stop_s = time_s;
    const bool driven = !subject.drive.empty() && subject.drive.back().row_en;
    const Phase phase = change.phase;
    if (driven && !change.row_en) {
      const int nudge = subject.drive.back().nudge;
      subject.ends.push_back(
          {nudge == 0 ? "free" : (nudge > 0 ? "positive" : "negative"), time_s, {}});
    }
    if (phase == Phase::update || phase == Phase::idle) break;
    const int sign = change.nudge_negative ? -1 : 1;
    subject.drive.push_back({time_s, phase, change.row_en, change.nudge_en ? sign : 0});
  }
}

std::vector<std::string> left_out(const RunConfig& config) {
  const auto& chip = config.chip;
  std::vector<std::string> list;
  const auto& noise = chip.noise;
  if (noise.read > 0.0 || noise.thermal || noise.shot || noise.telegraph > 0.0 ||
      noise.flicker > 0.0) {
    list.emplace_back("noise of the cells (chip.noise.*), also in the states below");
  }
  if (chip.retention.law != hw::RetentionLaw::none) {
    list.emplace_back("drift of the cells (chip.retention.*), also in the states below");
  }
  list.emplace_back(
      "sample-and-holds and the converters behind them, which do not load the neurons");
  list.emplace_back("the controller but for its phases, and the update");
  return list;
}

void check_exportable(const hw::ChipConfig& chip) {
  const auto refuse = [](bool bad, const char* key, const char* expected, const std::string& got) {
    if (!bad) return;
    throw UserError(fmt::format(
        "key '{}': expected {} for export-spice, whose netlist does not hold it, got {}", key,
        expected, got));
  };
  const auto& n = chip.neuron;
  const auto number = [](double value) { return fmt::format("{}", value); };
  refuse(n.circuit == hw::NeuronCircuit::passive, "chip.neuron.circuit",
         "a circuit with an amplifier", "\"passive\"");
  refuse(n.amplifier_gain != 0.0, "chip.neuron.amplifier_gain", "0", number(n.amplifier_gain));
  refuse(n.amplifier_offset_v != 0.0, "chip.neuron.amplifier_offset", "\"0 V\"",
         format_quantity(n.amplifier_offset_v, Unit::volt));
  refuse(n.amplifier_time_constant_s != 0.0, "chip.neuron.amplifier_time_constant", "\"0 s\"",
         format_quantity(n.amplifier_time_constant_s, Unit::second));
  refuse(n.slew_v_per_s != 0.0, "chip.neuron.slew_rate", "\"0 V/s\"",
         number(n.slew_v_per_s) + " V/s");
  refuse(chip.adaptation.circuit != hw::AdaptationCircuit::none, "chip.adaptation.circuit",
         "\"none\"", "a circuit");
  refuse(chip.twin.mode != hw::TwinMode::none, "chip.twin.mode", "\"none\"", "a second copy");
  refuse(chip.dac.coding != hw::InputCoding::amplitude, "chip.dac.coding", "\"amplitude\"",
         "\"pulse-width\"");
}

hw::ChipConfig exportable_chip(const hw::ChipConfig& chip) {
  hw::ChipConfig out = chip;
  out.noise = {};
  out.retention = {};
  out.controller = {};
  return out;
}

Subject examine(hw::ChipRunner& runner, const RunConfig& config, std::uint64_t sample,
                Span<const float> x, Span<const float> target, WaveformRecorder& waves) {
  auto& analog = runner.chip().analog();
  Subject subject;
  subject.name = config.name;
  subject.seed = config.seed;
  subject.sample = sample;
  subject.voltage_scale_v = analog.voltage_scale_v();
  subject.clock_s = config.chip.clock_s;
  if (config.chip.feedback == hw::FeedbackArray::shared_slots) subject.slot_s = config.chip.slot_s;
  subject.negative_nudge = 1.0 + config.chip.nudge.sign_mismatch;
  subject.rtol = config.chip.solver.rtol;
  subject.left_out = left_out(config);
  examine_tiles(analog, config.chip, subject);

  waves.begin();
  runner.run_sample(x, target, true);
  waves.end();

  const auto input = analog.dac().row_voltages();
  subject.input_v.assign(input.begin(), input.end());
  for (std::size_t l = 1; l <= analog.layer_count(); ++l) {
    const auto& bank = analog.bank(l).bank();
    LayerSubject layer;
    layer.neurons = bank.config();
    const bool nudged = l == analog.layer_count();
    layer.nudge_s = nudged ? hw::teaching_strength(config.learning) * config.chip.neuron.leak_s *
                                 (1.0 + config.chip.nudge.strength_error)
                           : 0.0;
    const auto target_v = bank.target_v();
    layer.target_v.assign(target_v.begin(), target_v.end());
    const auto range = waves.membranes(l);
    const auto first = waves.nodes(0).subspan(range.first, range.count);
    layer.initial_v.assign(first.begin(), first.end());
    subject.layers.push_back(std::move(layer));
  }
  examine_schedule(runner.phase_log(), subject);
  examine_ends(waves, subject);
  return subject;
}

}  // namespace memprop::bench::spice
