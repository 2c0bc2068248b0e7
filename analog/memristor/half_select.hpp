// Disturb of half-selected cells: while a pulse writes one cell, the others of its row and column
// carry a part of the write voltage and take a part of a step (imperfection 18 of ep-circuits 3.1).
//
//     changed by strength * step, for every pulse on another cell of the row and of the column
// For a threshold device the strength is 0; from a state equation it is the ratio of the changes at
// V/2 (or V/3) and at V, half_select_strength().
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analog/memristor/pulse_device_array.hpp"
#include "analog/memristor/state_device.hpp"

namespace memprop::analog {

// half: cells that share one line with a written one see V/2, the others nothing; third: they see
// V/3, and all others -V/3.
enum class SelectScheme { half, third };

struct HalfSelectConfig {
  double strength_up = 0.0, strength_down = 0.0;  // parts of a step; 0: off
  SelectScheme scheme = SelectScheme::half;
};

class HalfSelect {
 public:
  // Cells are numbered column by column: cell = column * rows + row. Throws UserError for a
  // strength outside 0..1.
  HalfSelect(const HalfSelectConfig& config, std::size_t rows, std::size_t columns);
  // What the pulses on `list`, written one after another, do to the other cells of their rows and
  // columns. To first order in the strength: a cell's share is added up and applied once.
  void after_pulse(PulseDeviceArray& array, Span<const std::uint32_t> list, bool up);
  // The same for a list that is written at once, every cell where one of the rows that carry a
  // pulse crosses one of the columns that do: a cell with one such line is disturbed once.
  void after_slot(PulseDeviceArray& array, Span<const std::uint32_t> list, bool up);

 private:
  HalfSelectConfig config_;
  std::size_t rows_, columns_;
  std::vector<std::uint32_t> in_row_, in_column_;
  std::vector<unsigned char> selected_;
  std::vector<std::uint32_t> one_line_, no_line_;
};

// Change of conductance by one pulse at `part` of the voltage, relative to that at the whole.
double half_select_strength(const StateDevice& device, const std::vector<double>& x, double v,
                            double width_s, double part, double read_v);

}  // namespace memprop::analog
