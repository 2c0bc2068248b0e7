// The analog-to-digital converter behind the sample-and-hold banks:
//     code = round((V_held + noise) / LSB), clipped to the range (ep-circuits 2.5), with
// the static errors of the converter (channel_errors.hpp).
// A conversion begins with adc_start and shows its codes with adc_done. With fewer converters than
// lines, adc_group says which lines they are connected to: converter c to line group * channels +
// c, and adc_data has a code per converter. Repeated conversions of a line have noise of their own;
// the first one's does not depend on the number of converters.
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
  OpenIn adc_group{"adc_group"};
  sc_core::sc_out<bool> adc_done{"adc_done"};
  sc_core::sc_out<Codes> adc_data{"adc_data"};

  // lines: of the sample-and-hold; errors: of the converters; conversion: from adc_start to
  // adc_done.
  Adc(sc_core::sc_module_name module_name, AnalogBridge& bridge, SampleHold& source,
      const SignedScale& scale, const AdcConfig& config, std::size_t lines, ChannelErrors errors,
      sc_core::sc_time conversion, std::uint64_t seed);

  void begin_sample(std::uint64_t sample);
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
  std::size_t lines_;
  ChannelErrors errors_;
  std::vector<double> draw_;
  std::vector<std::uint64_t> repeated_;  // conversions of this sample, by bank and group
  sc_core::sc_time conversion_;
  sc_core::sc_event ready_{"ready"};
  RandomStream noise_;
  Codes codes_;
  std::uint64_t sample_ = 0;
  std::uint64_t conversions_ = 0, clipped_ = 0;
};

}  // namespace memprop::hw
