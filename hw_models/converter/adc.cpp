#include "hw_models/converter/adc.hpp"

namespace memprop::hw {

Adc::Adc(sc_core::sc_module_name module_name, AnalogBridge& bridge, SampleHold& source,
         const SignedScale& scale, const AdcConfig& config, ChannelErrors errors,
         sc_core::sc_time conversion, std::uint64_t seed)
    : sc_module(module_name),
      bridge_(bridge),
      source_(source),
      scale_(scale),
      noise_v_(config.noise_v),
      errors_(std::move(errors)),
      draw_(errors_.channels(), 0.0),
      conversion_(conversion),
      noise_(seed, "chip/adc/noise") {
  codes_.value.assign(errors_.channels(), 0);
  SC_HAS_PROCESS(Adc);
  SC_METHOD(step);  // one process: it is the only driver of adc_done
  sensitive << adc_start.pos() << ready_;
  dont_initialize();
}

void Adc::step() {
  if (ready_.triggered()) {
    // adc_done stays high until the next conversion starts.
    adc_data.write(codes_);
    adc_done.write(true);
    return;
  }
  bridge_.guard([this] {
    adc_done.write(false);
    const std::size_t bank = adc_bank.read();
    const auto held = source_.held(bank);
    if (noise_v_ > 0.0) noise_.normals(0, sample_ * sample_banks + bank, draw_);
    const double droop = source_.droop(bank, static_cast<analog::Ticks>(conversion_.value()));
    for (std::size_t k = 0; k < codes_.value.size(); ++k) {
      codes_.value[k] = errors_.convert(k, held[k] - droop, noise_v_ * draw_[k], scale_, clipped_);
    }
    conversions_ += codes_.value.size();
    ready_.notify(conversion_);
  });
}

}  // namespace memprop::hw
