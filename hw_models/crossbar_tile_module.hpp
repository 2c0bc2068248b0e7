// A crossbar tile as a SystemC module: driven by row_en, read in the direction of fwd_bwd, written
// by coincident row and column pulses.
#pragma once

#include <systemc>
#include <vector>

#include "analog/crossbar/crossbar_tile.hpp"
#include "analog/crossbar/device_pairs.hpp"
#include "hw_models/analog_bridge.hpp"
#include "hw_models/pins/bus_types.hpp"

namespace memprop::hw {

class CrossbarTileModule : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"};
  sc_core::sc_in<bool> row_en{"row_en"};
  sc_core::sc_in<bool> fwd_bwd{"fwd_bwd"};       // A1 slots: high is forward
  sc_core::sc_in<std::uint32_t> phase{"phase"};  // energy is booked at every change of phase
  sc_core::sc_in<bool> upd_en{"upd_en"};
  sc_core::sc_in<std::uint32_t> upd_pol{"upd_pol"};  // bit of this tile: SET
  sc_core::sc_in<PulseLines> row_pulse{"row_pulse"};
  sc_core::sc_in<PulseLines> col_pulse{"col_pulse"};

  // `feedback` with a name makes a second array (option A2); it takes the same pulses unless
  // feedback_fixed.
  CrossbarTileModule(sc_core::sc_module_name module_name, AnalogBridge& bridge,
                     analog::CrossbarTileConfig config, const analog::DevicePairsConfig& pairs,
                     const analog::DevicePairsConfig& feedback, bool feedback_fixed,
                     unsigned tile_index);

  analog::CrossbarTile& tile() { return *tile_; }
  const analog::CrossbarTile& tile() const { return *tile_; }
  analog::DevicePairs& pairs() { return pairs_; }
  const analog::DevicePairs& pairs() const { return pairs_; }
  analog::DevicePairs* feedback_pairs() { return feedback_.get(); }  // null without option A2
  const analog::DevicePairs* feedback_pairs() const { return feedback_.get(); }

  double array_energy_j() const { return array_energy_j_; }
  std::uint64_t slots() const { return slots_; }  // pulse slots with at least one pulse
  // For checkpoints.
  void restore(double array_energy_j, std::uint64_t slots) {
    array_energy_j_ = array_energy_j;
    slots_ = slots;
  }
  // Books the energy since the last booking; called at changes of phase and direction.
  void begin_sample(std::uint64_t sample);

 private:
  void on_control();
  void on_pulse();
  void book_energy();

  AnalogBridge& bridge_;
  analog::DevicePairs pairs_;
  std::unique_ptr<analog::DevicePairs> feedback_;
  bool feedback_fixed_;
  std::unique_ptr<analog::CrossbarTile> tile_;
  unsigned tile_index_;
  std::vector<std::uint32_t> columns_on_, cells_;
  std::uint64_t slots_ = 0;
  double array_energy_j_ = 0.0;
  analog::Ticks booked_ = 0;
};

}  // namespace memprop::hw
