// Cells that bend their current behind wires: equal to Newton's method of the whole array, to
// ngspice, to the linear reduction where cells hardly bend, and the same bits whatever was read
// before.
#include "analog/crossbar/nonlinear_reads.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "analog/test/wired_spice_fixture.hpp"

namespace memprop::analog {
namespace {

struct Bent {
  const char* name;
  PairPlacement placement;
  bool both_ends;
  double nonlinear_v, access_ohm, limit_a;
};
void PrintTo(const Bent& b, std::ostream* out) { *out << b.name; }

WiredPairsConfig config_of(const Bent& b, std::size_t rows, std::size_t columns) {
  WiredPairsConfig c;
  c.wires = wired_config(rows, columns);
  c.wires.row_wire_ohm = 60.0, c.wires.column_wire_ohm = 40.0;
  c.wires.driver_ohm = 200.0, c.wires.sense_ohm = 70.0;
  if (b.both_ends) c.wires.drive = c.wires.sense = LineEnds::both;
  c.wires.cell = {b.access_ohm, b.limit_a, b.nonlinear_v};
  c.placement = b.placement;
  return c;
}

// The physical arrays: one of adjacent columns, or two.
struct Arrays {
  WiredConfig config;
  std::vector<std::vector<double>> cells;
};

Arrays arrays_of(const WiredPairsConfig& c, const std::vector<double>& plus,
                 const std::vector<double>& minus) {
  Arrays a{c.wires, {plus, minus}};
  if (c.placement == PairPlacement::separate_arrays) return a;
  a.config.columns *= 2;
  a.cells.assign(1, std::vector<double>(2 * plus.size()));
  for (std::size_t k = 0; k < plus.size(); ++k) {
    const std::size_t at = 2 * (k / c.wires.rows) * c.wires.rows + k % c.wires.rows;
    a.cells[0][at] = plus[k];
    a.cells[0][at + c.wires.rows] = minus[k];
  }
  return a;
}

// What columns of pairs (forward) or rows deliver by a way to read one array.
template <class Read>
std::vector<double> combine(const WiredPairsConfig& c, const Arrays& arrays,
                            ReadDirection direction, const std::vector<double>& v,
                            const Read& read) {
  const bool adjacent = arrays.cells.size() == 1;
  std::vector<double> out(direction == forward ? c.wires.columns : c.wires.rows, 0.0);
  for (std::size_t k = 0; k < arrays.cells.size(); ++k) {
    std::vector<double> drive = v;
    if (direction == backward) {
      drive.clear();
      for (const double x : v) {
        if (adjacent) drive.insert(drive.end(), {x, -x});
        if (!adjacent) drive.push_back(k == 0 ? x : -x);
      }
    }
    const std::vector<double> current = read(arrays.config, arrays.cells[k], direction, drive);
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (direction == backward) {
        out[i] += current[i];
      } else if (adjacent) {
        out[i] = current[2 * i] - current[2 * i + 1];
      } else {
        out[i] += k == 0 ? current[i] : -current[i];
      }
    }
  }
  return out;
}

std::vector<double> by_newton(const WiredConfig& c, const std::vector<double>& g,
                              ReadDirection direction, const std::vector<double>& drive) {
  WiredTile tile(c);
  tile.set_conductance(g);
  std::vector<double> out(direction == forward ? c.columns : c.rows);
  tile.read(direction, drive, out);
  return out;
}

std::vector<double> by_ngspice(const WiredConfig& c, const std::vector<double>& g,
                               ReadDirection direction, const std::vector<double>& drive) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("memprop-bent-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto netlist = folder / "array.cir";
  {
    std::ofstream file(netlist);
    write_netlist(file, c, g, direction, drive);
  }
  auto out = ngspice(netlist.string(), MEMPROP_NGSPICE);
  std::filesystem::remove_all(folder);
  out.resize(direction == forward ? c.columns : c.rows, NAN);
  return out;
}

double relative_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double worst = 0.0, largest = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double difference = std::abs(a[k] - b[k]);
    worst = difference > worst || std::isnan(difference) ? difference : worst;
    largest = std::max(largest, std::abs(b[k]));
  }
  return worst / largest;
}

std::vector<double> volts(std::size_t n) {
  auto v = random_volts(n, 12);
  v.back() = 0.2;  // so that no draw leaves all cells linear
  return v;
}

