// What a chip of the resistive style does not have: the first key of a description that asks for
// it. Plain data, so that a check of the description needs no chip (and no kernel).
#pragma once

#include <optional>
#include <sstream>
#include <string>

#include "hw_models/chip_config.hpp"
#include "learning/network/network_config.hpp"

namespace memprop::hw {

struct Refusal {
  std::string key, expected, got;
};

inline std::optional<Refusal> resistive_limit(const ChipConfig& chip,
                                              const learning::NetworkConfig& network) {
  const auto number = [](double value) {
    std::ostringstream text;
    text << value;
    return text.str();
  };
  const NeuronConfig& n = chip.neuron;
  const analog::FaultConfig& f = chip.faults;
  const analog::WriteEffectsConfig& write = chip.write;
  const WiresConfig& w = chip.wires;
  const std::string no_faults = " (chip.stuck_fraction is there)";
  const std::string no_wires = " (wires are ideal)";
  const std::string no_effects = " (pulses do nothing beside their step)";
  const std::string none_of_a_node = " (a node has none)";
  const std::string not_yet = " (cells of resistive arrays have no such noise)";
  struct Limit {
    bool broken;
    const char* key;
    std::string expected, got;
  };
  const UpdateCircuit circuit = chip.update.circuit;
  const Limit limits[] = {
      {chip.weight_range.size() != 1, "chip.weight_range",
       "one value for all arrays (a node adds the currents of two)",
       std::to_string(chip.weight_range.size()) + " values"},
      {network.bias, "network.bias",
       "false at fidelity \"cycle\" (network.resistive.bias_input gives a trained bias)", "true"},
      {chip.feedback != FeedbackArray::shared_averaged, "chip.feedback",
       "the default (current flows both ways at once)", "another option"},
      {chip.pair != PairCoding::reference, "chip.pair", "the default (one device per synapse)",
       "\"differential\""},
      {n.circuit != NeuronCircuit::virtual_ground, "chip.neuron.circuit", "the default",
       "another circuit"},
      {n.leak_mismatch != 0.0, "chip.neuron.leak_mismatch", "0" + none_of_a_node,
       number(n.leak_mismatch)},
      {n.gain_mismatch != 0.0, "chip.neuron.gain_mismatch",
       "0 (chip.resistive.forward_mismatch is that of the amplifiers)", number(n.gain_mismatch)},
      {n.offset_v != 0.0, "chip.neuron.offset", "\"0 V\"" + none_of_a_node, number(n.offset_v)},
      {n.amplifier_gain != 0.0, "chip.neuron.amplifier_gain", "0" + none_of_a_node,
       number(n.amplifier_gain)},
      {n.amplifier_offset_v != 0.0, "chip.neuron.amplifier_offset", "\"0 V\"" + none_of_a_node,
       number(n.amplifier_offset_v)},
      {n.amplifier_time_constant_s != 0.0, "chip.neuron.amplifier_time_constant",
       "\"0 s\"" + none_of_a_node, "a time above 0 s"},
      {n.slew_v_per_s != 0.0, "chip.neuron.slew_rate", "\"0 V/s\"" + none_of_a_node,
       number(n.slew_v_per_s)},
      {chip.temperature_shift_k != 0.0, "chip.temperature_shift",
       "\"0 K\" (diodes are at chip.temperature)", number(chip.temperature_shift_k)},
      {chip.dac.coding != InputCoding::amplitude, "chip.dac.coding", "\"amplitude\"",
       "\"pulse-width\""},
      {chip.noise.read != 0.0, "chip.noise.read", "0" + not_yet, number(chip.noise.read)},
      {chip.noise.thermal, "chip.noise.thermal", "false" + not_yet, "true"},
      {chip.noise.shot, "chip.noise.shot", "false" + not_yet, "true"},
      {chip.noise.telegraph != 0.0, "chip.noise.telegraph", "0" + not_yet,
       number(chip.noise.telegraph)},
      {chip.noise.flicker != 0.0, "chip.noise.flicker", "0" + not_yet, number(chip.noise.flicker)},
      {chip.retention.law != RetentionLaw::none, "chip.retention.law", "\"none\"", "another law"},
      {f.stuck_low != 0.0, "chip.faults.stuck_low", "0" + no_faults, number(f.stuck_low)},
      {f.stuck_high != 0.0, "chip.faults.stuck_high", "0" + no_faults, number(f.stuck_high)},
      {f.stuck_random != 0.0, "chip.faults.stuck_random", "0" + no_faults, number(f.stuck_random)},
      {f.open != 0.0, "chip.faults.open", "0" + no_faults, number(f.open)},
      {f.shorted != 0.0, "chip.faults.shorted", "0" + no_faults, number(f.shorted)},
      {f.open_rows != 0.0, "chip.faults.open_rows", "0" + no_faults, number(f.open_rows)},
      {f.open_columns != 0.0, "chip.faults.open_columns", "0" + no_faults, number(f.open_columns)},
      {f.stuck_blocks != 0.0, "chip.faults.stuck_blocks", "0" + no_faults, number(f.stuck_blocks)},
      {!w.technology.empty(), "chip.wires.technology", "\"\"" + no_wires,
       "\"" + w.technology + "\""},
      {w.row_ohm != 0.0, "chip.wires.row", "\"0 ohm\"" + no_wires, number(w.row_ohm) + " ohm"},
      {w.column_ohm != 0.0, "chip.wires.column", "\"0 ohm\"" + no_wires,
       number(w.column_ohm) + " ohm"},
      {write.disturb.strength_up != 0.0, "chip.write.disturb_set", "0" + no_effects,
       number(write.disturb.strength_up)},
      {write.disturb.strength_down != 0.0, "chip.write.disturb_reset", "0" + no_effects,
       number(write.disturb.strength_down)},
      {write.supply_drop != 0.0, "chip.write.supply_drop", "0" + no_effects,
       number(write.supply_drop)},
      {write.jitter != 0.0, "chip.write.jitter", "0" + no_effects, number(write.jitter)},
      {write.endurance.closing != 0.0, "chip.endurance.closing", "0" + no_effects,
       number(write.endurance.closing)},
      {write.endurance.failure_scale != 0.0, "chip.endurance.failure_pulses", "0" + no_effects,
       number(write.endurance.failure_scale)},
      {write.count_pulses, "chip.endurance.count", "false" + no_effects, "true"},
      {chip.device.nonlinear_v != 0.0, "chip.device.nonlinear_voltage", "\"0 V\" (linear cells)",
       number(chip.device.nonlinear_v)},
      {chip.device.temperature_coefficient != 0.0, "chip.device.temperature_coefficient", "0",
       number(chip.device.temperature_coefficient)},
      {chip.twin.mode != TwinMode::none, "chip.twin.mode", "\"none\"", "twins"},
      {chip.difference_amplifier.any(), "chip.difference_amplifier.gain",
       "0 (squares of drops need the voltages themselves)", "amplifiers"},
      {chip.adaptation.circuit != AdaptationCircuit::none, "chip.adaptation.circuit",
       "\"none\" (nodes have no memory of their free voltage)", "a circuit"},
      {chip.adc.channels != 0, "chip.adc.channels", "\"per-neuron\"",
       std::to_string(chip.adc.channels)},
      {chip.adc.average != 1, "chip.adc.average", "1", std::to_string(chip.adc.average)},
      {circuit != UpdateCircuit::pulse_count && circuit != UpdateCircuit::sign_sign &&
           circuit != UpdateCircuit::ideal_write,
       "chip.update.circuit",
       "\"pulse-count\" or \"sign-sign\" (of squared drops, U6), or \"ideal-write\"",
       "another circuit"},
      {chip.update.reset_only, "chip.update.reset_only", "false (there are no pairs)", "true"},
      {chip.controller.monitor, "chip.controller.monitor", "false", "true"},
  };
  for (const Limit& limit : limits) {
    if (limit.broken) return Refusal{limit.key, limit.expected, limit.got};
  }
  return std::nullopt;
}

}  // namespace memprop::hw
