// The controller behind its pins. A verilated RTL controller with the same ports can take its
// place.
#pragma once

#include <exception>
#include <systemc>
#include <utility>

#include "digital/controller.hpp"
#include "hw_models/pins/bus_types.hpp"

namespace memprop::hw {

class ControllerModule : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"};
  sc_core::sc_in<bool> rst_n{"rst_n"};
  sc_core::sc_in<bool> start{"start"};
  sc_core::sc_in<bool> train{"train"};
  sc_core::sc_in<bool> adc_done{"adc_done"};
  sc_core::sc_in<Codes> adc_data{"adc_data"};
  sc_core::sc_out<std::uint32_t> phase{"phase"};  // digital::Phase
  sc_core::sc_out<bool> x_dac_load{"x_dac_load"};
  sc_core::sc_out<Codes> x_code{"x_code"};
  sc_core::sc_out<bool> row_en{"row_en"};
  sc_core::sc_out<bool> nudge_en{"nudge_en"};
  sc_core::sc_out<bool> nudge_sign{"nudge_sign"};
  sc_core::sc_out<std::uint32_t> sh_en{"sh_en"};
  sc_core::sc_out<bool> adc_start{"adc_start"};
  sc_core::sc_out<std::uint32_t> adc_bank{"adc_bank"};
  sc_core::sc_out<bool> upd_en{"upd_en"};
  sc_core::sc_out<std::uint32_t> upd_pol{"upd_pol"};  // bit l: tile l, high is SET
  sc_core::sc_vector<sc_core::sc_out<PulseLines>> row_pulse;
  sc_core::sc_vector<sc_core::sc_out<PulseLines>> col_pulse;
  sc_core::sc_out<bool> busy{"busy"};
  sc_core::sc_out<bool> done{"done"};

  ControllerModule(sc_core::sc_module_name module_name, const digital::ControllerConfig& config);

  // The host's side: only while idle.
  digital::Controller& core() { return core_; }
  const digital::Controller& core() const { return core_; }
  // An exception of the core, which would lose its type on its way through the kernel.
  std::exception_ptr take_error() { return std::exchange(error_, nullptr); }

 private:
  void on_clock();
  void drive(const digital::ControllerOutputs& now);

  digital::Controller core_;
  std::vector<PulseDriver> row_shown_, col_shown_;  // never resized: the signals point into them
  std::exception_ptr error_;
  digital::ControllerOutputs shown_;
  Codes x_code_value_;
  std::uint32_t pol_shown_ = 0;
};

}  // namespace memprop::hw
