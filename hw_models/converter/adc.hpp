// The analog-to-digital converter behind the sample-and-hold banks:
//     code = round((V_held + noise) / LSB), clipped to the range (ep-circuits 2.5), with the static
// errors of the channel (channel_errors.hpp).
// A conversion begins with adc_start and shows its codes with adc_done before the conversion row of
// the schedule ends.
#pragma once

#include <systemc>
#include <vector>

#include "hw_models/analog_bridge.hpp"
#include "hw_models/converter/channel_errors.hpp"
#include "hw_models/converter/quantizer.hpp"
#include "hw_models/converter/sample_hold.hpp"
#include "hw_models/pins/bus_types.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::hw {

class Adc : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> adc_start{"adc_start"};
  sc_core::sc_in<std::uint32_t> adc_bank{"adc_bank"};
  sc_core::sc_out<bool> adc_done{"adc_done"};
  sc_core::sc_out<Codes> adc_data{"adc_data"};

  // conversion_s: from adc_start to adc_done, shorter than the conversion row.
  Adc(sc_core::sc_module_name module_name, AnalogBridge& bridge, SampleHold& source,
      const SignedScale& scale, const AdcConfig& config, ChannelErrors errors,
      sc_core::sc_time conversion, std::uint64_t seed);

  void begin_sample(std::uint64_t sample) { sample_ = sample; }
  std::uint64_t conversions() const { return conversions_; }
  std::uint64_t clipped() const { return clipped_; }
  void restore(std::uint64_t conversions, std::uint64_t clipped) {
    conversions_ = conversions;
    clipped_ = clipped;
  }
  const SignedScale& scale() const { return scale_; }

 private:
  void step();

  AnalogBridge& bridge_;
  SampleHold& source_;
  SignedScale scale_;
  double noise_v_;
  ChannelErrors errors_;
  std::vector<double> draw_;
  sc_core::sc_time conversion_;
  sc_core::sc_event ready_{"ready"};
  RandomStream noise_;
  Codes codes_;
  std::uint64_t sample_ = 0;
  std::uint64_t conversions_ = 0, clipped_ = 0;
};

}  // namespace memprop::hw
