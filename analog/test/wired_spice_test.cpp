// Arrays with wires against the operating point of ngspice: random arrays, all ends, both
// directions, bare and transistor cells, linear and nonlinear.
#include "analog/test/wired_spice_fixture.hpp"

namespace memprop::analog {
namespace {

TEST_F(Spice, AllEndsBothDirections8) {
  for (const auto& c : all_ends(8)) compare(c, forward, 1e-9), compare(c, backward, 1e-9);
}

TEST_F(Spice, AllEndsBothDirections32) {
  for (const auto& c : all_ends(32)) compare(c, forward, 1e-9), compare(c, backward, 1e-9);
}

TEST_F(Spice, RectangularTransistorArrays) {
  WiredConfig c = wired_config(13, 29);
  c.drive = LineEnds::both;
  c.cell.access_ohm = 15e3;
  compare(c, forward, 1e-9);
  compare(c, backward, 1e-9);
}

TEST_F(Spice, NonlinearCells) {
  for (auto direction : {forward, backward}) {
    WiredConfig c = wired_config(8, 12);
    c.row_wire_ohm = c.column_wire_ohm = 30.0;
    c.cell.nonlinear_v = 0.08;
    compare(c, direction, 1e-9);
    c.cell.access_ohm = 5e3;
    compare(c, direction, 1e-9);
    c.cell.access_limit_a = 4e-6;
    compare(c, direction, 1e-9);
    c.cell.nonlinear_v = 0.0;
    compare(c, direction, 1e-9);
  }
}

}  // namespace
}  // namespace memprop::analog