std::vector<double> result(NonlinearReads& reads, const WiredPairsConfig& c,
                           ReadDirection direction, const std::vector<double>& v) {
  std::vector<double> out(direction == forward ? c.wires.columns : c.wires.rows, 0.0);
  if (direction == forward) {
    reads.add_forward(v.data(), 1.0, out);
  } else {
    reads.add_backward(v.data(), 1.0, out);
  }
  return out;
}

class NonlinearReadsOf : public ::testing::TestWithParam<Bent> {};

TEST_P(NonlinearReadsOf, EqualNewtonOfTheWholeArray) {
  const WiredPairsConfig c = config_of(GetParam(), 20, 9);
  const auto plus = random_cells(180, 1), minus = random_cells(180, 2);
  const Arrays arrays = arrays_of(c, plus, minus);
  NonlinearReads reads(c);
  reads.set_cells(random_cells(180, 3), random_cells(180, 4), true);
  reads.set_cells(plus, minus, false);  // factors of other cells take more steps, no more
  for (const auto direction : {forward, backward}) {
    const auto v = volts(direction == forward ? 20 : 9);
    const auto expected = combine(c, arrays, direction, v, by_newton);
    EXPECT_LT(relative_difference(result(reads, c, direction, v), expected), 1e-10);
  }
  EXPECT_EQ(reads.statistics().factorisations, 2U * arrays.cells.size());
}

TEST_P(NonlinearReadsOf, EqualNgspice) {
  if (std::string(MEMPROP_NGSPICE).empty()) GTEST_SKIP() << "not run: ngspice is not installed";
  const WiredPairsConfig c = config_of(GetParam(), 9, 5);
  const auto plus = random_cells(45, 1), minus = random_cells(45, 2);
  const Arrays arrays = arrays_of(c, plus, minus);
  NonlinearReads reads(c);
  reads.set_cells(plus, minus, true);
  for (const auto direction : {forward, backward}) {
    const auto v = volts(direction == forward ? 9 : 5);
    const auto expected = combine(c, arrays, direction, v, by_ngspice);
    const double error = relative_difference(result(reads, c, direction, v), expected);
    std::printf("%s, %s: relative difference %.1e\n", GetParam().name,
                direction == forward ? "forward" : "backward", error);
    EXPECT_LT(error, 1e-9);
  }
}

// Power is what the sources deliver; doubling all voltages more than quadruples it where cells
// conduct better at higher voltages, and less than that where transistors saturate.
TEST_P(NonlinearReadsOf, PowerIsThatOfTheSources) {
  const WiredPairsConfig c = config_of(GetParam(), 20, 9);
  const auto plus = random_cells(180, 1), minus = random_cells(180, 2);
  const Arrays arrays = arrays_of(c, plus, minus);
  NonlinearReads reads(c);
  reads.set_cells(plus, minus, true);
  const auto v = volts(20), u = volts(9);
  double rows_w = 0.0, columns_w = 0.0;
  for (std::size_t k = 0; k < arrays.cells.size(); ++k) {
    WiredTile tile(arrays.config);
    tile.set_conductance(arrays.cells[k]);
    std::vector<double> row_v = v, column_v(arrays.config.columns, 0.0);
    std::vector<double> row_a(20), column_a(column_v.size());
    tile.solve(forward, row_v, column_v, row_a, column_a);
    for (std::size_t j = 0; j < 20; ++j) rows_w += v[j] * row_a[j];
    std::fill(row_v.begin(), row_v.end(), 0.0);
    for (std::size_t i = 0; i < column_v.size(); ++i) {
      column_v[i] =
          arrays.cells.size() == 1 ? (i % 2 == 0 ? u[i / 2] : -u[i / 2]) : (k == 0 ? u[i] : -u[i]);
    }
    tile.solve(backward, row_v, column_v, row_a, column_a);
    for (std::size_t i = 0; i < column_v.size(); ++i) columns_w += column_v[i] * column_a[i];
  }
  EXPECT_NEAR(reads.row_power(v.data()) / rows_w, 1.0, 1e-9);
  EXPECT_NEAR(reads.column_power(u.data()) / columns_w, 1.0, 1e-9);
  EXPECT_GT(rows_w, 0.0);
}

