// Keys of the circuits of neuronal adaptation (chip.adaptation, docs/circuits.md). SI units.
#pragma once

namespace memprop::hw {

// track_hold: a capacitor per neuron holds the membrane's voltage of the end of the free phase;
// slow_variable: one behind a resistor follows the membrane at all times.
enum class AdaptationCircuit { none, track_hold, slow_variable };

struct AdaptationCircuitConfig {
  AdaptationCircuit circuit = AdaptationCircuit::none;
  // g_a of every neuron [S]; 0: what the rule asks of each, -N ln(1 - c) C_i / window.
  double conductance_s = 0.0;
  double conductance_mismatch = 0.0;  // relative, sigma per neuron
  double offset_v = 0.0;              // sigma per neuron of the buffer's offset [V]
  double time_constant_s = 1e-6;      // tau_w of the slow variable [s]
  double bias_current_a = 0.0;        // supply current of a buffer [A], for the energy

  // What the rule makes of it (adaptation_setup.hpp), no keys: g_a / C_i where no conductance is
  // given [1/s], and which membranes the window cuts off from everything else.
  double rate_per_s = 0.0;
  enum class Release { none, output, all } release = Release::none;
};

}  // namespace memprop::hw
