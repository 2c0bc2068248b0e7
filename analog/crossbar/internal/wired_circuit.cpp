#include "analog/crossbar/internal/wired_circuit.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace memprop::analog {
namespace {

// A step of conjugate gradients costs about as much as one solve; beyond this many, factoring
// afresh (about eight solves) would have been cheaper.
constexpr std::size_t patience = 8;
constexpr std::size_t patience_held = 1000;

}  // namespace

LatticeValues wire_values(const WiredConfig& c, ReadDirection direction) {
  LatticeShape shape;
  shape.rows = c.rows;
  shape.columns = c.columns;
  LatticeValues v(shape);
  v.horizontal = 1.0 / c.row_wire_ohm;
  v.vertical = 1.0 / c.column_wire_ohm;
  const bool rows_driven = direction == ReadDirection::forward;
  const double row_s = 1.0 / (c.row_wire_ohm + (rows_driven ? c.driver_ohm : c.sense_ohm));
  const double column_s = 1.0 / (c.column_wire_ohm + (rows_driven ? c.sense_ohm : c.driver_ohm));
  std::fill(v.left.begin(), v.left.end(), row_s);
  std::fill(v.bottom.begin(), v.bottom.end(), column_s);
  if ((rows_driven ? c.drive : c.sense) == LineEnds::both) v.right = v.left;
  if ((rows_driven ? c.sense : c.drive) == LineEnds::both) v.top = v.bottom;
  return v;
}

WiredCircuit::WiredCircuit(const WiredConfig& config, ReadDirection direction)
    : config_(config),
      shape_(lattice_shape(config)),
      values_(wire_values(config, direction)),
      gradient_(shape_.nodes()) {}

void WiredCircuit::factor(WiredStatistics& statistics) {
  if (!factor_) factor_ = std::make_unique<LatticeCholesky>(shape_);
  try {
    factor_->factor(values_);
  } catch (const SingularLattice&) {
    forget();
    throw UserError(fmt::format(
        "{}: expected every line to be connected at an end or held by a cell that conducts, got a "
        "part of the array that hangs free",
        config_.name));
  }
  ++statistics.factorisations;
  current_ = true;
}

void WiredCircuit::hold(WiredStatistics& statistics) {
  factor(statistics);
  held_ = true;
}

void WiredCircuit::solve(const double* b, double* x, double tolerance,
                         WiredStatistics& statistics) {
  const std::size_t n = shape_.nodes();
  if (factor_ && !current_) {
    std::fill_n(x, n, 0.0);
    const auto result =
        gradient_.solve([&](const double* in, double* out) { lattice_product(values_, in, out); },
                        [&](double* in) {
                          factor_->solve({in, n});
                          ++statistics.solves;
                        },
                        b, x, tolerance, held_ ? patience_held : patience);
    if (result.converged) return;
    if (held_) {
      throw AlgebraicSolveFailure(
          fmt::format("{}: {} steps with the factors of small voltages left {} A of {} A",
                      config_.name, result.steps, result.residual, tolerance),
          0.0, 0);
    }
  }
  std::copy_n(b, n, x);
  solve_exactly({x, n}, 1, statistics);
}

void WiredCircuit::solve_exactly(Span<double> x, std::size_t count, WiredStatistics& statistics) {
  if (!current_) factor(statistics);
  factor_->solve(x, count);
  statistics.solves += count;
}

std::size_t WiredCircuit::bytes() const {
  return (factor_ ? factor_->bytes() : 0) +
         sizeof(double) * (values_.cross.size() + 4 * shape_.nodes());
}

}  // namespace memprop::analog