INSTANTIATE_TEST_SUITE_P(
    Cells, NonlinearReadsOf,
    ::testing::Values(
        Bent{"sinh, adjacent columns", PairPlacement::adjacent_columns, false, 0.08, 0.0, 0.0},
        Bent{"sinh, two arrays, both ends", PairPlacement::separate_arrays, true, 0.08, 0.0, 0.0},
        Bent{"sinh behind transistors", PairPlacement::adjacent_columns, true, 0.1, 5e3, 0.0},
        Bent{"saturating transistors", PairPlacement::separate_arrays, false, 0.0, 5e3, 4e-6},
        Bent{"both", PairPlacement::adjacent_columns, false, 0.08, 5e3, 4e-6}));

TEST(NonlinearReads, EarlierReadsChangeNoBit) {
  const WiredPairsConfig c =
      config_of({"", PairPlacement::adjacent_columns, false, 0.05, 0.0, 0.0}, 20, 9);
  const auto plus = random_cells(180, 1), minus = random_cells(180, 2);
  const auto v = volts(20);
  NonlinearReads once(c), often(c);
  once.set_cells(plus, minus, true);
  const auto expected = result(once, c, forward, v);
  often.set_cells(plus, minus, true);
  for (std::uint64_t seed = 1; seed < 6; ++seed) {
    auto other = random_volts(20, seed);
    for (double& x : other) x *= 3.0;  // hard ones: twelve times V_n
    result(often, c, forward, other);
    often.row_power(other.data());
    result(often, c, backward, random_volts(9, seed));
  }
  EXPECT_EQ(result(often, c, forward, v), expected);
  EXPECT_EQ(often.statistics().factorisations, 2U);
}

TEST(NonlinearReads, CellsThatHardlyBendAreTheLinearReduction) {
  WiredPairsConfig c = config_of({"", PairPlacement::adjacent_columns, true, 1e3, 2e3, 0.0}, 20, 9);
  const auto plus = random_cells(180, 1), minus = random_cells(180, 2);
  NonlinearReads reads(c);
  reads.set_cells(plus, minus, true);
  c.wires.cell.nonlinear_v = 0.0;
  WiredPairs pairs(c);
  pairs.refresh(plus, minus);
  const auto v = volts(20), u = volts(9);
  std::vector<double> up(9, 0.0), down(20, 0.0);
  for (std::size_t i = 0; i < 9; ++i) {
    for (std::size_t j = 0; j < 20; ++j) {
      up[i] += pairs.forward()(i, j) * v[j];
      down[j] += pairs.backward()(i, j) * u[i];
    }
  }
  c.wires.cell.nonlinear_v = 1e3;
  EXPECT_LT(relative_difference(result(reads, c, forward, v), up), 1e-7);
  EXPECT_LT(relative_difference(result(reads, c, backward, u), down), 1e-7);
  EXPECT_NEAR(reads.row_power(v.data()) / pairs.row_power(v.data()), 1.0, 1e-7);
  EXPECT_NEAR(reads.column_power(u.data()) / pairs.column_power(u.data()), 1.0, 1e-7);
}

// Gains add up on what is there; fewer rows than the tile has are the first ones (no bias row).
TEST(NonlinearReads, CurrentsAreAddedToTheFirstRows) {
  const WiredPairsConfig c =
      config_of({"", PairPlacement::separate_arrays, false, 0.05, 0.0, 0.0}, 20, 9);
  NonlinearReads reads(c);
  reads.set_cells(random_cells(180, 1), random_cells(180, 2), true);
  const auto u = volts(9);
  const auto whole = result(reads, c, backward, u);
  std::vector<double> some(19, 1e-6);
  reads.add_backward(u.data(), -2.0, some);
  for (std::size_t j = 0; j < 19; ++j) EXPECT_NEAR(some[j], 1e-6 - 2.0 * whole[j], 1e-20) << j;
}

TEST(NonlinearReads, NegativeConductancesAreExplained) {
  const WiredPairsConfig c =
      config_of({"", PairPlacement::adjacent_columns, false, 0.05, 0.0, 0.0}, 4, 3);
  NonlinearReads reads(c);
  auto plus = random_cells(12, 1);
  const auto minus = random_cells(12, 2);
  plus[6] = -1e-6;
  try {
    reads.set_cells(plus, minus, true);
    FAIL();
  } catch (const UserError& e) {
    EXPECT_EQ(std::string(e.what()),
              "tile: expected a conductance of 0 S or more in row 2, column 1, got -1e-06 S");
  }
}

}  // namespace
}  // namespace memprop::analog
