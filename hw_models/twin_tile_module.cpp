#include "hw_models/twin_tile_module.hpp"

namespace memprop::hw {

TwinTileModule::TwinTileModule(sc_core::sc_module_name module_name, AnalogBridge& bridge,
                               analog::CrossbarTileConfig config, const analog::LineCells& pairs,
                               const analog::LineCells* feedback)
    : sc_module(module_name), bridge_(bridge), tile_(std::move(config), pairs, feedback) {
  bridge_.domain().add(tile_);
  SC_HAS_PROCESS(TwinTileModule);
  SC_METHOD(on_control);
  sensitive << row_en << fwd_bwd << phase;
  dont_initialize();
}

void TwinTileModule::begin_sample(std::uint64_t sample) {
  tile_.begin_sample(sample);
  booked_ = 0;
}

void TwinTileModule::book_energy() {
  const analog::Ticks now = bridge_.now();
  if (tile_.driven() && now > booked_) {
    array_energy_j_ += tile_.power(bridge_.domain().line_voltages().data()) *
                       static_cast<double>(now - booked_) * analog::seconds_per_tick;
  }
  booked_ = now;
}

void TwinTileModule::on_control() {
  bridge_.guard([this] {
    if (!tile_.driven() && !row_en.read()) return;
    bridge_.advance();
    if (!fwd_bwd.event() || phase.event() || row_en.event()) book_energy();
    if (tile_.driven() == row_en.read() && !fwd_bwd.event()) return;
    if (!tile_.driven() && row_en.read()) {
      tile_.refresh_noise(bridge_.domain().line_voltages().data());
    }
    tile_.set_driven(row_en.read());
    tile_.set_direction(fwd_bwd.read());
    bridge_.domain().source_changed();
  });
}

}  // namespace memprop::hw
