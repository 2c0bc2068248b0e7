// The controller's seat taken by a register file: the chip is configured and started through
// registers (docs/registers.md) instead of the pins start and train, which are not looked at. rst_n
// is the bus reset.
#pragma once

#include <functional>
#include <systemc>
#include <vector>

#include "digital/register_file.hpp"
#include "hw_models/controller_seat.hpp"
#include "hw_models/seat_pins.hpp"

namespace memprop::hw {

class RegisterController : public ControllerSeat {
 public:
  sc_core::sc_out<bool> irq{"irq"};

  // `config` says what the chip is built with (widths, bias rows, converters); what a host can set
  // is left to the host. target_bits: of the nudging DAC.
  RegisterController(sc_core::sc_module_name module_name, const digital::ControllerConfig& config,
                     std::uint32_t target_bits);

  // To be accessed between clock edges; call accessed() afterwards.
  digital::RegisterFile& registers() { return registers_; }
  const digital::RegisterFile& registers() const { return registers_; }
  void accessed() { irq_due_.notify(sc_core::SC_ZERO_TIME); }
  // Told once at the beginning of each sample, before the input DAC loads.
  void on_sample(std::function<void()> begins) { sample_begins_ = std::move(begins); }

  // Input codes are written through the registers only.
  void load_input(Span<const std::uint16_t> codes) override;
  // What the registers have last been found able to run.
  const digital::ControllerConfig& config() const override {
    return registers_.controller().config();
  }
  Span<const std::int32_t> latched(std::size_t k) const override {
    return registers_.controller().latched(k);
  }
  const digital::ControllerCounters& counters() const override {
    return registers_.controller().counters();
  }
  std::vector<std::uint64_t> save() const override;
  void restore(Span<const std::uint64_t> state) override;

 private:
  void on_clock();
  void show_irq() { irq.write(registers_.interrupt()); }

  digital::RegisterFile registers_;
  SeatPins pins_;
  std::function<void()> sample_begins_;
  sc_core::sc_event irq_due_{"irq_due"};
  bool was_busy_ = false, irq_shown_ = false;
};

}  // namespace memprop::hw
