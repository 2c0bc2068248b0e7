// Everything on the analog side of the border of ep-circuits 2.7: DACs, crossbar tiles, neurons,
// sample-and-hold, ADC, around one analog domain. Whoever drives the pins is the controller.
#pragma once

#include <memory>
#include <systemc>
#include <vector>

#include "analog/domain/domain.hpp"
#include "hw_models/analog_bridge.hpp"
#include "hw_models/chip_config.hpp"
#include "hw_models/converter/adc.hpp"
#include "hw_models/converter/cell_converter.hpp"
#include "hw_models/converter/channel_errors.hpp"
#include "hw_models/converter/input_dac.hpp"
#include "hw_models/converter/sample_hold.hpp"
#include "hw_models/crossbar_tile_module.hpp"
#include "hw_models/dendrites/branch_modules.hpp"
#include "hw_models/neuron_adaptation.hpp"
#include "hw_models/neuron_bank_module.hpp"
#include "hw_models/pins/bus_types.hpp"
#include "hw_models/slot_clock.hpp"
#include "hw_models/tile_layout.hpp"
#include "hw_models/twins.hpp"
#include "learning/network/network.hpp"

namespace memprop::hw {

class AnalogChip : public sc_core::sc_module {
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
  OpenIn adc_group{"adc_group"};  // of the lines that are converted
  sc_core::sc_in<bool> upd_en{"upd_en"};
  sc_core::sc_in<std::uint32_t> upd_pol{"upd_pol"};
  sc_core::sc_vector<sc_core::sc_in<PulseLines>> row_pulse;
  sc_core::sc_vector<sc_core::sc_in<PulseLines>> col_pulse;
  sc_core::sc_out<bool> adc_done{"adc_done"};
  sc_core::sc_out<Codes> adc_data{"adc_data"};

  // Builds a chip for the network and programs its weights. beta: nudging strength beta_c.
  AnalogChip(sc_core::sc_module_name module_name, const ChipConfig& config,
             const learning::Network& network, double beta, std::uint64_t seed);
  ~AnalogChip() override;

  // The host's side, only while the controller is idle.
  // Targets of the output layer in units of activity, through the nudging DAC.
  void set_target(Span<const double> target);
  void set_ideal_input(Span<const double> x);  // ideal input DAC only, in units of V_s
  void set_sample_number(std::uint64_t sample) {
    sample_ = sample;
    dac_->begin_sample(sample);  // it converts before the rest of the chip begins the sample
  }

  // The weights as the neurons see them, w = m (G+ - G-)/g_L with the nominal leak.
  learning::Network present_network() const;
  // Adds a weight change (of all tiles) by ideal writes; returns the number of cells cut.
  std::size_t write_ideal(const std::vector<Matrix>& change);

  // Leaves the idle chip alone: its cells age.
  void wait(double seconds) {
    for (auto& tile_module : tiles_) tile_module->wait(seconds);
  }

  // Plants a fault: the activity line of one neuron (layer 1..L) gets another gain.
  void plant_line_gain(std::size_t l, std::size_t neuron, double gain);

  // Mirror ratio m of a tile (1..), w = m (G+ - G-) / g_L. The tile is read with a m and b m, the
  // gains of the network, which are no part of a weight.
  double mirror(std::size_t l) const { return mirror_[l - 1]; }
  // What one pulse changes a weight of tile l by, nominally.
  double weight_step(std::size_t l) const;
  double voltage_scale_v() const { return voltage_scale_v_; }
  // As it was built: with what the rule makes of chip.adaptation.
  const ChipConfig& config() const { return config_; }
  std::size_t layer_count() const { return banks_.size(); }
  // More than layers with links or dendritic neurons: behind tiles 1..L those of the links, or of
  // the apical branches of layers 1..L-1 (tile_layout.hpp).
  std::size_t tile_count() const { return tiles_.size(); }
  const TileLayout& layout(std::size_t tile) const { return layout_[tile - 1]; }
  // The branches at the columns of a tile, and their comparators' bits; null for point neurons.
  const BranchBankModule* branches(std::size_t tile) const {
    return branches_.empty() ? nullptr : branches_[tile - 1].get();
  }
  const BranchLatch* branch_latch() const { return branch_latch_.get(); }
  const NeuronBankModule& bank(std::size_t l) const { return *banks_[l - 1]; }
  CrossbarTileModule& tile(std::size_t l) { return *tiles_[l - 1]; }
  const CrossbarTileModule& tile(std::size_t l) const { return *tiles_[l - 1]; }
  // The second copies of the neurons; null without chip.twin.
  const Twins* twins() const { return twins_.get(); }
  // The circuits of neuronal adaptation; null without chip.adaptation.
  const NeuronAdaptation* adaptation() const { return adaptation_.get(); }
  // The converter of write-verify; null for the other update circuits.
  CellConverter* cell_reader() { return cell_converter_.get(); }
  const CellConverter* cell_reader() const { return cell_converter_.get(); }
  // What has been refreshed of pairs that are written by RESET alone, and the clock cycles it took
  // beside those of the controller.
  struct Refreshes {
    std::uint64_t pairs = 0, pulses = 0, cycles = 0;
  };
  const Refreshes& refreshes() const { return refreshes_; }
  AnalogBridge& bridge() { return bridge_; }
  const SampleHold& sample_hold() const { return *sample_hold_; }
  Adc& adc() { return *adc_; }
  const Adc& adc() const { return *adc_; }
  InputDac& dac() { return *dac_; }
  const InputDac& dac() const { return *dac_; }
  std::uint64_t programming_clipped() const { return programming_clipped_; }
  // Conversions of the nudging DAC, and those more than one step outside its range.
  std::uint64_t nudge_conversions() const { return nudge_conversions_; }
  std::uint64_t nudge_clipped() const { return nudge_clipped_; }
  // The weights with the second array of option A2 as feedback weights of their own.
  learning::Network present_network_with_feedback() const;

