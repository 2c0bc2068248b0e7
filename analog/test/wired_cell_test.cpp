// The law of one cell: series circuits solved for the current, slopes, symmetry, compliance; and
// arrays of such cells.
#include "analog/crossbar/wired_cell.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "analog/test/wired_fixture.hpp"

namespace memprop::analog {
namespace {

CellLaw law(double access_ohm, double limit_a, double nonlinear_v) {
  CellLaw l;
  l.access_ohm = access_ohm, l.access_limit_a = limit_a, l.nonlinear_v = nonlinear_v;
  return l;
}

// v as a function of i, written down once more.
double voltage(const CellLaw& l, double g, double i) {
  const double device =
      l.nonlinear_v > 0.0 ? l.nonlinear_v * std::asinh(i / (g * l.nonlinear_v)) : i / g;
  const double transistor = l.access_limit_a > 0.0
                                ? l.access_ohm * l.access_limit_a * std::atanh(i / l.access_limit_a)
                                : l.access_ohm * i;
  return device + transistor;
}

TEST(WiredCell, CurrentSlopeAndSymmetryOfEveryLaw) {
  const double g = 40e-6;
  for (const CellLaw& l : {law(0, 0, 0), law(15e3, 0, 0), law(0, 0, 0.1), law(15e3, 0, 0.1),
                           law(15e3, 10e-6, 0), law(15e3, 10e-6, 0.1)}) {
    for (double v : {1e-9, 1e-3, 0.1, 0.5}) {
      const CellPoint p = cell_point(l, g, v);
      EXPECT_NEAR(voltage(l, g, p.current_a), v, 1e-9 * v);
      const double d = 1e-4 * v;
      const double slope =
          (cell_point(l, g, v + d).current_a - cell_point(l, g, v - d).current_a) / (2.0 * d);
      EXPECT_NEAR(p.slope_s, slope, 2e-6 * slope);
      EXPECT_EQ(cell_point(l, g, -v).current_a, -p.current_a);
      EXPECT_EQ(cell_point(l, g, -v).slope_s, p.slope_s);
    }
    EXPECT_NEAR(cell_point(l, g, 0.0).slope_s, cell_conductance(l, g), 1e-12 * g);
    EXPECT_EQ(cell_point(l, 0.0, 0.3).current_a, 0.0);
  }
}

TEST(WiredCell, ComplianceHoldsAtAnyVoltage) {
  const CellLaw l = law(5e3, 50e-6, 0.05);
  EXPECT_LE(cell_point(l, 1e-3, 3.0).current_a, 50e-6);
  EXPECT_GT(cell_point(l, 1e-3, 3.0).current_a, 49.9e-6);
  EXPECT_TRUE(std::isfinite(cell_point(l, 1e-3, 1000.0).slope_s));
}

// A reciprocal nonlinear array: the Jacobian of all terminal currents is symmetric.
TEST(WiredCell, NonlinearArraysAreReciprocalAndObeyKirchhoff) {
  WiredConfig c = wired_config(16, 20);
  c.row_wire_ohm = c.column_wire_ohm = 40.0;
  c.cell.nonlinear_v = 0.07;
  WiredTile tile(c);
  tile.set_conductance(random_cells(16 * 20, 4));
  auto rows = random_volts(16, 1), columns = random_volts(20, 2);
  std::vector<double> row_a(16), column_a(20), row_b(16), column_b(20);
  const auto slope_row_by_column = [&](std::size_t i, std::size_t j) {
    const double v = columns[j], d = 1e-5;
    columns[j] = v + d;
    tile.solve(ReadDirection::forward, rows, columns, row_a, column_a);
    columns[j] = v - d;
    tile.solve(ReadDirection::forward, rows, columns, row_b, column_b);
    columns[j] = v;
    return (row_a[i] - row_b[i]) / (2.0 * d);
  };
  const auto slope_column_by_row = [&](std::size_t i, std::size_t j) {
    const double v = rows[i], d = 1e-5;
    rows[i] = v + d;
    tile.solve(ReadDirection::forward, rows, columns, row_a, column_a);
    rows[i] = v - d;
    tile.solve(ReadDirection::forward, rows, columns, row_b, column_b);
    rows[i] = v;
    return (column_a[j] - column_b[j]) / (2.0 * d);
  };
  for (std::size_t k = 0; k < 5; ++k) {
    const double there = slope_row_by_column(3 * k, 4 * k),
                 back = slope_column_by_row(3 * k, 4 * k);
    EXPECT_LT(there, 0.0);
    EXPECT_NEAR(there, back, 1e-7 * std::abs(there));
  }
  EXPECT_LT(tile.statistics().residual_a, 1e-12 * 1e-4);
  EXPECT_GT(tile.statistics().newton_steps, 0u);
  EXPECT_LE(tile.statistics().factorisations, 3u) << "the factors are kept";
}

// What ends at 0 V nonlinearity is the linear array.
TEST(WiredCell, WeakNonlinearityTendsToTheLinearArray) {
  WiredConfig c = wired_config(24, 24), n = c;
  n.cell.nonlinear_v = 100.0;
  const auto g = random_cells(24 * 24, 4);
  const auto v = random_volts(24, 4);
  WiredTile linear(c), nonlinear(n);
  linear.set_conductance(g);
  nonlinear.set_conductance(g);
  std::vector<double> a(24), b(24);
  linear.read(ReadDirection::forward, v, a);
  nonlinear.read(ReadDirection::forward, v, b);
  for (std::size_t j = 0; j < 24; ++j) EXPECT_NEAR(a[j], b[j], 1e-6 * 1e-4);
}

}  // namespace
}  // namespace memprop::analog
