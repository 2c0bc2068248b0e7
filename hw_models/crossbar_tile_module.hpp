// A crossbar tile as a SystemC module: driven by row_en, read in the direction of fwd_bwd, written
// by coincident row and column pulses.
#pragma once

#include <systemc>
#include <vector>

#include "analog/crossbar/cell_clock.hpp"
#include "analog/crossbar/crossbar_tile.hpp"
#include "analog/crossbar/device_pairs.hpp"
#include "analog/crossbar/effective_pairs.hpp"
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

  // What stands between the devices and the lines; cell_grid: on which it changes within a sample.
  struct Effects {
    analog::EffectivePairsConfig forward, feedback;
    analog::Ticks cell_grid = 1000000;
  };

  // `feedback` with a name makes a second array (option A2); it takes the same pulses unless
  // feedback_fixed.
  CrossbarTileModule(sc_core::sc_module_name module_name, AnalogBridge& bridge,
                     analog::CrossbarTileConfig config, const analog::DevicePairsConfig& pairs,
                     const analog::DevicePairsConfig& feedback, bool feedback_fixed,
                     unsigned tile_index, const Effects& effects);

  analog::CrossbarTile& tile() { return *tile_; }
  const analog::CrossbarTile& tile() const { return *tile_; }
  analog::DevicePairs& pairs() { return pairs_; }
  const analog::DevicePairs& pairs() const { return pairs_; }
  analog::DevicePairs* feedback_pairs() { return feedback_.get(); }  // null without option A2
  const analog::DevicePairs* feedback_pairs() const { return feedback_.get(); }
  // The arrays as the lines see them; null where nothing stands in between.
  const analog::EffectivePairs* cells() const { return cells_.get(); }
  const analog::EffectivePairs* feedback_cells() const { return feedback_cells_.get(); }
  // What the lines see of the arrays, with or without something in between.
  const analog::LineCells& line_cells() const;
  const analog::LineCells* feedback_line_cells() const;  // null without option A2
  // Around a write of all cells at once; anew: to quite other conductances.
  void before_write();
  void after_write(bool anew);
  // The chip is left alone.
  void wait(double seconds);

  // Of a chip that sleeps (sleep/sleep_mode.hpp), while the controller is idle: a pulse on G-
  // alone, or an exact change of G+ - G- by it (device model "ideal"); a second array takes the
  // same.
  void pulse_minus(Span<const std::uint32_t> cells, bool up);
  void add_minus(Span<const std::uint32_t> cells, double difference_s);
  // Time passes for the cells; lines see what it and pulses have changed.
  void pass(double seconds);

  double array_energy_j() const { return array_energy_j_; }
  std::uint64_t slots() const { return slots_; }  // pulse slots with at least one pulse
  // For checkpoints.
  void restore(double array_energy_j, std::uint64_t slots) {
    array_energy_j_ = array_energy_j;
    slots_ = slots;
  }
  std::vector<double> save_cells() const;
  void restore_cells(Span<const double> state);
  // Books the energy since the last booking; called at changes of phase and direction.
  void begin_sample(std::uint64_t sample);

 private:
  void on_control();
  void on_pulse();
  void book_energy();
  void end_sample();
  std::vector<analog::EffectivePairs*> all_cells() const;
  void pulse(analog::DevicePairs& pairs, analog::EffectivePairs* cells, bool up);

  AnalogBridge& bridge_;
  analog::DevicePairs pairs_;
  std::unique_ptr<analog::DevicePairs> feedback_;
  bool feedback_fixed_;
  std::unique_ptr<analog::EffectivePairs> cells_, feedback_cells_;
  std::unique_ptr<analog::CrossbarTile> tile_;
  std::unique_ptr<analog::CellClock> cell_clock_;
  bool in_sample_ = false;
  unsigned tile_index_;
  std::vector<std::uint32_t> columns_on_, pulsed_;
  std::uint64_t slots_ = 0;
  double array_energy_j_ = 0.0;
  analog::Ticks booked_ = 0;
};

}  // namespace memprop::hw
