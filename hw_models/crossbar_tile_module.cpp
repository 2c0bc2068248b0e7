#include "hw_models/crossbar_tile_module.hpp"

namespace memprop::hw {

CrossbarTileModule::CrossbarTileModule(sc_core::sc_module_name module_name, AnalogBridge& bridge,
                                       analog::CrossbarTileConfig config,
                                       const analog::DevicePairsConfig& pairs,
                                       const analog::DevicePairsConfig& feedback,
                                       bool feedback_fixed, unsigned tile_index)
    : sc_module(module_name),
      bridge_(bridge),
      pairs_(pairs),
      feedback_(feedback.name.empty() ? nullptr : std::make_unique<analog::DevicePairs>(feedback)),
      feedback_fixed_(feedback_fixed),
      tile_(std::make_unique<analog::CrossbarTile>(std::move(config), pairs_, feedback_.get())),
      tile_index_(tile_index) {
  bridge_.domain().add(*tile_);
  cells_.reserve(pairs.rows * pairs.columns);
  columns_on_.reserve(pairs.columns);
  SC_HAS_PROCESS(CrossbarTileModule);
  SC_METHOD(on_control);
  sensitive << row_en << fwd_bwd << phase;
  dont_initialize();
  SC_METHOD(on_pulse);
  sensitive << clk.pos();  // cheaper than dynamic sensitivity, even in cycles without a pulse
  dont_initialize();
}

void CrossbarTileModule::begin_sample(std::uint64_t sample) {
  tile_->begin_sample(sample);
  booked_ = 0;
}

void CrossbarTileModule::book_energy() {
  const analog::Ticks now = bridge_.now();
  if (tile_->driven() && now > booked_) {
    array_energy_j_ += tile_->power(bridge_.domain().line_voltages().data()) *
                       static_cast<double>(now - booked_) * analog::seconds_per_tick;
  }
  booked_ = now;
}

void CrossbarTileModule::on_control() {
  bridge_.guard([this] {
    if (!tile_->driven() && !row_en.read()) return;
    bridge_.advance();
    // Slots are far shorter than a phase: energy is booked per phase, not per slot.
    if (!fwd_bwd.event() || phase.event() || row_en.event()) book_energy();
    if (tile_->driven() == row_en.read() && !fwd_bwd.event()) return;
    if (!tile_->driven() && row_en.read()) {
      tile_->refresh_noise(bridge_.domain().line_voltages().data());
    }
    tile_->set_driven(row_en.read());
    tile_->set_direction(fwd_bwd.read());
    bridge_.domain().source_changed();
  });
}

// Pulses are registered: those that stand on the lines at a rising edge are applied there.
void CrossbarTileModule::on_pulse() {
  if (!upd_en.read()) return;
  bridge_.guard([this] {
    columns_on_.clear();
    col_pulse.read().for_each(
        [this](std::size_t i) { columns_on_.push_back(static_cast<std::uint32_t>(i)); });
    if (columns_on_.empty()) return;
    cells_.clear();
    const auto rows = static_cast<std::uint32_t>(pairs_.rows());
    row_pulse.read().for_each([this, rows](std::size_t j) {
      for (const std::uint32_t i : columns_on_) {
        cells_.push_back(i * rows + static_cast<std::uint32_t>(j));
      }
    });
    if (cells_.empty()) return;
    const bool up = ((upd_pol.read() >> tile_index_) & 1U) != 0;
    pairs_.pulse(cells_, up, slots_);
    if (feedback_ && !feedback_fixed_) feedback_->pulse(cells_, up, slots_);
    ++slots_;
  });
}

}  // namespace memprop::hw
