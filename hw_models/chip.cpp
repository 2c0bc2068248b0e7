#include "hw_models/chip.hpp"

#include <algorithm>
#include <cmath>

#include "hw_models/adaptation_setup.hpp"
#include "hw_models/controller_module.hpp"
#include "hw_models/controller_setup.hpp"
#include "hw_models/dendrites/branch_change.hpp"

namespace memprop::hw {
namespace {

std::vector<double> weight_steps(const AnalogChip& analog) {
  std::vector<double> steps;
  for (std::size_t l = 1; l <= analog.tile_count(); ++l) steps.push_back(analog.weight_step(l));
  return steps;
}

std::unique_ptr<ControllerSeat> make_controller(const ControllerFactory& factory,
                                                const digital::ControllerConfig& config) {
  if (factory) return factory("controller", config);
  return std::make_unique<ControllerModule>("controller", config);
}

}  // namespace

Chip::Chip(sc_core::sc_module_name module_name, const ChipConfig& config,
           const learning::Network& network, const learning::LearningConfig& learning,
           std::uint64_t seed, const ControllerFactory& controller)
    : sc_module(module_name),
      row_pulse("row_pulse", tile_layout(network).size()),
      col_pulse("col_pulse", tile_layout(network).size()),
      config_(config),
      analog_("analog", with_adaptation(config, learning), network, teaching_strength(learning),
              seed),
      controller_(make_controller(
          controller, controller_config(config, network, learning, weight_steps(analog_), seed))),
      codes_(network.width(0), 0),
      coded_input_(network.width(0), 0.0),
      target_(network.width(network.layer_count()), 0.0) {
  if (config.update.circuit == UpdateCircuit::write_verify) {
    controller_->set_cell_reader(analog_.cell_reader());
  }
  if (analog_.branch_latch() != nullptr) controller_->set_branch_gates(analog_.branch_latch());
  controller_->clk(clk);
  controller_->rst_n(rst_n);
  controller_->start(start);
  controller_->train(train);
  controller_->busy(busy);
  controller_->done(done);
  analog_.clk(clk);
  const auto wire = [&](auto& signal, auto& from, auto& to) {
    from(signal);
    to(signal);
  };
  wire(phase, controller_->phase, analog_.phase);
  wire(x_dac_load, controller_->x_dac_load, analog_.x_dac_load);
  wire(x_code, controller_->x_code, analog_.x_code);
  wire(row_en, controller_->row_en, analog_.row_en);
  wire(nudge_en, controller_->nudge_en, analog_.nudge_en);
  wire(nudge_sign, controller_->nudge_sign, analog_.nudge_sign);
  wire(sh_en, controller_->sh_en, analog_.sh_en);
  wire(adc_start, controller_->adc_start, analog_.adc_start);
  wire(adc_bank, controller_->adc_bank, analog_.adc_bank);
  wire(adc_group, controller_->adc_group, analog_.adc_group);
  wire(upd_en, controller_->upd_en, analog_.upd_en);
  wire(upd_pol, controller_->upd_pol, analog_.upd_pol);
  wire(adc_done, analog_.adc_done, controller_->adc_done);
  wire(adc_data, analog_.adc_data, controller_->adc_data);
  for (std::size_t l = 0; l < analog_.tile_count(); ++l) {
    wire(row_pulse[l], controller_->row_pulse[l], analog_.row_pulse[l]);
    wire(col_pulse[l], controller_->col_pulse[l], analog_.col_pulse[l]);
  }
}

std::vector<Matrix> Chip::wanted_change(const learning::Network& network,
                                        const learning::LearningConfig& learning, double sign,
                                        bool with_bias) const {
  if (const auto* gates = analog_.branch_latch()) {
    return wanted_branch_change(config_, network, learning, *controller_, *gates, coded_input_,
                                sign, with_bias);
  }
  return hw::wanted_change(config_, network, learning, *controller_, coded_input_, sign, with_bias);
}

void Chip::load(Span<const float> x, Span<const float> target, std::uint64_t sample_number) {
  const bool ideal = analog_.dac().ideal();
  const double lsb = input_lsb(config_);
  const double largest = controller_->config().x_full_scale;
  for (std::size_t j = 0; j < codes_.size(); ++j) {
    const double wanted = std::nearbyint(static_cast<double>(x[j]) / lsb);
    const double code = std::clamp(wanted, 0.0, largest);
    if (code != wanted) ++input_clipped_;
    codes_[j] = static_cast<std::uint16_t>(code);
    coded_input_[j] = ideal ? static_cast<double>(x[j]) : code * lsb;
  }
  controller_->load_input(codes_);
  if (ideal) analog_.set_ideal_input(coded_input_);
  std::copy(target.begin(), target.end(), target_.begin());
  analog_.set_sample_number(sample_number);
  analog_.set_target(target_);
}

}  // namespace memprop::hw
