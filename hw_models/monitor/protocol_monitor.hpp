// Watches the digital/analog border of any bench: bind the pins, read the violations. It drives
// nothing and changes nothing. The rules stand in protocol_rules.hpp.
#pragma once

#include <functional>
#include <systemc>

#include "hw_models/chip.hpp"
#include "hw_models/monitor/protocol_rules.hpp"
#include "hw_models/pins/bus_types.hpp"

namespace memprop::hw {

class ProtocolMonitor : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"};
  sc_core::sc_in<bool> rst_n{"rst_n"};
  sc_core::sc_in<bool> start{"start"};
  sc_core::sc_in<bool> adc_done{"adc_done"};
  sc_core::sc_in<Codes> adc_data{"adc_data"};
  sc_core::sc_in<std::uint32_t> phase{"phase"};
  sc_core::sc_in<bool> x_dac_load{"x_dac_load"};
  sc_core::sc_in<Codes> x_code{"x_code"};
  sc_core::sc_in<bool> row_en{"row_en"};
  sc_core::sc_in<bool> nudge_en{"nudge_en"};
  sc_core::sc_in<bool> nudge_sign{"nudge_sign"};
  sc_core::sc_in<std::uint32_t> sh_en{"sh_en"};
  sc_core::sc_in<bool> adc_start{"adc_start"};
  sc_core::sc_in<std::uint32_t> adc_bank{"adc_bank"};
  OpenIn adc_group{"adc_group"};
  sc_core::sc_in<bool> upd_en{"upd_en"};
  sc_core::sc_vector<sc_core::sc_in<PulseLines>> row_pulse;
  sc_core::sc_vector<sc_core::sc_in<PulseLines>> col_pulse;
  sc_core::sc_in<bool> busy{"busy"};
  sc_core::sc_in<bool> done{"done"};

  ProtocolMonitor(sc_core::sc_module_name module_name, std::size_t tiles,
                  const ProtocolTimes& times);

  const ProtocolRules& rules() const { return rules_; }
  // Called for every violation, inside the process that found it.
  void on_violation(std::function<void(const Violation&)> listener) {
    listener_ = std::move(listener);
  }

 private:
  void on_clock();
  void on_data() { adc_data_changed_ = true; }
  void on_code() { x_code_changed_ = true; }
  void on_done_low() { adc_done_fell_ = true; }

  ProtocolRules rules_;
  std::function<void(const Violation&)> listener_;
  std::size_t told_ = 0;
  bool adc_data_changed_ = false, x_code_changed_ = false, adc_done_fell_ = false;
};

// What the schedule of a chip asks for.
ProtocolTimes protocol_times(const ChipConfig& config);

// Binds all pins to the wires of a chip, before the simulation starts. The chip's ports are bound
// by then.
void watch(ProtocolMonitor& monitor, Chip& chip);

}  // namespace memprop::hw