  // Settling residual of every sampled phase, read noise aside: max_i |C_i/g_L,i dV_i/dt| / V_s.
  struct Settling {
    std::uint64_t phases = 0, unsettled = 0;
    double sum = 0.0, worst = 0.0;
  };
  const Settling& settling(std::size_t bank) const { return settling_[bank]; }
  double last_residual(std::size_t bank) const { return last_residual_[bank]; }

  // Everything that outlives a sample, as doubles and integers, for checkpoints.
  void save(std::vector<double>& values, std::vector<std::uint64_t>& counters) const;
  void restore(Span<const double> values, Span<const std::uint64_t> counters);

 private:
  void begin_sample(Span<const double> row_v);
  void add_twin(std::size_t l, analog::NeuronBankConfig bank, double nudge_s);
  analog::DevicePairsConfig pairs_of(const TileLayout& tile, std::uint64_t seed) const;
  analog::CrossbarTileConfig tile_of(const TileLayout& tile, std::uint64_t seed) const;
  void add_tile(std::size_t number, std::uint64_t seed);
  void add_branches(std::uint64_t seed);
  void program_apical(const learning::Network& network);
  void read_apical(learning::Network& network) const;
  double branch_residual() const;
  void program_links(const learning::Network& network);
  void read_links(learning::Network& network) const;
  void add_adaptation(std::uint64_t seed);
  void set_input_loads();
  void set_rows(Span<const double> row_v);
  void on_phase();
  void refresh_pairs();
  void measure_residual(std::size_t bank);
  void program(const learning::Network& network);

  ChipConfig config_;
  learning::Network shape_;  // sizes, gains, activations, time constants, masks
  std::vector<TileLayout> layout_;
  double voltage_scale_v_;
  analog::Domain domain_;
  AnalogBridge bridge_;
  std::vector<std::unique_ptr<NeuronBankModule>> banks_;
  std::vector<std::unique_ptr<CrossbarTileModule>> tiles_;
  std::vector<std::unique_ptr<BranchBankModule>> branches_;  // by tile; none of point neurons
  std::unique_ptr<BranchLatch> branch_latch_;
  std::unique_ptr<Twins> twins_;
  std::unique_ptr<NeuronAdaptation> adaptation_;
  std::unique_ptr<InputDac> dac_;
  std::unique_ptr<SampleHold> sample_hold_;
  std::unique_ptr<Adc> adc_;
  std::unique_ptr<SlotClock> slots_;
  sc_core::sc_signal<bool> fwd_bwd_{"fwd_bwd"};
  std::vector<double> mirror_;
  std::vector<double> slope_;
  Settling settling_[sample_banks];
  double last_residual_[sample_banks] = {0, 0, 0};
  std::uint64_t sample_ = 0;
  std::uint64_t programming_clipped_ = 0;
  ChannelErrors nudge_errors_;
  RandomStream nudge_noise_;
  std::uint64_t nudge_conversions_ = 0, nudge_clipped_ = 0;
  std::unique_ptr<CellConverter> cell_converter_;
  std::uint64_t updates_ = 0;  // samples with an UPDATE phase
  bool updating_ = false;
  Refreshes refreshes_;
};

}  // namespace memprop::hw
