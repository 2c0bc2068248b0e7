// An array of conductances between the nodes of a layer and what is below it: sources, or the
// amplifiers of the layer below. Current flows both ways at once (ep-circuits 2.4, option A3):
//
//     into node i above:          sum_j G_ij (a_j - V_i)
//     into node j below:          (1/A_j)(1 + e'_j) sum_i G_ij (V_i - a_j)
// One device per synapse: conductances are positive and need no reference.
#pragma once

#include <string>
#include <vector>

#include "analog/domain/element.hpp"

namespace memprop::analog {

struct ResistiveTileConfig {
  std::string name;               // "tile1"
  std::string below;              // bank of nodes below; empty: sources
  std::string above;              // bank of nodes above
  std::vector<double> back_gain;  // (1 + e'_j)/A_j of the amplifiers below; empty: sources
  std::size_t columns = 0;        // lines below
  std::size_t rows = 0;           // nodes above
};

class ResistiveTile final : public Element {
 public:
  // conductance_s: rows x columns, row by row [S]; outlives the tile. After a change of values or
  // of the sources call refresh().
  ResistiveTile(ResistiveTileConfig config, const double* conductance_s);

  void connect(const Netlist& netlist) override;
  void add_currents(double t, const double* node, const double* line,
                    double* current) const override;
  bool quiet() const override { return !driven_; }

  void set_driven(bool driven) { driven_ = driven; }
  bool driven() const { return driven_; }
  void set_sources(Span<const double> volts);
  void refresh();

  // Power drawn by the array at given line voltages [W]: sum G_ij (a_j - V_i)^2.
  double power(const double* line) const;
  // Conductance at a line: of node i above, of line j below [S].
  double row_sum(std::size_t i) const { return row_sum_s_[i]; }
  double column_sum(std::size_t j) const { return column_sum_s_[j]; }

  const ResistiveTileConfig& config() const { return config_; }

 private:
  bool clamped() const { return config_.below.empty(); }

  ResistiveTileConfig config_;
  const double* conductance_s_;
  Range above_nodes_, above_lines_, below_nodes_, below_lines_;
  std::vector<double> source_v_;
  std::vector<double> static_current_;  // of the sources into the nodes above at 0 V [A]
  std::vector<double> row_sum_s_, column_sum_s_;
  mutable std::vector<double> back_;  // work space of one evaluation
  bool driven_ = false;
};

}  // namespace memprop::analog
