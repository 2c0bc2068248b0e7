#include "analog/memristor/half_select.hpp"

#include <algorithm>

#include "analog/memristor/simulate_device.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {

HalfSelect::HalfSelect(const HalfSelectConfig& config, std::size_t rows, std::size_t columns)
    : config_(config),
      rows_(rows),
      columns_(columns),
      in_row_(rows, 0),
      in_column_(columns, 0),
      selected_(rows * columns, 0) {
  if (!(config.strength_up >= 0.0 && config.strength_up <= 1.0 && config.strength_down >= 0.0 &&
        config.strength_down <= 1.0)) {
    throw UserError("half-select disturb: expected strengths from 0 to 1, got another value");
  }
}

void HalfSelect::after_pulse(PulseDeviceArray& array, Span<const std::uint32_t> list, bool up) {
  const double strength = up ? config_.strength_up : config_.strength_down;
  if (strength == 0.0 || list.empty()) return;
  if (array.size() != selected_.size()) throw InternalError("half select: wrong number of cells");
  std::fill(in_row_.begin(), in_row_.end(), 0U);
  std::fill(in_column_.begin(), in_column_.end(), 0U);
  for (const std::uint32_t cell : list) {
    ++in_row_[cell % rows_];
    ++in_column_[cell / rows_];
    selected_[cell] = 1;
  }
  for (std::size_t column = 0; column < columns_; ++column) {
    for (std::size_t row = 0; row < rows_; ++row) {
      const std::uint32_t cell = static_cast<std::uint32_t>(column * rows_ + row);
      // The pulse on the cell itself stands in both counts.
      const unsigned own = selected_[cell] != 0 ? 2U : 0U;
      const unsigned times = in_row_[row] + in_column_[column] - own;
      if (times == 0) continue;
      array.disturb(Span<const std::uint32_t>(&cell, 1), up, strength * times);
    }
  }
  for (const std::uint32_t cell : list) selected_[cell] = 0;
}

void HalfSelect::after_slot(PulseDeviceArray& array, Span<const std::uint32_t> list, bool up) {
  const double with = up ? config_.strength_up : config_.strength_down;
  // V/3 of the other sign, on the cells that share no line.
  const bool third = config_.scheme == SelectScheme::third;
  const double against = third ? (up ? config_.strength_down : config_.strength_up) : 0.0;
  if ((with == 0.0 && against == 0.0) || list.empty()) return;
  if (array.size() != selected_.size()) throw InternalError("half select: wrong number of cells");
  std::fill(in_row_.begin(), in_row_.end(), 0U);
  std::fill(in_column_.begin(), in_column_.end(), 0U);
  for (const std::uint32_t cell : list) {
    in_row_[cell % rows_] = 1;
    in_column_[cell / rows_] = 1;
  }
  one_line_.clear();
  no_line_.clear();
  for (std::size_t column = 0; column < columns_; ++column) {
    for (std::size_t row = 0; row < rows_; ++row) {
      const unsigned lines = in_row_[row] + in_column_[column];
      const auto cell = static_cast<std::uint32_t>(column * rows_ + row);
      if (lines == 1 && with != 0.0) one_line_.push_back(cell);
      if (lines == 0 && against != 0.0) no_line_.push_back(cell);
    }
  }
  array.disturb(one_line_, up, with);
  array.disturb(no_line_, !up, against);
}

double half_select_strength(const StateDevice& device, const std::vector<double>& x, double v,
                            double width_s, double part, double read_v) {
  const auto change = [&](double voltage) {
    std::vector<double> state = x;
    apply_pulse(device, state, voltage, width_s);
    return device.conductance(state.data(), read_v) - device.conductance(x.data(), read_v);
  };
  const double whole = change(v);
  if (whole == 0.0) throw UserError("half-select disturb: the whole voltage moves nothing");
  return change(part * v) / whole;
}

}  // namespace memprop::analog
