// What a tile does while the chip sleeps.
#include "hw_models/crossbar_tile_module.hpp"

namespace memprop::hw {

void CrossbarTileModule::pulse_minus(Span<const std::uint32_t> cells, bool up) {
  const auto pulse_one = [&](analog::DevicePairs& pairs, analog::EffectivePairs* seen) {
    if (seen == nullptr) return pairs.pulse_minus(cells, up, slots_);
    seen->pulse(cells, up, slots_, 0.0, analog::EffectivePairs::Pulsed::minus);
  };
  pulse_one(pairs_, cells_.get());
  if (feedback_ && !feedback_fixed_) pulse_one(*feedback_, feedback_cells_.get());
  ++slots_;
}

void CrossbarTileModule::add_minus(Span<const std::uint32_t> cells, double difference_s) {
  before_write();
  pairs_.add_minus(cells, difference_s);
  if (feedback_ && !feedback_fixed_) feedback_->add_minus(cells, difference_s);
  after_write(false);
}

void CrossbarTileModule::pass(double seconds) {
  for (auto* cells : all_cells()) {
    cells->wait(seconds);
    cells->begin_sample();
  }
}

}  // namespace memprop::hw
