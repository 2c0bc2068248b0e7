// Our controller behind its pins.
#pragma once

#include <systemc>

#include "digital/controller.hpp"
#include "hw_models/controller_seat.hpp"
#include "hw_models/seat_pins.hpp"

namespace memprop::hw {

class ControllerModule : public ControllerSeat {
 public:
  ControllerModule(sc_core::sc_module_name module_name, const digital::ControllerConfig& config);

  void load_input(Span<const std::uint16_t> codes) override { core_.load_input(codes); }
  const digital::ControllerConfig& config() const override { return core_.config(); }
  Span<const std::int32_t> latched(std::size_t k) const override { return core_.latched(k); }
  const digital::ControllerCounters& counters() const override { return core_.counters(); }
  std::vector<std::uint64_t> save() const override { return core_.save(); }
  void restore(Span<const std::uint64_t> state) override { core_.restore(state); }
  void set_cell_reader(digital::CellReader* reader) override { core_.set_cell_reader(reader); }
  void set_branch_gates(const digital::BranchGates* gates) override {
    core_.set_branch_gates(gates);
  }
  digital::Controller& core() override { return core_; }
  const digital::Controller& core() const override { return core_; }

 private:
  void on_clock();

  digital::Controller core_;
  SeatPins pins_;
};

}  // namespace memprop::hw
