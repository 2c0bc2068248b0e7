#include "hw_models/bus/register_controller.hpp"

#include "digital/register_program.hpp"
#include "solvers/error.hpp"

namespace memprop::hw {

RegisterController::RegisterController(sc_core::sc_module_name module_name,
                                       const digital::ControllerConfig& config,
                                       std::uint32_t target_bits)
    : ControllerSeat(module_name, config.widths.size() - 1),
      registers_(digital::chip_build(config, target_bits)),
      pins_(*this, config.widths.size() - 1) {
  SC_HAS_PROCESS(RegisterController);
  SC_METHOD(on_clock);
  sensitive << clk.pos();
  dont_initialize();
  SC_METHOD(show_irq);
  sensitive << irq_due_;
}

void RegisterController::on_clock() {
  if (failed()) return;
  digital::ControllerInputs in;
  if (!rst_n.read()) registers_.bus_reset();
  in.adc_done = adc_done.read();
  if (in.adc_done) in.adc_data = adc_data.read().value;
  try {
    const digital::ControllerOutputs& out = registers_.step(in);
    if (out.busy && !was_busy_ && sample_begins_) sample_begins_();
    was_busy_ = out.busy;
    pins_.drive(out, registers_.input_codes());
  } catch (...) {
    keep_error();
  }
  const bool wanted = registers_.interrupt();
  if (wanted != irq_shown_) irq_due_.notify(sc_core::SC_ZERO_TIME);
  irq_shown_ = wanted;
}

void RegisterController::load_input(Span<const std::uint16_t>) {
  throw InternalError("a chip behind a bus takes its input codes through its registers");
}

std::vector<std::uint64_t> RegisterController::save() const { return registers_.save(); }

void RegisterController::restore(Span<const std::uint64_t> state) { registers_.restore(state); }

}  // namespace memprop::hw
