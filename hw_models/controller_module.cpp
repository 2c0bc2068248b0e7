#include "hw_models/controller_module.hpp"

#include "solvers/error.hpp"

namespace memprop::hw {

digital::Controller& ControllerSeat::core() {
  throw InternalError("the chip has another controller than the one in C++");
}

const digital::Controller& ControllerSeat::core() const {
  throw InternalError("the chip has another controller than the one in C++");
}

ControllerModule::ControllerModule(sc_core::sc_module_name module_name,
                                   const digital::ControllerConfig& config)
    : ControllerSeat(module_name, config.tile.size()),
      core_(config),
      row_shown_(config.tile.size()),
      col_shown_(config.tile.size()) {
  SC_HAS_PROCESS(ControllerModule);
  SC_METHOD(on_clock);
  sensitive << clk.pos();
  dont_initialize();
}

void ControllerModule::on_clock() {
  if (failed()) return;
  digital::ControllerInputs in;
  in.rst_n = rst_n.read();
  in.start = start.read();
  in.train = train.read();
  in.adc_done = adc_done.read();
  if (in.adc_done) in.adc_data = adc_data.read().value;
  try {
    drive(core_.step(in));
  } catch (...) {
    keep_error();
  }
}

// Writes only what has changed: most cycles of a phase change nothing.
void ControllerModule::drive(const digital::ControllerOutputs& now) {
  if (now.phase != shown_.phase) phase.write(static_cast<std::uint32_t>(now.phase));
  if (now.x_dac_load != shown_.x_dac_load) {
    if (now.x_dac_load) {
      const auto codes = core_.input_codes();
      x_code_value_.value.assign(codes.begin(), codes.end());
      x_code.write(x_code_value_);
    }
    x_dac_load.write(now.x_dac_load);
  }
  if (now.row_en != shown_.row_en) row_en.write(now.row_en);
  if (now.nudge_en != shown_.nudge_en) nudge_en.write(now.nudge_en);
  if (now.nudge_sign != shown_.nudge_sign) nudge_sign.write(now.nudge_sign);
  if (now.sh_en != shown_.sh_en) sh_en.write(now.sh_en);
  if (now.adc_bank != shown_.adc_bank) adc_bank.write(now.adc_bank);
  if (now.adc_start != shown_.adc_start) adc_start.write(now.adc_start);
  const bool updates =
      now.phase == digital::Phase::update || shown_.phase == digital::Phase::update;
  if (updates) {
    // The polarity of a pass stands on its pins in slots without a pulse, too.
    std::uint32_t pol = 0;
    for (std::size_t l = 0; l < now.upd_pol.size(); ++l) {
      pol |= static_cast<std::uint32_t>(now.upd_pol[l] != 0) << l;
    }
    if (pol != pol_shown_) upd_pol.write(pol);
    pol_shown_ = pol;
  }
  if (now.upd_en || shown_.upd_en) {
    for (std::size_t l = 0; l < now.row_pulse.size(); ++l) {
      // Pulse lines cross the border only when they change.
      if (row_shown_[l].update(now.row_pulse[l])) row_pulse[l].write(row_shown_[l].value);
      if (col_shown_[l].update(now.col_pulse[l])) col_pulse[l].write(col_shown_[l].value);
    }
    if (now.upd_en != shown_.upd_en) upd_en.write(now.upd_en);
  }
  if (now.busy != shown_.busy) busy.write(now.busy);
  if (now.done != shown_.done) done.write(now.done);
  shown_.phase = now.phase;
  shown_.x_dac_load = now.x_dac_load;
  shown_.row_en = now.row_en;
  shown_.nudge_en = now.nudge_en;
  shown_.nudge_sign = now.nudge_sign;
  shown_.sh_en = now.sh_en;
  shown_.adc_start = now.adc_start;
  shown_.adc_bank = now.adc_bank;
  shown_.upd_en = now.upd_en;
  shown_.busy = now.busy;
  shown_.done = now.done;
}

}  // namespace memprop::hw
