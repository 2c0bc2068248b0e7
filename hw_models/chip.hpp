// A chip: the analog side, a controller (ours unless a factory makes another), and the wires
// between them.
#pragma once

#include <memory>
#include <systemc>
#include <vector>

#include "hw_models/analog_chip.hpp"
#include "hw_models/controller_seat.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::hw {

class Chip : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"};
  sc_core::sc_in<bool> rst_n{"rst_n"};
  sc_core::sc_in<bool> start{"start"};
  sc_core::sc_in<bool> train{"train"};
  sc_core::sc_out<bool> busy{"busy"};
  sc_core::sc_out<bool> done{"done"};

  Chip(sc_core::sc_module_name module_name, const ChipConfig& config,
       const learning::Network& network, const learning::LearningConfig& learning,
       std::uint64_t seed, const ControllerFactory& controller = {});

  // The host's side, only while idle: inputs in units of V_s, targets in units of activity.
  void load(Span<const float> x, Span<const float> target, std::uint64_t sample_number);

  // What the codes of the last sample ask to change in the network's weights, tile by tile and
  // before any pulse is planned; `sign` as of controller_setup.hpp.
  std::vector<Matrix> wanted_change(const learning::Network& network,
                                    const learning::LearningConfig& learning, double sign,
                                    bool with_bias) const;

  AnalogChip& analog() { return analog_; }
  const AnalogChip& analog() const { return analog_; }
  ControllerSeat& controller() { return *controller_; }
  const ControllerSeat& controller() const { return *controller_; }
  const ChipConfig& config() const { return config_; }
  // Inputs outside what the DAC can show.
  std::uint64_t input_clipped() const { return input_clipped_; }
  void set_input_clipped(std::uint64_t count) { input_clipped_ = count; }
  // The inputs of the present sample as the chip codes them, in units of V_s.
  Span<const double> coded_input() const { return coded_input_; }

  // The wires of the digital/analog border (ep-circuits 2.7), for probes and for lock-step benches.
  sc_core::sc_signal<std::uint32_t> phase{"phase"};
  sc_core::sc_signal<bool> x_dac_load{"x_dac_load"}, row_en{"row_en"}, nudge_en{"nudge_en"},
      nudge_sign{"nudge_sign"}, adc_start{"adc_start"}, adc_done{"adc_done"}, upd_en{"upd_en"};
  sc_core::sc_signal<std::uint32_t> sh_en{"sh_en"}, adc_bank{"adc_bank"}, adc_group{"adc_group"},
      upd_pol{"upd_pol"};
  sc_core::sc_signal<Codes> x_code{"x_code"}, adc_data{"adc_data"};
  sc_core::sc_vector<sc_core::sc_signal<PulseLines>> row_pulse, col_pulse;

 private:
  ChipConfig config_;
  AnalogChip analog_;
  std::unique_ptr<ControllerSeat> controller_;
  std::vector<std::uint16_t> codes_;
  std::vector<double> coded_input_, target_;
  std::uint64_t input_clipped_ = 0;
};

}  // namespace memprop::hw
