#include "analog/crossbar/write_effects.hpp"

#include <algorithm>

#include "solvers/error.hpp"

namespace memprop::analog {

WriteEffects::WriteEffects(const WriteEffectsConfig& config, std::size_t rows, std::size_t columns,
                           std::uint64_t seed, const std::string& stream)
    : config_(config),
      rows_(rows),
      jitter_(seed, stream + "/jitter"),
      on_row_(rows, 0),
      on_column_(columns, 0) {
  if (!(config.supply_drop >= 0.0 && config.jitter >= 0.0)) {
    throw UserError("pulses: expected a supply drop and a jitter of 0 or more, got other values");
  }
  if (config.disturbs()) disturb_ = std::make_unique<HalfSelect>(config.disturb, rows, columns);
  if (config.wears()) {
    wear_ = std::make_unique<Endurance>(config.endurance, rows * columns, seed, stream);
  }
}

void WriteEffects::find_strengths(Span<const std::uint32_t> cells, std::uint64_t event) {
  strength_.clear();
  if (config_.supply_drop == 0.0 && config_.jitter == 0.0) return;
  // Pulses do not turn round: one longer than -100 % ends at nothing.
  const double width =
      config_.jitter == 0.0 ? 1.0 : std::max(0.0, 1.0 + config_.jitter * jitter_.normal(0, event));
  std::fill(on_row_.begin(), on_row_.end(), 0U);
  std::fill(on_column_.begin(), on_column_.end(), 0U);
  for (const std::uint32_t cell : cells) {
    ++on_row_[cell % rows_];
    ++on_column_[cell / rows_];
  }
  for (const std::uint32_t cell : cells) {
    const double others = static_cast<double>(on_row_[cell % rows_]) +
                          static_cast<double>(on_column_[cell / rows_]) - 2.0;
    strength_.push_back(width / (1.0 + config_.supply_drop * others));
  }
}

void WriteEffects::pulse(PulseDeviceArray& array, Span<const std::uint32_t> cells, bool up,
                         std::uint64_t event) {
  find_strengths(cells, event);
  array.pulse(cells, up, event, strength_);
  if (wear_) wear_->after_pulse(array, cells);
  if (disturb_) disturb_->after_slot(array, cells, up);
}

std::vector<double> WriteEffects::save() const {
  return wear_ ? wear_->save() : std::vector<double>();
}

void WriteEffects::restore(Span<const double> saved, PulseDeviceArray& array) {
  if (wear_) wear_->restore(saved, &array);
}

}  // namespace memprop::analog
