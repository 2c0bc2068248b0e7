#include "analog/crossbar/wired_config.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

struct Metal {
  const char* node;
  double width_m, aspect_ratio, resistivity_ohm_m;
};
constexpr std::array<Metal, 7> metals{{{"130nm", 200e-9, 2.10, 2.42e-8},
                                       {"65nm", 100e-9, 2.30, 2.73e-8},
                                       {"45nm", 50e-9, 2.34, 3.91e-8},
                                       {"32nm", 40e-9, 1.90, 4.03e-8},
                                       {"22nm", 32e-9, 1.90, 4.51e-8},
                                       {"14nm", 22e-9, 2.00, 5.41e-8},
                                       {"7nm", 14e-9, 2.10, 7.43e-8}}};

}  // namespace

void check(const WiredConfig& c) {
  if (c.rows == 0 || c.columns == 0) {
    throw UserError(fmt::format("{}: expected at least one row and one column, got {} x {}", c.name,
                                c.rows, c.columns));
  }
  const auto expect = [&](double value, const char* what, bool zero_allowed) {
    if (std::isfinite(value) && (value > 0.0 || (zero_allowed && value == 0.0))) return;
    throw UserError(fmt::format("{}: expected a {} {}, got {} ohm", c.name, what,
                                zero_allowed ? "of 0 ohm or more" : "above 0 ohm", value));
  };
  expect(c.row_wire_ohm, "row wire resistance", false);
  expect(c.column_wire_ohm, "column wire resistance", false);
  expect(c.driver_ohm, "driver resistance", true);
  expect(c.sense_ohm, "sense resistance", true);
  expect(c.cell.access_ohm, "transistor resistance", true);
  if (!(c.cell.nonlinear_v >= 0.0) || !std::isfinite(c.cell.nonlinear_v)) {
    throw UserError(
        fmt::format("{}: expected a voltage of 0 V or more for the cells' nonlinearity,"
                    " got {} V",
                    c.name, c.cell.nonlinear_v));
  }
  if (!(c.cell.access_limit_a >= 0.0) || !std::isfinite(c.cell.access_limit_a)) {
    throw UserError(
        fmt::format("{}: expected a transistor current limit of 0 A (none) or more, got"
                    " {} A",
                    c.name, c.cell.access_limit_a));
  }
  if (c.cell.access_limit_a > 0.0 && c.cell.access_ohm == 0.0) {
    throw UserError(
        fmt::format("{}: a current limit of the transistor needs its resistance, got 0"
                    " ohm",
                    c.name));
  }
}

double wire_ohm_per_cell(const std::string& node, bool with_transistor, double temperature_k) {
  std::string known;
  for (const Metal& m : metals) {
    if (node == m.node) {
      const double pitch_m = (with_transistor ? 4.0 : 2.0) * m.width_m;
      const double section_m2 = m.width_m * m.width_m * m.aspect_ratio;
      return m.resistivity_ohm_m * pitch_m / section_m2 *
             (1.0 + 0.00451 * std::abs(temperature_k - 300.0));
    }
    known += (known.empty() ? "" : ", ") + std::string(m.node);
  }
  throw UserError(fmt::format("expected a technology node ({}), got '{}'", known, node));
}

}  // namespace memprop::analog
