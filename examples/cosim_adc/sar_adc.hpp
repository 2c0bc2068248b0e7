// An own converter at the pins of the chip: successive approximation, one bit of every channel a
// clock cycle, with capacitors that do not match exactly. What memprop's own ADC does in one step,
// seen from the controller: adc_start and adc_bank in, adc_done and adc_data out.
#pragma once

#include <algorithm>
#include <cstdint>
#include <systemc>
#include <vector>

#include "hw_models/converter/sample_hold.hpp"
#include "hw_models/pins/bus_types.hpp"
#include "solvers/random_stream.hpp"

class SarAdc : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"}, adc_start{"adc_start"};
  sc_core::sc_in<std::uint32_t> adc_bank{"adc_bank"};
  sc_core::sc_out<bool> adc_done{"adc_done"};
  sc_core::sc_out<memprop::hw::Codes> adc_data{"adc_data"};
  std::uint64_t conversions = 0;

  // range_v: converts -range_v..range_v; mismatch: relative, sigma per capacitor.
  SC_HAS_PROCESS(SarAdc);
  SarAdc(sc_core::sc_module_name name, const memprop::hw::SampleHold& source, std::size_t channels,
         unsigned bits, double range_v, double mismatch, std::uint64_t seed)
      : sc_module(name), source_(source), bits_(bits), weight_v_(channels * bits) {
    const memprop::RandomStream stream(seed, "sar-adc/capacitors");
    for (std::size_t c = 0; c < channels; ++c) {
      for (unsigned b = 0; b < bits; ++b) {
        // Bit b weighs range / 2^(bits-1) * 2^b.
        const double nominal_v = range_v / static_cast<double>(1U << (bits - 1 - b));
        weight_v_[c * bits + b] = nominal_v * (1.0 + mismatch * stream.normal(c, b));
      }
    }
    codes_.value.assign(channels, 0);
    SC_METHOD(step);  // one process: it is the only driver of adc_done
    sensitive << clk.pos() << adc_start.pos();
    dont_initialize();
  }

 private:
  void step() {
    // adc_done has to be low before the edge that ends the first cycle: the controller looks there.
    if (adc_start.posedge()) {
      bank_ = adc_bank.read();
      bit_ = bits_;
      std::fill(codes_.value.begin(), codes_.value.end(), 0);
      adc_done.write(false);
      return;
    }
    if (bit_ == 0) return;
    --bit_;
    const auto held = source_.held(bank_);
    for (std::size_t c = 0; c < codes_.value.size(); ++c) {
      // Offset binary: is the voltage above the level with this bit set?
      const std::int32_t trial = codes_.value[c] | (1 << bit_);
      if (held[c] >= level_v(c, trial)) codes_.value[c] = trial;
    }
    if (bit_ > 0) return;
    for (auto& code : codes_.value) code -= 1 << (bits_ - 1);
    adc_data.write(codes_);
    adc_done.write(true);
    ++conversions;
  }

  // The voltage that the capacitors of a channel make of an offset-binary code.
  double level_v(std::size_t c, std::int32_t code) const {
    const double* weight = &weight_v_[c * bits_];
    double level = -weight[bits_ - 1] - 0.5 * weight[0];  // rounds to nearest
    for (unsigned b = 0; b < bits_; ++b) {
      if (((code >> b) & 1) != 0) level += weight[b];
    }
    return level;
  }

  const memprop::hw::SampleHold& source_;
  unsigned bits_;
  std::vector<double> weight_v_;
  memprop::hw::Codes codes_;
  std::size_t bank_ = 0;
  unsigned bit_ = 0;
};
