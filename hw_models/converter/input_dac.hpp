// The input converters: image codes to row voltages, once per sample at the rising edge of
// x_dac_load. This is also where a sample begins for the analog side.
//     V_j = code_j range V_s / (2^bits - 1) + noise, with the static errors of the channel
#pragma once

#include <functional>
#include <systemc>
#include <vector>

#include "hw_models/analog_bridge.hpp"
#include "hw_models/chip_config.hpp"
#include "hw_models/converter/channel_errors.hpp"
#include "hw_models/converter/quantizer.hpp"
#include "hw_models/pins/bus_types.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::hw {

class InputDac : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> x_dac_load{"x_dac_load"};
  sc_core::sc_in<Codes> x_code{"x_code"};

  // `loaded` is told the row voltages when a sample begins.
  InputDac(sc_core::sc_module_name module_name, AnalogBridge& bridge, const UnsignedScale& scale,
           const DacConfig& config, ChannelErrors errors, std::uint64_t seed,
           std::function<void(Span<const double>)> loaded)
      : sc_module(module_name),
        bridge_(bridge),
        scale_(scale),
        ideal_(config.bits == 0),
        noise_v_(config.noise_v),
        errors_(std::move(errors)),
        row_v_(errors_.channels(), 0.0),
        draw_(errors_.channels(), 0.0),
        noise_(seed, "chip/dac/noise"),
        loaded_(std::move(loaded)) {
    SC_HAS_PROCESS(InputDac);
    SC_METHOD(on_load);
    sensitive << x_dac_load.pos();
    dont_initialize();
  }

  void begin_sample(std::uint64_t sample) { sample_ = sample; }
  // The ideal converter takes the wanted voltages themselves.
  void set_ideal_input(Span<const double> row_v) { row_v_.assign(row_v.begin(), row_v.end()); }
  bool ideal() const { return ideal_; }
  Span<const double> row_voltages() const { return row_v_; }
  std::uint64_t conversions() const { return conversions_; }
  void restore(std::uint64_t conversions) { conversions_ = conversions; }

 private:
  void on_load() {
    bridge_.guard([this] {
      if (!ideal_) {
        const auto& code = x_code.read().value;
        const double lsb = scale_.lsb_v();
        for (std::size_t j = 0; j < row_v_.size(); ++j) {
          row_v_[j] = errors_.apply(j, static_cast<double>(code[j]) * lsb, code[j], lsb);
        }
        if (noise_v_ > 0.0) {
          noise_.normals(0, sample_, draw_);
          for (std::size_t j = 0; j < row_v_.size(); ++j) row_v_[j] += noise_v_ * draw_[j];
        }
        conversions_ += row_v_.size();
      }
      loaded_(row_v_);
    });
  }

  AnalogBridge& bridge_;
  UnsignedScale scale_;
  bool ideal_;
  double noise_v_;
  ChannelErrors errors_;
  std::vector<double> row_v_, draw_;
  RandomStream noise_;
  std::function<void(Span<const double>)> loaded_;
  std::uint64_t sample_ = 0;
  std::uint64_t conversions_ = 0;
};

}  // namespace memprop::hw
