// Arrays with wires: published cases, Kirchhoff's law, reciprocity, lines, changes of conductance.
#include "analog/crossbar/wired_tile.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <numeric>
#include <string>

#include "analog/test/wired_fixture.hpp"

namespace memprop::analog {
namespace {

constexpr auto forward = ReadDirection::forward, backward = ReadDirection::backward;

std::vector<double> read(WiredTile& tile, ReadDirection direction, const std::vector<double>& v) {
  std::vector<double> out(direction == forward ? tile.config().columns : tile.config().rows);
  tile.read(direction, v, out);
  return out;
}

// From conductances row by row to the tile's numbering.
std::vector<double> by_columns(std::size_t rows, std::size_t columns,
                               const std::function<double(std::size_t, std::size_t)>& at) {
  std::vector<double> g(rows * columns);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) g[j * rows + i] = at(i, j);
  }
  return g;
}

WiredTile tile_with(std::size_t rows, std::size_t columns, double row_ohm, double column_ohm,
                    const std::vector<double>& g) {
  WiredConfig c;
  c.rows = rows, c.columns = columns;
  c.row_wire_ohm = row_ohm, c.column_wire_ohm = column_ohm;
  WiredTile tile(c);
  tile.set_conductance(g);
  return tile;
}

// The three cases of a public solver (badcrossbar), as printed there.
TEST(WiredTile, PublishedTwoByTwo) {
  auto tile = tile_with(2, 2, 1, 1, std::vector<double>(4, 1e-3));
  const auto out = read(tile, forward, {1.0, 0.0});
  EXPECT_NEAR(out[0], 0.995024874e-3, 1e-12);
  EXPECT_NEAR(out[1], 0.994033815e-3, 1e-12);
  EXPECT_NEAR(tile.row_voltage()(0, 0), 0.9980089572, 1e-10);
  EXPECT_NEAR(tile.row_voltage()(0, 1), 0.9970139323, 1e-10);
}

TEST(WiredTile, PublishedThreeByFive) {
  const double r[3][5] = {
      {345, 903, 755, 257, 646}, {652, 401, 508, 166, 454}, {442, 874, 190, 244, 635}};
  const auto g = by_columns(3, 5, [&](std::size_t i, std::size_t j) { return 1.0 / r[i][j]; });
  auto even = tile_with(3, 5, 0.5, 0.5, g);
  const double expected[5] = {11.585025422, 9.190641636, 15.115681173, 25.833208221, 9.811792883};
  const auto out = read(even, forward, {1.5, 2.3, 1.7});
  for (std::size_t j = 0; j < 5; ++j) EXPECT_NEAR(out[j], 1e-3 * expected[j], 1e-12);
  auto uneven = tile_with(3, 5, 0.5, 1.0, g);
  const double other[5] = {11.524036246, 9.155889556, 15.041664377, 25.557095984, 9.772282276};
  const auto out2 = read(uneven, forward, {1.5, 2.3, 1.7});
  for (std::size_t j = 0; j < 5; ++j) EXPECT_NEAR(out2[j], 1e-3 * other[j], 1e-12);
}

TEST(WiredTile, PublishedSixtyFour) {
  const auto g = by_columns(64, 64, [](std::size_t i, std::size_t j) {
    return 1e-6 + 99e-6 * static_cast<double>((7 * i + 13 * j) % 64) / 63.0;
  });
  std::vector<double> v(64);
  for (std::size_t i = 0; i < 64; ++i) v[i] = 0.2 * static_cast<double>((5 * i) % 64) / 63.0;
  auto tile = tile_with(64, 64, 2, 2, g);
  const auto out = read(tile, forward, v);
  EXPECT_NEAR(out[0], 289.9283397e-6, 1e-9 * 290e-6);
  EXPECT_NEAR(out[31], 251.9187338e-6, 1e-9 * 290e-6);
  EXPECT_NEAR(out[63], 239.4612800e-6, 1e-9 * 290e-6);
  EXPECT_NEAR(std::accumulate(out.begin(), out.end(), 0.0), 16.32427258e-3, 1e-9 * 17e-3);
}

TEST(WiredTile, ShortWiresAreNoWires) {
  const auto g = random_cells(30 * 20, 1);
  auto tile = tile_with(30, 20, 1e-6, 1e-6, g);
  const auto v = random_volts(30, 1);
  const auto out = read(tile, forward, v);
  for (std::size_t j = 0; j < 20; ++j) {
    double ideal = 0.0;
    for (std::size_t i = 0; i < 30; ++i) ideal += g[j * 30 + i] * v[i];
    EXPECT_NEAR(out[j], ideal, 1e-6 * 30 * 20e-6 * 0.2);
  }
}

struct Ends {
  LineEnds drive, sense;
  double driver_ohm, sense_ohm;
};

std::vector<Ends> all_ends() {
  std::vector<Ends> list;
  for (auto drive : {LineEnds::near, LineEnds::both}) {
    for (auto sense : {LineEnds::near, LineEnds::both}) {
      list.push_back({drive, sense, 0.0, 0.0});
      list.push_back({drive, sense, 50.0, 20.0});
    }
  }
  return list;
}

