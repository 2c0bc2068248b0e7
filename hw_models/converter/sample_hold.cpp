#include "hw_models/converter/sample_hold.hpp"

#include <cmath>

namespace memprop::hw {

SampleHold::SampleHold(sc_core::sc_module_name module_name, AnalogBridge& bridge,
                       std::function<std::vector<analog::Range>(bool twin)> lines,
                       const SampleHoldConfig& config, double temperature_k, std::uint64_t seed)
    : sc_module(module_name),
      bridge_(bridge),
      find_lines_(std::move(lines)),
      injection_v_(config.injection_v),
      injection_gain_(config.injection_gain),
      leakage_v_s_(config.leakage_a / config.capacitance_f),
      thermal_v_(config.thermal_noise
                     ? std::sqrt(1.380649e-23 * temperature_k / config.capacitance_f)
                     : 0.0),
      noise_(seed, "chip/sample-hold/ktc") {
  SC_HAS_PROCESS(SampleHold);
  SC_METHOD(on_enable);
  sensitive << sh_en;
  dont_initialize();
}

std::size_t SampleHold::width() {
  if (lines_[0].empty()) {
    lines_[0] = find_lines_(false);
    std::size_t total = 0;
    for (const auto& range : lines_[0]) total += range.count;
    draw_.assign(total, 0.0);
    for (auto& bank : held_v_) bank.assign(total, 0.0);
  }
  return draw_.size();
}

void SampleHold::on_enable() {
  bridge_.guard([this] {
    const std::uint32_t now = sh_en.read();
    for (std::size_t bank = 0; bank < sample_banks; ++bank) {
      const std::uint32_t bit = std::uint32_t{1} << bank;
      if ((before_ & bit) != 0 && (now & bit) == 0) capture(bank);
      if ((before_ & bit) == 0 && (now & bit) != 0 && callback_) {
        bridge_.advance();
        callback_(bank);
      }
    }
    before_ = now;
  });
}

void SampleHold::capture(std::size_t bank) {
  width();
  bridge_.advance();
  const auto line = bridge_.domain().line_voltages();
  if (thermal_v_ > 0.0) noise_.normals(0, sample_ * sample_banks + bank, draw_);
  held_since_[bank] = bridge_.now();
  auto& lines = lines_[twin_[bank] ? 1 : 0];
  if (lines.empty()) lines = find_lines_(twin_[bank]);
  auto& held = held_v_[bank];
  std::size_t k = 0;
  for (const auto& range : lines) {
    for (std::size_t i = 0; i < range.count; ++i, ++k) held[k] = line[range.first + i];
  }
  if (amplifier_ && bank > 0) {
    amplifier_->amplify(held, held_v_[0], droop(0, 0), sample_, bank);
  }
  for (k = 0; k < held.size(); ++k) {
    held[k] = held[k] + injection_v_ + injection_gain_ * held[k] + thermal_v_ * draw_[k];
  }
}

double SampleHold::droop(std::size_t bank, analog::Ticks conversion) const {
  const auto age = static_cast<double>(bridge_.now() - held_since_[bank] + conversion);
  return leakage_v_s_ * age * analog::seconds_per_tick;
}

}  // namespace memprop::hw
