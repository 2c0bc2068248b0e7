// The analog side of a resistive chip (ep-circuits 1.2), behind the same pins as AnalogChip: DACs,
// arrays of one device per synapse, nodes with diodes, bidirectional amplifiers, sample-and-hold,
// ADC, around one analog domain.
//
// One unit of conductance is g_max / weight_range, the same in all arrays, for Kirchhoff's law adds
// what different arrays bring to a node. The window of a device is [g_min, g_max] of chip.device;
// nothing stands for a negative weight. Sources: DAC channel j drives row j, and, inverted, row
// n + j, so row codes come twice. Nudging: beta units of conductance.
#pragma once

#include <memory>
#include <systemc>
#include <vector>

#include "analog/domain/domain.hpp"
#include "analog/memristor/pulse_device_array.hpp"
#include "analog/resistive/resistive_bank.hpp"
#include "analog/resistive/resistive_tile.hpp"
#include "hw_models/analog_bridge.hpp"
#include "hw_models/chip_config.hpp"
#include "hw_models/converter/adc.hpp"
#include "hw_models/converter/input_dac.hpp"
#include "hw_models/converter/sample_hold.hpp"
#include "hw_models/pins/bus_types.hpp"
#include "learning/network/network.hpp"

namespace memprop::hw {

class ResistiveAnalog : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"};
  sc_core::sc_in<std::uint32_t> phase{"phase"};
  sc_core::sc_in<bool> x_dac_load{"x_dac_load"};
  sc_core::sc_in<Codes> x_code{"x_code"};
  sc_core::sc_in<bool> row_en{"row_en"};
  sc_core::sc_in<bool> nudge_en{"nudge_en"};
  sc_core::sc_in<bool> nudge_sign{"nudge_sign"};
  sc_core::sc_in<std::uint32_t> sh_en{"sh_en"};
  sc_core::sc_in<bool> adc_start{"adc_start"};
  sc_core::sc_in<std::uint32_t> adc_bank{"adc_bank"};
  sc_core::sc_in<bool> upd_en{"upd_en"};
  sc_core::sc_in<std::uint32_t> upd_pol{"upd_pol"};
  sc_core::sc_vector<sc_core::sc_in<PulseLines>> row_pulse;
  sc_core::sc_vector<sc_core::sc_in<PulseLines>> col_pulse;
  sc_core::sc_out<bool> adc_done{"adc_done"};
  sc_core::sc_out<Codes> adc_data{"adc_data"};

  // Throws UserError for keys that this chip does not know.
  ResistiveAnalog(sc_core::sc_module_name module_name, const ChipConfig& config,
                  const learning::Network& network, double beta, std::uint64_t seed);
  ~ResistiveAnalog() override;

  // The host's side, only while the controller is idle. Targets in units of voltage, through the
  // nudging DAC; inputs of the ideal DAC in units of the inputs (without the gain).
  void set_target(Span<const double> target);
  void set_ideal_input(Span<const double> x);
  void set_sample_number(std::uint64_t sample);

  // The network that the devices make now, in units of conductance.
  learning::Network present_network() const;
  // Adds changes [units of conductance] by ideal writes; returns the number of cells cut.
  std::size_t write_ideal(const std::vector<Matrix>& change);

  double unit_s() const { return unit_s_; }
  // Conductance of a positive nudge [S].
  double nudge_s() const { return nudge_s_; }
  // What one pulse changes a conductance by, nominally, in units of conductance.
  double conductance_step() const;
  std::size_t layer_count() const { return banks_.size(); }
  const analog::ResistiveBank& bank(std::size_t l) const { return *banks_[l - 1]; }
  const analog::ResistiveTile& tile(std::size_t l) const { return *tiles_[l - 1]; }
  // Voltages of the sources in the present sample [V].
  Span<const double> source_v() const { return {source_v_.data(), source_v_.size()}; }
  const analog::PulseDeviceArray& devices(std::size_t l) const { return *devices_[l - 1]; }
  AnalogBridge& bridge() { return bridge_; }
  analog::Domain& domain() { return domain_; }
  const Adc& adc() const { return *adc_; }
  const InputDac& dac() const { return *dac_; }
  std::uint64_t programming_clipped() const { return programming_clipped_; }
  std::uint64_t nudge_conversions() const { return nudge_conversions_; }
  std::uint64_t nudge_clipped() const { return nudge_clipped_; }
  std::size_t stuck_cells() const { return stuck_cells_; }
  double array_energy_j() const { return array_energy_j_; }

  // max_i |C_i dV_i/dt| / G_i / V_s at the end of every sampled phase, G_i the conductance at the
  // node: how far it is from where it would settle if the others stood still.
  struct Settling {
    std::uint64_t phases = 0, unsettled = 0;
    double sum = 0.0, worst = 0.0;
  };
  const Settling& settling(std::size_t bank) const { return settling_[bank]; }

  // Everything that outlives a sample, as doubles and integers, for checkpoints.
  void save(std::vector<double>& values, std::vector<std::uint64_t>& counters) const;
  void restore(Span<const double> values, Span<const std::uint64_t> counters);

 private:
  void build_layers(const learning::Network& network, std::uint64_t seed);
  void build_converters(std::uint64_t seed);
  void program(const learning::Network& network, std::uint64_t seed);
  void begin_sample(Span<const double> channel_v);
  void on_control();
  void on_pulse();
  void book_energy();
  void measure_residual(std::size_t bank);

  ChipConfig config_;
  learning::Network shape_;
  double unit_s_;
  double nudge_s_;
  analog::Domain domain_;
  AnalogBridge bridge_;
  std::vector<std::unique_ptr<analog::PulseDeviceArray>> devices_;
  std::vector<std::unique_ptr<analog::ResistiveBank>> banks_;
  std::vector<std::unique_ptr<analog::ResistiveTile>> tiles_;
  std::unique_ptr<InputDac> dac_;
  std::unique_ptr<SampleHold> sample_hold_;
  std::unique_ptr<Adc> adc_;
  std::vector<double> source_v_, slope_;
  std::vector<std::uint32_t> columns_on_, cells_;
  std::vector<std::uint64_t> slots_;  // per tile: pulse slots with at least one pulse
  Settling settling_[sample_banks];
  double array_energy_j_ = 0.0;
  analog::Ticks booked_ = 0;
  bool driven_ = false;
  double nudge_now_s_ = 0.0;
  std::uint64_t sample_ = 0;
  std::uint64_t programming_clipped_ = 0;
  std::size_t stuck_cells_ = 0;
  std::vector<double> nudge_offset_v_;
  RandomStream nudge_noise_;
  std::uint64_t nudge_conversions_ = 0, nudge_clipped_ = 0;
};

}  // namespace memprop::hw
