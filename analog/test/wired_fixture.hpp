// Arrays for the tests of wires: random conductances and voltages, and Kirchhoff's law written down
// from the branches once more.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "analog/crossbar/wired_tile.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::analog {

inline WiredConfig wired_config(std::size_t rows, std::size_t columns) {
  WiredConfig c;
  c.rows = rows;
  c.columns = columns;
  c.row_wire_ohm = 1.5;
  c.column_wire_ohm = 2.5;
  return c;
}

// Spread over two decades, 1 to 100 uS [S].
inline std::vector<double> random_cells(std::size_t count, std::uint64_t seed) {
  const RandomStream random(seed, "test/cells");
  std::vector<double> g(count);
  for (std::size_t k = 0; k < count; ++k) g[k] = 1e-6 * std::pow(100.0, random.uniform(k));
  return g;
}

inline std::vector<double> random_volts(std::size_t count, std::uint64_t seed) {
  const RandomStream random(seed, "test/volts");
  std::vector<double> v(count);
  for (std::size_t k = 0; k < count; ++k) v[k] = 0.4 * random.uniform(k) - 0.2;
  return v;
}

// Largest sum of currents into a node of a linear tile at given voltages, branch by branch, and
// the largest current of a line (full scale).
struct Kirchhoff {
  double residual_a = 0.0, full_scale_a = 0.0;
};

inline Kirchhoff kirchhoff(const WiredConfig& c, const std::vector<double>& device_s,
                           ReadDirection direction, const std::vector<double>& drive_v,
                           const Matrix& w, const Matrix& b) {
  const bool forward = direction == ReadDirection::forward;
  const double driven_end = 1.0 / ((forward ? c.row_wire_ohm : c.column_wire_ohm) + c.driver_ohm);
  const double sensed_end = 1.0 / ((forward ? c.column_wire_ohm : c.row_wire_ohm) + c.sense_ohm);
  const bool row_both = (forward ? c.drive : c.sense) == LineEnds::both;
  const bool column_both = (forward ? c.sense : c.drive) == LineEnds::both;
  const double row_end = forward ? driven_end : sensed_end;
  const double column_end = forward ? sensed_end : driven_end;
  Kirchhoff result;
  std::vector<double> column_sum(c.columns, 0.0);
  for (std::size_t i = 0; i < c.rows; ++i) {
    double row_sum = 0.0;
    for (std::size_t j = 0; j < c.columns; ++j) {
      const double cell =
          device_s[j * c.rows + i] / (1.0 + device_s[j * c.rows + i] * c.cell.access_ohm);
      const double through = cell * (w(i, j) - b(i, j));
      row_sum += through, column_sum[j] += through;
      const double row_v = forward ? drive_v[i] : 0.0, column_v = forward ? 0.0 : drive_v[j];
      double into_w = -through, into_b = through;
      if (j > 0) into_w += (w(i, j - 1) - w(i, j)) / c.row_wire_ohm;
      if (j + 1 < c.columns) into_w += (w(i, j + 1) - w(i, j)) / c.row_wire_ohm;
      if (j == 0) into_w += row_end * (row_v - w(i, j));
      if (j + 1 == c.columns && row_both) into_w += row_end * (row_v - w(i, j));
      if (i > 0) into_b += (b(i - 1, j) - b(i, j)) / c.column_wire_ohm;
      if (i + 1 < c.rows) into_b += (b(i + 1, j) - b(i, j)) / c.column_wire_ohm;
      if (i + 1 == c.rows) into_b += column_end * (column_v - b(i, j));
      if (i == 0 && column_both) into_b += column_end * (column_v - b(i, j));
      result.residual_a = std::max({result.residual_a, std::abs(into_w), std::abs(into_b)});
    }
    result.full_scale_a = std::max(result.full_scale_a, std::abs(row_sum));
  }
  for (double s : column_sum) result.full_scale_a = std::max(result.full_scale_a, std::abs(s));
  return result;
}

}  // namespace memprop::analog
