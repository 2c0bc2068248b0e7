#include "hw_models/converter/adc.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solvers/error.hpp"

namespace memprop::hw {

Adc::Adc(sc_core::sc_module_name module_name, AnalogBridge& bridge, SampleHold& source,
         const SignedScale& scale, const AdcConfig& config, std::size_t lines, ChannelErrors errors,
         sc_core::sc_time conversion, std::uint64_t seed)
    : sc_module(module_name),
      bridge_(bridge),
      source_(source),
      scale_(scale),
      noise_v_(config.noise_v),
      lines_(lines),
      errors_(std::move(errors)),
      draw_(errors_.channels(), 0.0),
      conversion_(conversion),
      noise_(seed, "chip/adc/noise") {
  const std::size_t converters = errors_.channels();
  codes_.value.assign(converters, 0);
  repeated_.assign(sample_banks * ((lines_ + converters - 1) / converters), 0);
  SC_HAS_PROCESS(Adc);
  SC_METHOD(step);  // one process: it is the only driver of adc_done
  sensitive << adc_start.pos() << ready_;
  dont_initialize();
}

void Adc::begin_sample(std::uint64_t sample) {
  sample_ = sample;
  std::fill(repeated_.begin(), repeated_.end(), 0);
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
    if (bank >= sample_banks) {
      throw UserError(
          fmt::format("adc_bank: expected a bank from 0 to {}, found {}", sample_banks - 1, bank));
    }
    const std::size_t group = read_open(adc_group);
    const std::size_t converters = codes_.value.size();
    const std::size_t first = group * converters;
    if (first >= lines_) {
      throw UserError(fmt::format("adc_group: expected a group of {} lines of the {}, found {}",
                                  converters, lines_, group));
    }
    const std::size_t used = std::min(converters, lines_ - first);
    const auto held = source_.held(bank);
    const std::uint64_t repeated = repeated_[bank * (repeated_.size() / sample_banks) + group]++;
    if (noise_v_ > 0.0) {
      noise_.normals(repeated * lines_ + first, sample_ * sample_banks + bank,
                     {draw_.data(), used});
    }
    const double droop = source_.droop(bank, static_cast<analog::Ticks>(conversion_.value()));
    for (std::size_t k = 0; k < used; ++k) {
      codes_.value[k] =
          errors_.convert(k, held[first + k] - droop, noise_v_ * draw_[k], scale_, clipped_);
    }
    conversions_ += used;
    ready_.notify(conversion_);
  });
}

}  // namespace memprop::hw
