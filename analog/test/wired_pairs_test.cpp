// The reduction of a tile of pairs: equal to reads of the full array, followed between refreshes,
// restored to the same bits.
#include "analog/crossbar/wired_pairs.hpp"

#include <gtest/gtest.h>

#include <string>

#include "analog/crossbar/wired_tile.hpp"
#include "analog/test/wired_fixture.hpp"

namespace memprop::analog {
namespace {

struct Cells {
  std::vector<double> plus, minus;
};

Cells random_pairs(std::size_t count) { return {random_cells(count, 1), random_cells(count, 2)}; }

void step(Cells& cells, std::uint64_t event, double size) {
  const RandomStream random(5, "test/update");
  for (std::size_t k = 0; k < cells.plus.size(); ++k) {
    cells.plus[k] *= 1.0 + size * (random.uniform(k, 2 * event) - 0.5);
    cells.minus[k] *= 1.0 + size * (random.uniform(k, 2 * event + 1) - 0.5);
  }
}

WiredPairsConfig pairs_config(std::size_t rows, std::size_t columns, PairPlacement placement) {
  WiredPairsConfig c;
  c.wires = wired_config(rows, columns);
  c.placement = placement;
  return c;
}

// Both matrices by reading full arrays line by line.
struct ByReads {
  Matrix forward, backward;
};

ByReads read_lines(const WiredPairsConfig& c, const Cells& cells) {
  const std::size_t rows = c.wires.rows, columns = c.wires.columns;
  const bool adjacent = c.placement == PairPlacement::adjacent_columns;
  WiredConfig array = c.wires;
  array.columns = adjacent ? 2 * columns : columns;
  std::vector<WiredTile> tiles;
  if (adjacent) {
    std::vector<double> g(2 * rows * columns);
    for (std::size_t k = 0; k < rows * columns; ++k) {
      const std::size_t column = k / rows, row = k % rows;
      g[2 * column * rows + row] = cells.plus[k];
      g[(2 * column + 1) * rows + row] = cells.minus[k];
    }
    tiles.emplace_back(array).set_conductance(g);
  } else {
    tiles.emplace_back(array).set_conductance(cells.plus);
    tiles.emplace_back(array).set_conductance(cells.minus);
  }
  ByReads result{Matrix(columns, rows), Matrix(columns, rows)};
  for (std::size_t j = 0; j < rows; ++j) {
    std::vector<double> v(rows, 0.0), out(array.columns), other(array.columns);
    v[j] = 1.0;
    tiles[0].read(ReadDirection::forward, v, out);
    if (!adjacent) tiles[1].read(ReadDirection::forward, v, other);
    for (std::size_t i = 0; i < columns; ++i) {
      result.forward(i, j) = adjacent ? out[2 * i] - out[2 * i + 1] : out[i] - other[i];
    }
  }
  for (std::size_t i = 0; i < columns; ++i) {
    std::vector<double> v(array.columns, 0.0), out(rows), other(rows, 0.0);
    if (adjacent) {
      v[2 * i] = 1.0, v[2 * i + 1] = -1.0;
    } else {
      v[i] = 1.0;
      tiles[1].read(ReadDirection::backward, v, other);
    }
    tiles[0].read(ReadDirection::backward, v, out);
    for (std::size_t j = 0; j < rows; ++j) result.backward(i, j) = out[j] - other[j];
  }
  return result;
}

double largest_difference(const Matrix& a, const Matrix& b) {
  double worst = 0.0, largest = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    worst = std::max(worst, std::abs(a.data()[k] - b.data()[k]));
    largest = std::max(largest, std::abs(b.data()[k]));
  }
  return worst / largest;
}

TEST(WiredPairs, MatricesEqualReadsOfTheFullArrays) {
  for (auto placement : {PairPlacement::adjacent_columns, PairPlacement::separate_arrays}) {
    for (const bool reciprocal : {true, false}) {
      WiredPairsConfig c = pairs_config(21, 14, placement);
      if (!reciprocal) {
        c.wires.driver_ohm = 30.0, c.wires.sense_ohm = 100.0;
        c.wires.drive = LineEnds::both;
        c.wires.cell.access_ohm = 10e3;
      }
      const Cells cells = random_pairs(21 * 14);
      WiredPairs pairs(c);
      pairs.refresh(cells.plus, cells.minus);
      const ByReads expected = read_lines(c, cells);
      EXPECT_LT(largest_difference(pairs.forward(), expected.forward), 1e-10);
      EXPECT_LT(largest_difference(pairs.backward(), expected.backward), 1e-10);
      const double asymmetry = largest_difference(pairs.forward(), pairs.backward());
      if (reciprocal) {
        EXPECT_LT(asymmetry, 1e-12);
      } else {
        EXPECT_GT(asymmetry, 1e-4);
      }
    }
  }
}

TEST(WiredPairs, PowerIsVoltageTimesCurrentOfTheDrivers) {
  const WiredPairsConfig c = pairs_config(12, 9, PairPlacement::separate_arrays);
  const Cells cells = random_pairs(12 * 9);
  WiredPairs pairs(c);
  pairs.refresh(cells.plus, cells.minus);
  const auto v = random_volts(12, 1), u = random_volts(9, 2);
  double rows_w = 0.0, columns_w = 0.0;
  for (const auto* side : {&cells.plus, &cells.minus}) {
    WiredTile tile(c.wires);
    tile.set_conductance(*side);
    std::vector<double> row_a(12), column_a(9), zero(12, 0.0);
    tile.solve(ReadDirection::forward, v, {zero.data(), 9}, row_a, column_a);
    for (std::size_t i = 0; i < 12; ++i) rows_w += v[i] * row_a[i];
    tile.solve(ReadDirection::backward, zero, u, row_a, column_a);
    for (std::size_t j = 0; j < 9; ++j) columns_w += u[j] * column_a[j];
  }
  EXPECT_NEAR(pairs.row_power(v.data()), rows_w, 1e-9 * rows_w);
  EXPECT_NEAR(pairs.column_power(u.data()), columns_w, 1e-9 * columns_w);
}

TEST(WiredPairs, FollowingIsBetterThanKeepingAndIsMeasured) {
  double error[2];
  for (const bool follow : {false, true}) {
    WiredPairsConfig c = pairs_config(48, 24, PairPlacement::adjacent_columns);
    c.refresh_every = 5;
    c.follow = follow;
    Cells cells = random_pairs(48 * 24);
    WiredPairs pairs(c), exact(c);
    pairs.refresh(cells.plus, cells.minus);
    Matrix before;
    for (std::uint64_t k = 1; k <= 5; ++k) {
      step(cells, k, 0.02);
      if (k == 5) {
        // What update() will have in use at that point, from a twin that refreshes later.
        WiredPairsConfig late = c;
        late.refresh_every = 100;
        WiredPairs twin(late);
        const Cells start = random_pairs(48 * 24);
        twin.refresh(start.plus, start.minus);
        EXPECT_FALSE(twin.update(cells.plus, cells.minus));
        before = twin.forward();
      }
      EXPECT_EQ(pairs.update(cells.plus, cells.minus), k == 5);
    }
    exact.refresh(cells.plus, cells.minus);
    EXPECT_EQ(pairs.forward().values(), exact.forward().values());
    error[follow] = pairs.followed_error();
    EXPECT_NEAR(error[follow], largest_difference(before, exact.forward()), 1e-12);
  }
  EXPECT_GT(error[0], 0.01);
  EXPECT_LT(error[1], 0.05 * error[0]) << "the first order is taken care of";
  EXPECT_GT(error[1], 0.0);
}

TEST(WiredPairs, RestoresToTheSameBits) {
  WiredPairsConfig c = pairs_config(17, 10, PairPlacement::adjacent_columns);
  c.refresh_every = 4;
  Cells cells = random_pairs(170);
  WiredPairs pairs(c);
  pairs.refresh(cells.plus, cells.minus);
  for (std::uint64_t k = 1; k <= 6; ++k) {
    step(cells, k, 0.01);
    pairs.update(cells.plus, cells.minus);
  }
  WiredPairs resumed(c);
  resumed.restore(pairs.save(), cells.plus, cells.minus);
  for (std::uint64_t k = 7; k <= 13; ++k) {
    EXPECT_EQ(resumed.forward().values(), pairs.forward().values());
    EXPECT_EQ(resumed.backward().values(), pairs.backward().values());
    EXPECT_EQ(resumed.followed_error(), pairs.followed_error());
    step(cells, k, 0.01);
    EXPECT_EQ(resumed.update(cells.plus, cells.minus), pairs.update(cells.plus, cells.minus));
  }
  EXPECT_EQ(resumed.reductions(), pairs.reductions());
}

TEST(WiredPairs, TakesTheDevicesOfATile) {
  DevicePairsConfig d;
  d.name = "tile1";
  d.rows = 8, d.columns = 5;
  d.coding = PairCoding::reference;
  d.device.model = DeviceModel::ideal;
  DevicePairs devices(d);
  WiredPairsConfig c = pairs_config(8, 5, PairPlacement::adjacent_columns);
  c.wires.row_wire_ohm = c.wires.column_wire_ohm = 1e-6;
  WiredPairs pairs(c);
  pairs.refresh(devices);
  for (std::size_t k = 0; k < 40; ++k) {
    EXPECT_NEAR(pairs.forward().data()[k], devices.difference().data()[k], 1e-12);
  }
}

TEST(WiredPairs, BadConfigurationIsExplained) {
  WiredPairsConfig c = pairs_config(8, 5, PairPlacement::adjacent_columns);
  c.wires.cell.nonlinear_v = 0.1;
  try {
    WiredPairs pairs(c);
    FAIL();
  } catch (const UserError& e) {
    EXPECT_EQ(
        std::string(e.what()),
        "tile: only linear cells can be reduced to their lines' terminals, got a nonlinearity "
        "of 0.1 V and a current limit of 0 A");
  }
}

}  // namespace
}  // namespace memprop::analog
