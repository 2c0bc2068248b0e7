// A chip's analog part and one sample as a netlist for ngspice.
//
// Neurons are subcircuits of a capacitor and behavioural sources, cells are resistors, columns end
// at sources of 0 V (virtual grounds) whose currents the summing stages mirror into the neurons.
// Control signals are piecewise linear sources of 0 and 1 V (row_en, fwd) or -1, 0 and 1 V (nudge);
// their edges take a thousandth of a clock cycle and lie symmetrically about the clock edge. While
// row_en is low the neurons hold: leak, array and nudge are multiplied by V(row_en).
//
// The array that feedback option A1 reads in turns in both directions stands there twice, once for
// each direction; slot-averaged, the share of time is in the gains. Columns of the negative devices
// are driven backwards with the inverted activity, so that a row adds up G+ - G-.
#pragma once

#include <string>

#include "testbenches/spice/subject.hpp"

namespace memprop::bench::spice {

struct NetlistOptions {
  std::string title;          // second line: who wrote it, of what
  std::string data_file;      // that ngspice writes the membranes to; empty: none
  double largest_step_s = 0;  // of ngspice; 0: a fiftieth of the shortest time constant
};

// The largest step that is used where none is asked for [s].
double default_step_s(const Subject& subject);

std::string spice_netlist(const Subject& subject, const NetlistOptions& options);

}  // namespace memprop::bench::spice
