// A verilated controller, ours or a user's, in the controller's place of a chip: one clock edge of
// the kernel is one of the model. Outputs have to be registers: they are looked at after the rising
// edge only.
//
// Ports are those of ControllerSeat (buses flattened, first line or tile in the lowest bits). Not
// needed: adc_group where every line has its own converter; x_code (without it the host's codes go
// to the DACs at x_dac_load), row_pulse_change and col_pulse_change (with them, pulse lines are
// only looked at when they say so). x_in, if there, shows the host's codes. The register port of
// digital/registers.toml, if there, is used to set the controller up and to load input codes.
#pragma once

#include <memory>
#include <systemc>
#include <vector>

#include "hw_models/controller_seat.hpp"
#include "hw_models/rtl/pin_observer.hpp"
#include "hw_models/rtl/register_port.hpp"
#include "hw_models/rtl/rtl_model.hpp"

namespace memprop::hw::rtl {

class RtlController : public ControllerSeat {
 public:
  // Throws UserError if the ports do not fit the chip that `config` describes.
  RtlController(sc_core::sc_module_name module_name, const digital::ControllerConfig& config,
                std::unique_ptr<RtlModel> model);
  ~RtlController() override;

  void load_input(Span<const std::uint16_t> codes) override;
  const digital::ControllerConfig& config() const override { return config_; }
  Span<const std::int32_t> latched(std::size_t k) const override { return observer_.latched(k); }
  const digital::ControllerCounters& counters() const override;
  std::vector<std::uint64_t> save() const override;
  void restore(Span<const std::uint64_t> state) override;

  RtlModel& model() { return *model_; }

 private:
  void on_clock();
  void clock_model() const;
  void find_ports();
  void read_outputs();
  void show();

  digital::ControllerConfig config_;
  unsigned x_bits_, adc_bits_;
  std::unique_ptr<RtlModel> model_;
  PinObserver observer_;
  mutable Port clk_, rst_n_, start_, train_, adc_done_, adc_data_, x_in_, x_code_port_;
  mutable Port phase_, x_dac_load_, row_en_, nudge_en_, nudge_sign_, sh_en_, adc_start_, adc_bank_,
      adc_group_, upd_en_, upd_pol_, row_pulse_, col_pulse_, row_change_, col_change_, busy_, done_;
  mutable RegisterPort registers_;
  std::vector<std::uint16_t> input_;
  std::vector<std::uint32_t> packed_;                 // scratch for wide inputs
  std::vector<std::int32_t> adc_shown_;               // what adc_data holds
  std::vector<std::uint32_t> row_words_, col_words_;  // the pulse lines as last copied
  digital::ControllerOutputs out_;                    // of the model, as shown
  std::uint32_t pol_ = 0;                             // upd_pol of it
  // The single pins before the present edge.
  struct Before {
    digital::Phase phase = digital::Phase::idle;
    bool x_dac_load = false, row_en = false, nudge_en = false, nudge_sign = false;
    std::uint8_t sh_en = 0;
    bool adc_start = false;
    std::uint8_t adc_bank = 0;
    bool upd_en = false, busy = false, done = false;
    std::uint32_t pol = 0;
  } before_;
  std::vector<PulseDriver> row_shown_, col_shown_;  // never resized: the signals point into them
  Codes x_code_value_;
  mutable digital::ControllerCounters counters_;
  mutable std::uint64_t clipped_ = 0;
};

}  // namespace memprop::hw::rtl
