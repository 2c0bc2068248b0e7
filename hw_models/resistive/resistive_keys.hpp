// What a designer chooses about a chip of the resistive style beside the keys that it shares with
// the other chips. SI units.
#pragma once

namespace memprop::hw {

enum class DiodeModel { ideal, exponential };

struct ResistiveKeys {
  // Of a node to ground; spreads as the network's time constants do.
  double capacitance_f = 10e-12;
  DiodeModel diode = DiodeModel::ideal;
  double diode_saturation_a = 1e-14;  // I_S of exponential diodes
  double diode_emission = 1.0;        // n; slope n k T/q at chip.temperature
  double forward_mismatch = 0.0;      // relative, sigma per amplifier, of its voltage gain
  double backward_mismatch = 0.0;     // relative, sigma per amplifier, of its current gain
};

}  // namespace memprop::hw
