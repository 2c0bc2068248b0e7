#include "hw_models/resistive/resistive_runner.hpp"

#include <algorithm>
#include <cmath>

#include "hw_models/controller_module.hpp"
#include "hw_models/controller_setup.hpp"
#include "hw_models/resistive/resistive_setup.hpp"
#include "learning/resistive/resistive_network.hpp"
#include "solvers/error.hpp"

namespace memprop::hw {

ResistiveRunner::ResistiveRunner(sc_core::sc_module_name module_name, const ChipConfig& config,
                                 const learning::Network& network,
                                 const learning::LearningConfig& learning, std::uint64_t seed)
    : sc_module(module_name),
      config_(config),
      network_(network.config),
      clk_("clk", sc_core::sc_time::from_value(
                      static_cast<sc_dt::uint64>(std::llround(config.clock_s * 1e12)))),
      row_pulse_("row_pulse", network.layer_count()),
      col_pulse_("col_pulse", network.layer_count()),
      analog_("analog", config, network, learning.beta, seed),
      controller_(std::make_unique<ControllerModule>(
          "controller", resistive_controller_config(config, network, learning,
                                                    analog_.conductance_step(), seed))),
      codes_(learning::resistive_nodes(network.config, 0), 0),
      coded_(codes_.size() / 2, 0.0),
      target_(network.width(network.layer_count()), 0.0) {
  wire();
  SC_HAS_PROCESS(ResistiveRunner);
  SC_METHOD(on_done);
  sensitive << done_.posedge_event();
  dont_initialize();
  SC_METHOD(on_phase);
  sensitive << phase_ << row_en_ << nudge_en_;
  dont_initialize();
}

void ResistiveRunner::on_phase() {
  // Of the first nudged phase; the second one of centred nudging is always negative.
  if (nudge_en_.read() && !nudged_) nudge_negative_ = nudge_sign_.read();
  nudged_ = nudged_ || nudge_en_.read();
  const auto now = sc_core::sc_time_stamp().value();
  const auto phase = static_cast<digital::Phase>(phase_.read());
  if (phase == digital::Phase::load && phase_.event()) {
    phase_log_.clear();
    sample_begin_ = now;
  }
  phase_log_.push_back({(now - sample_begin_) / clk_.period().value(), phase, row_en_.read(),
                        nudge_en_.read(), nudge_sign_.read()});
}

void ResistiveRunner::wire() {
  controller_->clk(clk_);
  controller_->rst_n(rst_n_);
  controller_->start(start_);
  controller_->train(train_);
  controller_->busy(busy_);
  controller_->done(done_);
  analog_.clk(clk_);
  const auto wire = [&](auto& signal, auto& from, auto& to) {
    from(signal);
    to(signal);
  };
  wire(phase_, controller_->phase, analog_.phase);
  wire(x_dac_load_, controller_->x_dac_load, analog_.x_dac_load);
  wire(x_code_, controller_->x_code, analog_.x_code);
  wire(row_en_, controller_->row_en, analog_.row_en);
  wire(nudge_en_, controller_->nudge_en, analog_.nudge_en);
  wire(nudge_sign_, controller_->nudge_sign, analog_.nudge_sign);
  wire(sh_en_, controller_->sh_en, analog_.sh_en);
  wire(adc_start_, controller_->adc_start, analog_.adc_start);
  wire(adc_bank_, controller_->adc_bank, analog_.adc_bank);
  wire(upd_en_, controller_->upd_en, analog_.upd_en);
  wire(upd_pol_, controller_->upd_pol, analog_.upd_pol);
  wire(adc_done_, analog_.adc_done, controller_->adc_done);
  wire(adc_data_, analog_.adc_data, controller_->adc_data);
  for (std::size_t l = 0; l < row_pulse_.size(); ++l) {
    wire(row_pulse_[l], controller_->row_pulse[l], analog_.row_pulse[l]);
    wire(col_pulse_[l], controller_->col_pulse[l], analog_.col_pulse[l]);
  }
}

void ResistiveRunner::load(Span<const float> x, Span<const float> target) {
  const double lsb = input_lsb(config_);
  const double largest = controller_->config().x_full_scale;
  const std::size_t half = coded_.size();
  for (std::size_t j = 0; j < half; ++j) {
    const double wanted = j < x.size() ? static_cast<double>(x[j]) : network_.resistive.bias_input;
    const double exact = std::nearbyint(wanted / lsb);
    const double code = std::clamp(exact, 0.0, largest);
    input_clipped_ += code != exact;
    codes_[j] = codes_[half + j] = static_cast<std::uint16_t>(code);
    coded_[j] = analog_.dac().ideal() ? wanted : code * lsb;
  }
  controller_->load_input(codes_);
  if (analog_.dac().ideal()) analog_.set_ideal_input(coded_);
  std::copy(target.begin(), target.end(), target_.begin());
  analog_.set_sample_number(samples_run_);
  analog_.set_target(target_);
}

void ResistiveRunner::run_sample(Span<const float> x, Span<const float> target, bool train) {
  load(x, target);
  train_.write(train);
  nudged_ = nudge_negative_ = false;
  const std::uint64_t before = controller_->counters().busy_cycles;
  sc_core::sc_start();
  analog_.bridge().rethrow();
  if (const auto error = controller_->take_error()) std::rethrow_exception(error);
  last_cycles_ = controller_->counters().busy_cycles - before;
  ++samples_run_;
}

std::vector<std::int64_t> ResistiveRunner::output_codes() const {
  const auto codes = controller_->latched(0);
  const std::size_t nodes = controller_->config().widths.back();
  const auto last = codes.subspan(codes.size() - nodes, nodes);
  if (!network_.resistive.output_pairs) return {last.begin(), last.end()};
  std::vector<std::int64_t> result(nodes / 2);
  for (std::size_t k = 0; k < result.size(); ++k) {
    result[k] = std::int64_t{last[k]} - std::int64_t{last[nodes / 2 + k]};
  }
  return result;
}

std::size_t ResistiveRunner::answer() const {
  const auto codes = output_codes();
  return static_cast<std::size_t>(std::max_element(codes.begin(), codes.end()) - codes.begin());
}

void ResistiveRunner::save(std::vector<double>& values,
                           std::vector<std::uint64_t>& counters) const {
  const auto controller = controller_->save();
  counters.push_back(controller.size());
  counters.insert(counters.end(), controller.begin(), controller.end());
  counters.push_back(samples_run_);
  counters.push_back(input_clipped_);
  analog_.save(values, counters);
}

void ResistiveRunner::restore(Span<const double> values, Span<const std::uint64_t> counters) {
  if (counters.empty() || counters.size() < counters[0] + 3) {
    throw InternalError("checkpoint does not fit the chip");
  }
  const std::size_t n = counters[0];
  controller_->restore(counters.subspan(1, n));
  samples_run_ = counters[n + 1];
  input_clipped_ = counters[n + 2];
  analog_.restore(values, counters.subspan(n + 3, counters.size() - n - 3));
}

}  // namespace memprop::hw
