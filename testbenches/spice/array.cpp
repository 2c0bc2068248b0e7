#include "testbenches/spice/internal/array.hpp"
#include "testbenches/spice/spice_value.hpp"

namespace memprop::bench::spice {
namespace {

// A cell without conductance is left out: an open circuit.
void add_cell(const std::string& name, const std::string& row, const std::string& column, double g,
              const analog::CellLaw& law, Lines& out) {
  if (!(g > 0.0)) return;
  const bool transistor = law.access_ohm > 0.0 || law.access_limit_a > 0.0;
  const std::string drain = transistor ? name + "_d" : column;
  if (law.nonlinear_v > 0.0) {
    out.add("B{} {} {} I={}*sinh(V({},{})/{})", name, row, drain, spice_value(g * law.nonlinear_v),
            row, drain, spice_value(law.nonlinear_v));
  } else {
    out.add("R{} {} {} {}", name, row, drain, spice_value(1.0 / g));
  }
  if (law.access_limit_a > 0.0) {
    out.add("B{}_t {} {} I={}*tanh(V({},{})/{})", name, drain, column,
            spice_value(law.access_limit_a), drain, column,
            spice_value(law.access_ohm * law.access_limit_a));
  } else if (transistor) {
    out.add("R{}_t {} {} {}", name, drain, column, spice_value(law.access_ohm));
  }
}

}  // namespace

void add_array(const Array& array, const analog::CellLaw& law, Lines& out) {
  for (const ArrayColumn& column : array.columns) {
    for (std::size_t j = 0; j < array.rows.size(); ++j) {
      add_cell(fmt::format("{}{}_{}", array.prefix, column.label, j), array.rows[j],
               column.terminal, column.device_s[j], law, out);
    }
  }
}

void add_wired_array(const Array& array, const analog::WiredConfig& wires,
                     analog::ReadDirection direction, Lines& out) {
  using analog::LineEnds;
  const bool forward = direction == analog::ReadDirection::forward;
  const std::string& p = array.prefix;
  const auto on_row = [&](std::size_t j, std::size_t c) {
    return fmt::format("{}w{}_{}", p, j, c);
  };
  const auto on_column = [&](std::size_t c, std::size_t j) {
    return fmt::format("{}c{}_{}", p, c, j);
  };
  const std::size_t rows = array.rows.size(), columns = array.columns.size();
  const std::string row_wire = spice_value(wires.row_wire_ohm);
  const std::string column_wire = spice_value(wires.column_wire_ohm);
  const std::string row_end =
      spice_value(wires.row_wire_ohm + (forward ? wires.driver_ohm : wires.sense_ohm));
  const std::string column_end =
      spice_value(wires.column_wire_ohm + (forward ? wires.sense_ohm : wires.driver_ohm));
  const bool far_rows = (forward ? wires.drive : wires.sense) == LineEnds::both;
  const bool far_columns = (forward ? wires.sense : wires.drive) == LineEnds::both;
  for (std::size_t j = 0; j < rows; ++j) {
    out.add("R{}rowend{} {} {} {}", p, j, array.rows[j], on_row(j, 0), row_end);
    if (far_rows) {
      out.add("R{}rowfar{} {} {} {}", p, j, array.rows[j], on_row(j, columns - 1), row_end);
    }
    for (std::size_t c = 0; c + 1 < columns; ++c) {
      out.add("R{}w{}_{} {} {} {}", p, j, c, on_row(j, c), on_row(j, c + 1), row_wire);
    }
  }
  for (std::size_t c = 0; c < columns; ++c) {
    const ArrayColumn& column = array.columns[c];
    out.add("R{}colend{} {} {} {}", p, c, column.terminal, on_column(c, rows - 1), column_end);
    if (far_columns) {
      out.add("R{}colfar{} {} {} {}", p, c, column.terminal, on_column(c, 0), column_end);
    }
    for (std::size_t j = 0; j < rows; ++j) {
      if (j + 1 < rows) {
        out.add("R{}c{}_{} {} {} {}", p, c, j, on_column(c, j), on_column(c, j + 1), column_wire);
      }
      add_cell(fmt::format("{}{}_{}", p, column.label, j), on_row(j, c), on_column(c, j),
               column.device_s[j], wires.cell, out);
    }
  }
}

}  // namespace memprop::bench::spice