void expect_kirchhoff(std::size_t rows, std::size_t columns, const Ends& ends, double access_ohm) {
  WiredConfig c = wired_config(rows, columns);
  c.drive = ends.drive, c.sense = ends.sense;
  c.driver_ohm = ends.driver_ohm, c.sense_ohm = ends.sense_ohm;
  c.cell.access_ohm = access_ohm;
  const auto g = random_cells(rows * columns, 7);
  WiredTile tile(c);
  tile.set_conductance(g);
  for (auto direction : {forward, backward}) {
    const auto v = random_volts(direction == forward ? rows : columns, 3);
    const auto out = read(tile, direction, v);
    const auto k = kirchhoff(c, g, direction, v, tile.row_voltage(), tile.column_voltage());
    EXPECT_LT(k.residual_a, 1e-12 * k.full_scale_a);
    EXPECT_LT(tile.statistics().residual_a, 1e-12 * k.full_scale_a);
    const double total = std::accumulate(out.begin(), out.end(), 0.0);
    EXPECT_GT(std::abs(total), 0.0);
  }
}

TEST(WiredTile, EveryNodeObeysKirchhoff) {
  for (const Ends& ends : all_ends()) {
    expect_kirchhoff(37, 50, ends, 0.0);
    expect_kirchhoff(64, 64, ends, 15e3);
  }
}

TEST(WiredTile, EveryNodeObeysKirchhoff256) {
  expect_kirchhoff(256, 256, all_ends().front(), 0.0);
  expect_kirchhoff(256, 256, all_ends().back(), 0.0);
}

// Unit reads of lines, every one or every step-th, both ways: transposes of each other.
double reciprocity_error(std::size_t n, std::size_t step) {
  WiredConfig c = wired_config(n, n);
  c.driver_ohm = c.sense_ohm = 30.0;
  const auto g = random_cells(n * n, 2);
  // Two tiles, so that the second read shares no factors with the first.
  WiredTile one(c), other(c);
  one.set_conductance(g);
  other.set_conductance(g);
  const std::size_t count = n / step;
  std::vector<double> unit(n * count, 0.0), there(n * count), back(n * count);
  for (std::size_t k = 0; k < count; ++k) unit[k * n + k * step] = 1.0;
  one.read(forward, unit, there, count);
  other.read(backward, unit, back, count);
  double worst = 0.0, largest = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) {
      worst = std::max(worst, std::abs(there[i * n + j * step] - back[j * n + i * step]));
      largest = std::max(largest, there[i * n + j * step]);
    }
  }
  return worst / largest;
}

TEST(WiredTile, ForwardAndBackwardReadAreReciprocal) {
  for (std::size_t n : {8UL, 32UL, 64UL}) EXPECT_LT(reciprocity_error(n, 1), 1e-12) << n;
  EXPECT_LT(reciprocity_error(256, 8), 1e-9);
}

TEST(WiredTile, DifferentEndsBreakTheTranspose) {
  WiredConfig c = wired_config(32, 32);
  c.driver_ohm = 10.0, c.sense_ohm = 200.0;
  WiredTile tile(c);
  tile.set_conductance(random_cells(32 * 32, 2));
  std::vector<double> v(32, 0.0);
  v[3] = 1.0;
  const double there = read(tile, forward, v)[20];
  v[3] = 0.0, v[20] = 1.0;
  const double back = read(tile, backward, v)[3];
  EXPECT_GT(std::abs(there / back - 1.0), 1e-3);
}

TEST(WiredTile, ManyReadsAtOnceEqualSingleOnes) {
  WiredConfig c = wired_config(40, 24);
  WiredTile tile(c);
  tile.set_conductance(random_cells(40 * 24, 1));
  const auto v = random_volts(40 * 19, 5);
  std::vector<double> many(24 * 19);
  tile.read(forward, v, many, 19);
  const auto row_v = tile.row_voltage();
  for (std::size_t k = 0; k < 19; ++k) {
    const std::vector<double> one(v.begin() + static_cast<std::ptrdiff_t>(k * 40),
                                  v.begin() + static_cast<std::ptrdiff_t>((k + 1) * 40));
    const auto out = read(tile, forward, one);
    for (std::size_t j = 0; j < 24; ++j) EXPECT_NEAR(out[j], many[k * 24 + j], 1e-17);
  }
  for (std::size_t k = 0; k < row_v.size(); ++k) {
    EXPECT_NEAR(row_v.data()[k], tile.row_voltage().data()[k], 1e-15) << "the last read's";
  }
}

