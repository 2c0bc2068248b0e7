// Two controllers in one seat: the driver moves the chip, the shadow sees the same inputs. When the
// cycle has settled (falling edge) all outputs are compared; the first difference of any pin ends
// the simulation with what stood on the pins in the last cycles.
#pragma once

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <systemc>
#include <vector>

#include "hw_models/controller_seat.hpp"
#include "testbenches/cosim/border_pins.hpp"

namespace memprop::bench::cosim {

// The two controllers are not the same. what() is the whole report.
class LockstepDifference : public std::runtime_error {
 public:
  LockstepDifference(const std::string& report, std::uint64_t at_cycle, double at_s,
                     Difference what)
      : std::runtime_error(report), cycle(at_cycle), time_s(at_s), difference(std::move(what)) {}
  std::uint64_t cycle;  // rising edges before it
  double time_s;
  Difference difference;  // left: driver, right: shadow
};

class Lockstep : public hw::ControllerSeat {
 public:
  // The names say in the report which controller is which.
  struct Member {
    std::string name;
    hw::ControllerFactory factory;  // empty: the controller in C++
  };
  Lockstep(sc_core::sc_module_name module_name, const digital::ControllerConfig& config,
           const Member& driver, const Member& shadow);
  ~Lockstep() override;

  void load_input(Span<const std::uint16_t> codes) override;
  const digital::ControllerConfig& config() const override { return driver_->config(); }
  Span<const std::int32_t> latched(std::size_t k) const override { return driver_->latched(k); }
  const digital::ControllerCounters& counters() const override { return driver_->counters(); }
  std::vector<std::uint64_t> save() const override;
  void restore(Span<const std::uint64_t> state) override;
  std::exception_ptr take_error() override;

  hw::ControllerSeat& driver() { return *driver_; }
  hw::ControllerSeat& shadow() { return *shadow_; }
  std::uint64_t cycles() const { return cycles_; }  // compared so far

 private:
  static constexpr std::size_t history = 20;
  struct Cycle {
    std::uint64_t number = 0;
    InputPins in;
    OutputPins driver, shadow;
  };

  void bind_ports();
  void on_rise();
  void on_fall();
  [[noreturn]] void report(const Cycle& now, const Difference& difference) const;

  std::string driver_name_, shadow_name_;
  std::unique_ptr<hw::ControllerSeat> driver_, shadow_;
  sc_core::sc_signal<std::uint32_t> phase_{"shadow_phase"}, sh_en_{"shadow_sh_en"},
      adc_bank_{"shadow_adc_bank"}, adc_group_{"shadow_adc_group"}, upd_pol_{"shadow_upd_pol"};
  sc_core::sc_signal<bool> x_dac_load_{"shadow_x_dac_load"}, row_en_{"shadow_row_en"},
      nudge_en_{"shadow_nudge_en"}, nudge_sign_{"shadow_nudge_sign"},
      adc_start_{"shadow_adc_start"}, upd_en_{"shadow_upd_en"}, busy_{"shadow_busy"},
      done_{"shadow_done"};
  sc_core::sc_signal<hw::Codes> x_code_{"shadow_x_code"};
  sc_core::sc_vector<sc_core::sc_signal<hw::PulseLines>> row_pulse_, col_pulse_;
  std::array<Cycle, history> ring_;
  InputPins sampled_;
  std::uint64_t cycles_ = 0;
};

// A seat with two controllers.
hw::ControllerFactory lockstep_factory(Lockstep::Member driver, Lockstep::Member shadow);

}  // namespace memprop::bench::cosim
