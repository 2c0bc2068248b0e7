// A resistive chip with clock, reset, controller and host: runs it sample by sample. The controller
// is that of the other chips, with the update circuit U6.
#pragma once

#include <memory>
#include <systemc>
#include <vector>

#include "hw_models/controller_seat.hpp"
#include "hw_models/phase_change.hpp"
#include "hw_models/resistive/resistive_analog.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::hw {

class ResistiveRunner : public sc_core::sc_module {
 public:
  ResistiveRunner(sc_core::sc_module_name module_name, const ChipConfig& config,
                  const learning::Network& network, const learning::LearningConfig& learning,
                  std::uint64_t seed);

  // From LOAD to IDLE: training (all phases and the update) or inference. Inputs without the gain,
  // targets in units of voltage. Throws the errors of the numerics with their types.
  void run_sample(Span<const float> x, Span<const float> target, bool train);

  ResistiveAnalog& analog() { return analog_; }
  const ResistiveAnalog& analog() const { return analog_; }
  const ControllerSeat& controller() const { return *controller_; }
  const ChipConfig& config() const { return config_; }

  // Outputs of the free phase of the last sample, as codes: differences with output pairs.
  std::vector<std::int64_t> output_codes() const;
  std::size_t answer() const;
  double last_nudge_sign() const { return nudge_negative_ ? -1.0 : 1.0; }
  // The inputs of the present sample as the chip codes them, with the bias input.
  Span<const double> coded_input() const { return coded_; }
  std::uint64_t input_clipped() const { return input_clipped_; }
  std::uint64_t last_cycles() const { return last_cycles_; }
  // What the controller did in the last sample, in order; the last entry is the return to IDLE.
  const std::vector<PhaseChange>& phase_log() const { return phase_log_; }

  // Everything that outlives a sample; only between samples.
  void save(std::vector<double>& values, std::vector<std::uint64_t>& counters) const;
  void restore(Span<const double> values, Span<const std::uint64_t> counters);

 private:
  void wire();
  void load(Span<const float> x, Span<const float> target);
  void on_done() { sc_core::sc_pause(); }
  void on_phase();

  ChipConfig config_;
  learning::NetworkConfig network_;
  sc_core::sc_clock clk_;
  sc_core::sc_signal<bool> rst_n_{"rst_n", true}, start_{"start", true}, train_{"train", true},
      busy_{"busy"}, done_{"done"};
  sc_core::sc_signal<std::uint32_t> phase_{"phase"}, sh_en_{"sh_en"}, adc_bank_{"adc_bank"},
      upd_pol_{"upd_pol"};
  sc_core::sc_signal<bool> x_dac_load_{"x_dac_load"}, row_en_{"row_en"}, nudge_en_{"nudge_en"},
      nudge_sign_{"nudge_sign"}, adc_start_{"adc_start"}, adc_done_{"adc_done"}, upd_en_{"upd_en"};
  sc_core::sc_signal<Codes> x_code_{"x_code"}, adc_data_{"adc_data"};
  sc_core::sc_vector<sc_core::sc_signal<PulseLines>> row_pulse_, col_pulse_;
  ResistiveAnalog analog_;
  std::unique_ptr<ControllerSeat> controller_;
  std::vector<std::uint16_t> codes_;
  std::vector<double> coded_, target_;
  std::uint64_t input_clipped_ = 0, samples_run_ = 0, last_cycles_ = 0;
  std::vector<PhaseChange> phase_log_;
  sc_dt::uint64 sample_begin_ = 0;
  bool nudge_negative_ = false, nudged_ = false;  // in the present sample
};

}  // namespace memprop::hw
