// An array of 1024 x 1024 cells: Kirchhoff's law at every node, in the memory promised.
#include <gtest/gtest.h>

#include "analog/crossbar/wired_tile.hpp"
#include "analog/test/wired_fixture.hpp"

namespace memprop::analog {
namespace {

TEST(WiredTileLarge, EveryNodeOf1024ObeysKirchhoff) {
  WiredConfig c = wired_config(1024, 1024);
  c.driver_ohm = 50.0, c.sense_ohm = 20.0;
  const auto g = random_cells(1024 * 1024, 7);
  WiredTile tile(c);
  tile.set_conductance(g);
  const auto v = random_volts(1024, 3);
  std::vector<double> out(1024);
  for (auto direction : {ReadDirection::forward, ReadDirection::backward}) {
    tile.read(direction, v, out);
    const auto k = kirchhoff(c, g, direction, v, tile.row_voltage(), tile.column_voltage());
    EXPECT_LT(k.residual_a, 1e-12 * k.full_scale_a);
    std::printf("residual %.1e of full scale\n", k.residual_a / k.full_scale_a);
    tile.forget_factors();
  }
  EXPECT_LT(tile.bytes(), std::size_t{4} << 30);
}

}  // namespace
}  // namespace memprop::analog
