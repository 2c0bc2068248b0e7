// A controller without a chip: random codes from a made-up converter, random inputs, starts at all
// times and resets in every phase. More corners in less time than an analog side would reach; for
// lock-step runs.
#pragma once

#include <memory>
#include <systemc>
#include <vector>

#include "hw_models/controller_seat.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::bench::cosim {

struct StimulusConfig {
  std::uint64_t seed = 1;
  double reset_chance = 1.0 / 700;  // per cycle
  double start_chance = 1.0 / 4;    // per idle cycle
  double stray_chance = 1.0 / 20;   // of a start while busy, per cycle
  double train_chance = 0.8;        // of a sample
};

class StimulusBench : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"};

  StimulusBench(sc_core::sc_module_name module_name, const digital::ControllerConfig& controller,
                const hw::ControllerFactory& factory, const StimulusConfig& config);

  hw::ControllerSeat& seat() { return *seat_; }
  std::uint64_t cycles() const { return cycle_; }
  std::uint64_t samples() const { return samples_; }  // that ended
  std::uint64_t resets() const { return resets_; }
  // Cycles in which rst_n fell, by the phase that it ended.
  const std::vector<std::uint64_t>& resets_by_phase() const { return resets_by_phase_; }

 private:
  void on_clock();
  void drive_control();
  void drive_converter();
  double chance();  // uniform, a new one at each call
  std::uint64_t below(std::uint64_t bound);

  StimulusConfig config_;
  RandomStream random_;
  std::uint64_t drawn_ = 0, cycle_ = 0, samples_ = 0, resets_ = 0;
  std::vector<std::uint64_t> resets_by_phase_;
  sc_core::sc_signal<bool> rst_n_{"rst_n"}, start_{"start"}, train_{"train"}, adc_done_{"adc_done"},
      x_dac_load_{"x_dac_load"}, row_en_{"row_en"}, nudge_en_{"nudge_en"},
      nudge_sign_{"nudge_sign"}, adc_start_{"adc_start"}, upd_en_{"upd_en"}, busy_{"busy"},
      done_{"done"};
  sc_core::sc_signal<std::uint32_t> phase_{"phase"}, sh_en_{"sh_en"}, adc_bank_{"adc_bank"},
      adc_group_{"adc_group"}, upd_pol_{"upd_pol"};
  sc_core::sc_signal<hw::Codes> adc_data_{"adc_data"}, x_code_{"x_code"};
  sc_core::sc_vector<sc_core::sc_signal<hw::PulseLines>> row_pulse_, col_pulse_;
  std::unique_ptr<hw::ControllerSeat> seat_;
  std::vector<std::uint16_t> input_;
  hw::Codes codes_;
  std::uint32_t reset_left_ = 2;  // cycles of the reset still to come
  std::uint32_t latency_ = 0;     // of the conversion that runs; 0: none
  std::uint32_t shortest_convert_;
  bool pulse_done_ = false;  // adc_done for one cycle only
};

}  // namespace memprop::bench::cosim
