#include "cli/config/check_passive.hpp"

#include <fmt/format.h>

#include "cli/config/field.hpp"
#include "solvers/error.hpp"
#include "solvers/units.hpp"

namespace memprop::config {

void check_passive(const hw::ChipConfig& chip, const Locate& locate) {
  if (chip.neuron.circuit != hw::NeuronCircuit::passive) return;
  const auto refuse = [&](bool wrong, const char* key, const char* expected,
                          const std::string& got) {
    if (!wrong) return;
    throw UserError(fmt::format("{}: expected {} with chip.neuron.circuit = \"passive\", got {}",
                                locate(key), expected, got));
  };
  const auto quoted = [](double value, Unit unit) {
    return fmt::format("\"{}\"", format_quantity(value, unit));
  };
  const hw::NeuronConfig& n = chip.neuron;
  refuse(n.amplifier_gain != 0, "chip.neuron.amplifier_gain", "0 (there is no amplifier)",
         fmt::format("{}", n.amplifier_gain));
  refuse(n.amplifier_offset_v != 0, "chip.neuron.amplifier_offset", "\"0 V\"",
         quoted(n.amplifier_offset_v, Unit::volt));
  refuse(n.amplifier_time_constant_s != 0, "chip.neuron.amplifier_time_constant", "\"0 s\"",
         quoted(n.amplifier_time_constant_s, Unit::second));
  refuse(n.slew_v_per_s != 0, "chip.neuron.slew_rate", "\"0 V/s\"",
         quoted(n.slew_v_per_s, Unit::volt_per_second));
  refuse(chip.device.nonlinear_v != 0, "chip.device.nonlinear_voltage",
         "\"0 V\" (its cells would see the membrane)", quoted(chip.device.nonlinear_v, Unit::volt));
  refuse(chip.wires.any(), "chip.wires.row", "no wires (their lines end at a virtual ground)",
         quoted(chip.wires.row_ohm, Unit::ohm));
  refuse(chip.feedback == hw::FeedbackArray::shared_slots, "chip.feedback",
         "\"shared-averaged\" or \"separate-array\" (arrays hang on the membrane all the time)",
         "\"shared-slots\"");
}

}  // namespace memprop::config
