#include "testbenches/cosim/stimulus_bench.hpp"

#include <algorithm>

#include "hw_models/controller_module.hpp"

namespace memprop::bench::cosim {

StimulusBench::StimulusBench(sc_core::sc_module_name module_name,
                             const digital::ControllerConfig& controller,
                             const hw::ControllerFactory& factory, const StimulusConfig& config)
    : sc_module(module_name),
      config_(config),
      random_(config.seed, "cosim/stimulus"),
      resets_by_phase_(10, 0),
      row_pulse_("row_pulse", controller.tile.size()),
      col_pulse_("col_pulse", controller.tile.size()),
      seat_(factory ? factory("controller", controller)
                    : std::make_unique<hw::ControllerModule>("controller", controller)),
      input_(controller.widths[0], 0),
      shortest_convert_(~0U) {
  std::size_t neurons = 0;
  for (std::size_t l = 1; l < controller.widths.size(); ++l) neurons += controller.widths[l];
  const std::size_t converters = controller.adc_channels == 0 ? neurons : controller.adc_channels;
  codes_.value.assign(converters, 0);
  const auto conversions = static_cast<std::uint32_t>(
      digital::conversion_groups(neurons, converters) * controller.adc_average);
  for (const auto& row : controller.table) {
    // Between two conversions stands a cycle.
    if (row.convert) {
      shortest_convert_ =
          std::min(shortest_convert_, row.cycles / conversions - (conversions > 1 ? 1 : 0));
    }
  }
  auto& s = *seat_;
  s.clk(clk);
  s.rst_n(rst_n_);
  s.start(start_);
  s.train(train_);
  s.adc_done(adc_done_);
  s.adc_data(adc_data_);
  s.phase(phase_);
  s.x_dac_load(x_dac_load_);
  s.x_code(x_code_);
  s.row_en(row_en_);
  s.nudge_en(nudge_en_);
  s.nudge_sign(nudge_sign_);
  s.sh_en(sh_en_);
  s.adc_start(adc_start_);
  s.adc_bank(adc_bank_);
  s.adc_group(adc_group_);
  s.upd_en(upd_en_);
  s.upd_pol(upd_pol_);
  s.row_pulse(row_pulse_);
  s.col_pulse(col_pulse_);
  s.busy(busy_);
  s.done(done_);
  SC_HAS_PROCESS(StimulusBench);
  SC_METHOD(on_clock);
  sensitive << clk.pos();
  dont_initialize();
}

double StimulusBench::chance() { return random_.uniform(0, drawn_++); }

std::uint64_t StimulusBench::below(std::uint64_t bound) {
  return static_cast<std::uint64_t>(chance() * static_cast<double>(bound));
}

void StimulusBench::on_clock() {
  samples_ += done_.read() ? 1 : 0;
  drive_control();
  drive_converter();
  ++cycle_;
}

void StimulusBench::drive_control() {
  if (reset_left_ > 0) {
    if (--reset_left_ == 0) rst_n_.write(true);
    start_.write(false);
    return;
  }
  if (rst_n_.read() && chance() < config_.reset_chance) {
    const std::uint32_t phase = std::min(phase_.read(), 9U);
    ++resets_by_phase_[phase];
    ++resets_;
    rst_n_.write(false);
    reset_left_ = 1 + static_cast<std::uint32_t>(below(3));
    start_.write(false);
    return;
  }
  if (busy_.read() || start_.read()) {
    start_.write(busy_.read() && chance() < config_.stray_chance);
    train_.write(chance() < 0.5);
    return;
  }
  if (!rst_n_.read() || chance() >= config_.start_chance) return;
  // Idle, and no start on its way: the host's time. Many codes are zero, as those of images.
  const std::uint64_t bright = below(4);
  const std::uint64_t full = seat_->config().x_full_scale;
  for (auto& code : input_) {
    code = static_cast<std::uint16_t>(below(4) < bright ? below(full + 1) : 0);
  }
  if (below(8) == 0) std::fill(input_.begin(), input_.end(), static_cast<std::uint16_t>(full));
  seat_->load_input(input_);
  start_.write(true);
  train_.write(chance() < config_.train_chance);
}

void StimulusBench::drive_converter() {
  if (adc_start_.read()) {
    // An answer at any edge of the row, this one excepted.
    latency_ =
        1 + static_cast<std::uint32_t>(below(std::max(1U, std::min(shortest_convert_, 12U) - 1)));
    adc_done_.write(false);
  }
  if (latency_ == 0) {
    if (pulse_done_) adc_done_.write(false);
    return;
  }
  if (--latency_ > 0) return;
  const std::uint64_t full = seat_->config().adc_full_scale;
  const std::uint64_t kind = below(4);  // small, any, extreme and zero codes
  for (auto& code : codes_.value) {
    std::int64_t value =
        static_cast<std::int64_t>(below(2 * full + 2)) - static_cast<std::int64_t>(full) - 1;
    if (kind == 0) value %= 9;
    if (kind == 2) value = value < 0 ? -static_cast<std::int64_t>(full) - 1 : full;
    if (kind == 3 && value % 2 == 0) value = 0;
    code = static_cast<std::int32_t>(value);
  }
  adc_data_.write(codes_);
  adc_done_.write(true);
  pulse_done_ = below(2) == 0;
}

}  // namespace memprop::bench::cosim
