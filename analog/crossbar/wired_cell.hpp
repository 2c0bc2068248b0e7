// The current of one cell and its slope (the law stands at CellLaw, wired_config.hpp).
#pragma once

#include "analog/crossbar/wired_config.hpp"

namespace memprop::analog {

struct CellPoint {
  double current_a = 0.0;
  double slope_s = 0.0;  // di/dv
};

// For a memristor of conductance_s (0: no current) at v volts across the cell.
CellPoint cell_point(const CellLaw& law, double conductance_s, double v);
// The linear cell that it is at small voltages.
inline CellLaw small_signal(const CellLaw& law) { return {law.access_ohm, 0.0, 0.0}; }
// The slope at 0 V: the conductance of a linear cell.
double cell_conductance(const CellLaw& law, double conductance_s);

}  // namespace memprop::analog
