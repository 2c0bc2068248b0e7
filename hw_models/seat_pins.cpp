#include "hw_models/seat_pins.hpp"

namespace memprop::hw {

namespace {

template <class Value, class Port>
void show(Value& shown, const Value& now, Port& port) {
  if (now == shown) return;
  shown = now;
  port.write(now);
}

}  // namespace

void SeatPins::drive(const digital::ControllerOutputs& now, Span<const std::uint16_t> input_codes) {
  const bool updates =
      now.phase == digital::Phase::update || shown_.phase == digital::Phase::update;
  if (now.phase != shown_.phase) {
    shown_.phase = now.phase;
    seat_.phase.write(static_cast<std::uint32_t>(now.phase));
  }
  if (now.x_dac_load && !shown_.x_dac_load) {
    x_code_.value.assign(input_codes.begin(), input_codes.end());
    seat_.x_code.write(x_code_);
  }
  show(shown_.x_dac_load, now.x_dac_load, seat_.x_dac_load);
  show(shown_.row_en, now.row_en, seat_.row_en);
  show(shown_.nudge_en, now.nudge_en, seat_.nudge_en);
  show(shown_.nudge_sign, now.nudge_sign, seat_.nudge_sign);
  show(shown_.sh_en, now.sh_en, seat_.sh_en);
  show(shown_.adc_bank, now.adc_bank, seat_.adc_bank);
  if (now.adc_group != shown_.adc_group) {
    shown_.adc_group = now.adc_group;
    if (seat_.adc_group.size() > 0) seat_.adc_group->write(now.adc_group);
  }
  show(shown_.adc_start, now.adc_start, seat_.adc_start);
  // The polarity of a pass stands on its pins in slots without a pulse, too.
  if (updates) drive_polarity(now);
  if (now.upd_en || shown_.upd_en) drive_lines(now);
  show(shown_.upd_en, now.upd_en, seat_.upd_en);
  show(shown_.busy, now.busy, seat_.busy);
  show(shown_.done, now.done, seat_.done);
}

void SeatPins::drive_polarity(const digital::ControllerOutputs& now) {
  std::uint32_t pol = 0;
  for (std::size_t l = 0; l < now.upd_pol.size(); ++l) {
    pol |= static_cast<std::uint32_t>(now.upd_pol[l] != 0) << l;
  }
  show(pol_shown_, pol, seat_.upd_pol);
}

void SeatPins::drive_lines(const digital::ControllerOutputs& now) {
  for (std::size_t l = 0; l < now.row_pulse.size(); ++l) {
    // Pulse lines cross the border only when they change.
    if (row_shown_[l].update(now.row_pulse[l])) seat_.row_pulse[l].write(row_shown_[l].value);
    if (col_shown_[l].update(now.col_pulse[l])) seat_.col_pulse[l].write(col_shown_[l].value);
  }
}

}  // namespace memprop::hw
