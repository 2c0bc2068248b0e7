// One physical array of memristors between its terminals, with or without wires.
#pragma once

#include <string>
#include <vector>

#include "analog/crossbar/wired_config.hpp"
#include "testbenches/spice/internal/parts.hpp"

namespace memprop::bench::spice {

struct ArrayColumn {
  std::string label;       // of its cells' names: "p5"
  std::string terminal;    // node
  const double* device_s;  // of its cells, row by row [S]
};

struct Array {
  std::string prefix;                // of all names: "tile2_"
  std::vector<std::string> rows;     // terminals
  std::vector<ArrayColumn> columns;  // in the order in which they lie side by side
};

// Cells directly between the terminals of row and column.
void add_array(const Array& array, const analog::CellLaw& law, Lines& out);

// Nodes PREFIXw3_10 on row 3 and PREFIXc10_3 on column 10, wires between neighbours, ends to the
// terminals (analog/crossbar/wired_config.hpp).
void add_wired_array(const Array& array, const analog::WiredConfig& wires,
                     analog::ReadDirection direction, Lines& out);

}  // namespace memprop::bench::spice