TEST(WiredTile, PulsesAreFollowedWithTheOldFactors) {
  WiredConfig c = wired_config(64, 64);
  auto g = random_cells(64 * 64, 1);
  WiredTile tile(c), fresh(c);
  tile.set_conductance(g);
  const auto v = random_volts(64, 1);
  read(tile, forward, v);
  for (std::size_t k = 0; k < g.size(); k += 3) g[k] *= k % 2 == 0 ? 1.02 : 0.97;
  tile.set_conductance(g);
  fresh.set_conductance(g);
  const auto out = read(tile, forward, v), expected = read(fresh, forward, v);
  EXPECT_EQ(tile.statistics().factorisations, 1u);
  EXPECT_LE(tile.statistics().solves, 9u);
  for (std::size_t j = 0; j < 64; ++j) EXPECT_NEAR(out[j], expected[j], 1e-12 * 300e-6);
  // Another array altogether: the factors are made anew, and the result is as good.
  g = random_cells(64 * 64, 99);
  for (double& x : g) x *= 30.0;
  tile.set_conductance(g);
  fresh.set_conductance(g);
  const auto out2 = read(tile, forward, v), expected2 = read(fresh, forward, v);
  for (std::size_t j = 0; j < 64; ++j) EXPECT_NEAR(out2[j], expected2[j], 1e-12 * 9e-3);
}

TEST(WiredTile, UnselectedRowsOfTransistorCellsCarryNothing) {
  WiredConfig c = wired_config(12, 9);
  c.cell.access_ohm = 15e3;
  auto g = random_cells(12 * 9, 1);
  WiredTile tile(c), only(c);
  tile.set_conductance(g);
  std::vector<std::uint8_t> selected(12, 0);
  selected[4] = selected[7] = 1;
  tile.set_lines(selected, {}, {});
  for (std::size_t k = 0; k < g.size(); ++k) {
    if (selected[k % 12] == 0) g[k] = 0.0;
  }
  only.set_conductance(g);
  const auto v = random_volts(12, 1);
  EXPECT_EQ(read(tile, forward, v), read(only, forward, v));
}

// With all other lines free, current from row 0 to column 0 of a 2 x 2 array also goes the long way
// round: the textbook sneak path of three cells in series.
TEST(WiredTile, SneakPathOfFreeLines) {
  auto tile = tile_with(2, 2, 1e-3, 1e-3, {1e-6, 1e-3, 1e-3, 1e-3});
  tile.set_lines({}, std::vector<std::uint8_t>{1, 0}, std::vector<std::uint8_t>{1, 0});
  std::vector<double> row_v{0.1, 0.0}, column_v{0.0, 0.0}, row_a(2), column_a(2);
  tile.solve(forward, row_v, column_v, row_a, column_a);
  const double expected = 0.1 * (1e-6 + 1e-3 / 3.0);
  EXPECT_NEAR(row_a[0], expected, 1e-5 * expected);
  // The last bits of 0.1 V on the free lines, across wires of 1000 S.
  EXPECT_NEAR(column_a[0], -row_a[0], 5 * 1.1e-16 * 0.1 * 1000);
  EXPECT_EQ(row_a[1], 0.0);
}

TEST(WiredTile, BadInputIsExplained) {
  const auto message = [](const auto& work) -> std::string {
    try {
      work();
    } catch (const UserError& e) {
      return e.what();
    }
    return "no error";
  };
  WiredConfig c = wired_config(3, 2);
  c.row_wire_ohm = 0.0;
  EXPECT_EQ(message([&] { WiredTile t(c); }),
            "tile: expected a row wire resistance above 0 ohm, got 0 ohm");
  c = wired_config(3, 2);
  WiredTile tile(c);
  std::vector<double> g(6, 1e-6);
  g[4] = -1e-6;
  EXPECT_EQ(message([&] { tile.set_conductance(g); }),
            "tile: expected a conductance of 0 S or more in row 1, column 1, got -1e-06 S");
  EXPECT_EQ(message([&] { tile.set_lines(std::vector<std::uint8_t>(3, 1), {}, {}); }),
            "tile: rows are selected by their cells' transistors, got cells without (0 ohm)");
  g.assign(6, 0.0);
  tile.set_conductance(g);
  tile.set_lines({}, std::vector<std::uint8_t>{1, 0, 1}, {});
  std::vector<double> v(3, 0.1), out(2);
  EXPECT_EQ(message([&] { tile.read(forward, v, out); }),
            "tile: expected every line to be connected at an end or held by a cell that conducts, "
            "got a part of the array that hangs free");
  EXPECT_EQ(message([&] { wire_ohm_per_cell("90nm", false); }),
            "expected a technology node (130nm, 65nm, 45nm, 32nm, 22nm, 14nm, 7nm), got '90nm'");
}

TEST(WireOhms, OfTechnologyNodes) {
  EXPECT_NEAR(wire_ohm_per_cell("130nm", false), 0.115, 0.0005);
  EXPECT_NEAR(wire_ohm_per_cell("32nm", false), 1.061, 0.0005);
  EXPECT_NEAR(wire_ohm_per_cell("22nm", true), 2.967, 0.0005);
  EXPECT_NEAR(wire_ohm_per_cell("7nm", true), 10.11, 0.03);
  EXPECT_NEAR(wire_ohm_per_cell("7nm", true, 350.0) / wire_ohm_per_cell("7nm", true), 1.2255, 1e-9);
}

}  // namespace
}  // namespace memprop::analog
