#include "hw_models/bus/bus_chip.hpp"

#include <cmath>
#include <exception>

#include "hw_models/controller_setup.hpp"
#include "hw_models/converter/quantizer.hpp"

namespace memprop::hw {

namespace {

// An ideal nudging DAC takes codes of the widest kind.
unsigned target_bits(const ChipConfig& config) {
  return config.nudge_dac.bits == 0 ? 16 : config.nudge_dac.bits;
}

}  // namespace

BusChip::BusChip(sc_core::sc_module_name module_name, const ChipConfig& config,
                 const learning::Network& network, const learning::LearningConfig& learning,
                 std::uint64_t seed)
    : sc_module(module_name),
      config_(config),
      target_(network.width(network.layer_count()), 0.0),
      input_(network.width(0), 0.0),
      target_lsb_(SignedScale{config.nudge_dac.range, target_bits(config)}.lsb_v()),
      input_lsb_(input_lsb(config)) {
  const ControllerFactory factory = [this](const char* name,
                                           const digital::ControllerConfig& wanted) {
    wanted_ = wanted;
    auto made = std::make_unique<RegisterController>(name, wanted, target_bits(config_));
    controller_ = made.get();
    return made;
  };
  chip_ = std::make_unique<Chip>("chip", config, network, learning, seed, factory);
  chip_->clk(clk);
  chip_->rst_n(rst_n);
  chip_->start(start_);
  chip_->train(train_);
  chip_->busy(busy_);
  chip_->done(done_);
  controller_->irq(irq);
  controller_->on_sample([this] { begin_sample(); });
  const auto period =
      sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(std::llround(config.clock_s * 1e12)));
  port_ = std::make_unique<RegisterSocket>("port", controller_->registers(), period,
                                           [this] { controller_->accessed(); });
}

std::vector<digital::RegisterWrite> BusChip::recommended_program() const {
  return digital::register_program(wanted_, controller_->registers().build());
}

// The controller has taken a start: the nudging DAC takes its codes, and an ideal input DAC its
// voltages, before the edge of x_dac_load.
void BusChip::begin_sample() {
  AnalogChip& analog = chip_->analog();
  const auto codes = controller_->registers().target_codes();
  for (std::size_t i = 0; i < target_.size(); ++i) target_[i] = codes[i] * target_lsb_;
  if (analog.dac().ideal()) {
    const auto inputs = controller_->registers().input_codes();
    for (std::size_t j = 0; j < input_.size(); ++j) input_[j] = inputs[j] * input_lsb_;
    analog.set_ideal_input(input_);
  }
  analog.set_sample_number(samples_begun_++);
  analog.set_target(target_);
}

void BusChip::rethrow() {
  chip_->analog().bridge().rethrow();
  if (const auto error = controller_->take_error()) std::rethrow_exception(error);
}

}  // namespace memprop::hw
