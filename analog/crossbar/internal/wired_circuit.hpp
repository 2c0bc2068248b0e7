// The wires and cells of an array with the ends of one read direction, as a linear system in the
// deviations of the node voltages, solved with factors that are kept while they are good enough.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "analog/crossbar/wired_config.hpp"
#include "analog/crossbar/wired_tile.hpp"
#include "solvers/nodal/conjugate_gradient.hpp"
#include "solvers/nodal/lattice_cholesky.hpp"

namespace memprop::analog {

inline LatticeShape lattice_shape(const WiredConfig& config) {
  const bool both = config.drive == LineEnds::both || config.sense == LineEnds::both;
  LatticeShape shape;
  shape.rows = config.rows;
  shape.columns = config.columns;
  shape.ends = {true, both, both, true};
  return shape;
}

// Wires and ends; the cells' admittances stay zero.
LatticeValues wire_values(const WiredConfig& config, ReadDirection direction);

class WiredCircuit {
 public:
  WiredCircuit(const WiredConfig& config, ReadDirection direction);

  const WiredConfig& config() const { return config_; }
  LatticeValues& values() { return values_; }
  const LatticeValues& values() const { return values_; }
  // The admittances in values() have changed.
  void changed() { current_ = false; }
  void forget() { factor_.reset(), current_ = false; }
  // Factors the present values; until the next hold() solve() keeps these factors, however many
  // steps that takes, so that a solution depends on nothing that was solved before it.
  void hold(WiredStatistics& statistics);

  // x = A^-1 b to a residual of `tolerance` [A], by the factors kept or by new ones.
  void solve(const double* b, double* x, double tolerance, WiredStatistics& statistics);
  // x = A^-1 x for several right-hand sides, factoring where the factors are not those of values().
  void solve_exactly(Span<double> x, std::size_t count, WiredStatistics& statistics);
  std::size_t bytes() const;

 private:
  void factor(WiredStatistics& statistics);

  WiredConfig config_;
  LatticeShape shape_;
  LatticeValues values_;
  std::unique_ptr<LatticeCholesky> factor_;
  bool current_ = false;  // the factors are those of values_
  bool held_ = false;     // and are not to be replaced
  ConjugateGradient gradient_;
};

}  // namespace memprop::analog
