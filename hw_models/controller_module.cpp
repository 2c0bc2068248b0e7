#include "hw_models/controller_module.hpp"

#include "solvers/error.hpp"

namespace memprop::hw {

digital::Controller& ControllerSeat::core() {
  throw InternalError("the chip has another controller than the one in C++");
}

const digital::Controller& ControllerSeat::core() const {
  throw InternalError("the chip has another controller than the one in C++");
}

void ControllerSeat::set_cell_reader(digital::CellReader*) {
  throw UserError(
      "write-verify: expected the controller in C++, the only one that can read cells, found "
      "another");
}

void ControllerSeat::set_branch_gates(const digital::BranchGates*) {
  throw UserError(
      "network.dendrites: expected the controller in C++, the only one that looks at the bits of "
      "branches, found another");
}

ControllerModule::ControllerModule(sc_core::sc_module_name module_name,
                                   const digital::ControllerConfig& config)
    : ControllerSeat(module_name, config.tile.size()),
      core_(config),
      pins_(*this, config.tile.size()) {
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
    pins_.drive(core_.step(in), core_.input_codes());
  } catch (...) {
    keep_error();
  }
}

}  // namespace memprop::hw
