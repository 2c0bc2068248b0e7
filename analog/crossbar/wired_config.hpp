// A crossbar array with the resistance of its wires: what it is made of.
//
// Rows run from column 0 to the last, columns from row 0 to the last; every cell adds one segment
// of each. The periphery sits at the near ends: of rows before column 0, of columns behind the last
// row; with `both` the far ends are connected to the same driver or amplifier as well. Between a
// line's last cell and its end lies one more segment, then the driver (or sense) resistance:
//     R_end = R_wire + R_driver   or   R_wire + R_sense
// Wire resistance per cell follows from the metal: R = rho L / (W^2 AR), L = pitch (2 W for a bare
// crosspoint, 4 W with a transistor), times 1 + 0.00451 |T - 300 K| (values per node as in
// NeuroSim, from the tables of its source, Chen et al., IEEE TCAD 37, 3067, 2018).
#pragma once

#include <cstddef>
#include <string>

namespace memprop::analog {

enum class ReadDirection {
  forward,   // rows driven, columns sensed
  backward,  // columns driven, rows sensed
};

enum class LineEnds { near, both };

// A cell between its row and its column: a memristor, alone (1R) or behind a transistor (1T1R).
//     v = v_d + v_t,   i = G V_n sinh(v_d / V_n)          (V_n = 0: i = G v_d)
//                      v_t = R_a I_max atanh(i / I_max)   (I_max = 0: v_t = R_a i)
// R_a is the transistor's on-resistance and I_max its saturation current (current compliance); R_a
// = 0 is the bare cell. The law is odd in v, hence reciprocal.
struct CellLaw {
  double access_ohm = 0.0;      // R_a
  double access_limit_a = 0.0;  // I_max; 0: none
  double nonlinear_v = 0.0;     // V_n; 0: linear memristor

  bool linear() const { return nonlinear_v == 0.0 && access_limit_a == 0.0; }
};

struct WiredConfig {
  std::string name = "tile";
  std::size_t rows = 0;
  std::size_t columns = 0;
  double row_wire_ohm = 1.0;     // of one cell's length, above 0
  double column_wire_ohm = 1.0;  // above 0
  double driver_ohm = 0.0;       // of a driven line's source
  double sense_ohm = 0.0;        // of a sensed line's amplifier input
  LineEnds drive = LineEnds::near;
  LineEnds sense = LineEnds::near;
  CellLaw cell;

  // Forward and backward read see the same network, and are each other's transpose.
  bool reciprocal() const { return driver_ohm == sense_ohm && drive == sense; }
};

// Throws UserError "NAME: ..." for values without meaning.
void check(const WiredConfig& config);

// Wire resistance of one cell [ohm] of a technology node by name ("130nm", "65nm", "45nm", "32nm",
// "22nm", "14nm", "7nm"). Throws UserError for another name.
double wire_ohm_per_cell(const std::string& node, bool with_transistor, double temperature_k = 300);

}  // namespace memprop::analog
