// The second reading of a tile's cells for the second copies of the neurons (twins): the same
// devices, lines and sense amplifiers of its own. Writing stays with the CrossbarTileModule.
#pragma once

#include <systemc>

#include "analog/crossbar/crossbar_tile.hpp"
#include "hw_models/analog_bridge.hpp"

namespace memprop::hw {

class TwinTileModule : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> row_en{"row_en"};
  sc_core::sc_in<bool> fwd_bwd{"fwd_bwd"};
  sc_core::sc_in<std::uint32_t> phase{"phase"};

  TwinTileModule(sc_core::sc_module_name module_name, AnalogBridge& bridge,
                 analog::CrossbarTileConfig config, const analog::LineCells& pairs,
                 const analog::LineCells* feedback);

  analog::CrossbarTile& tile() { return tile_; }
  const analog::CrossbarTile& tile() const { return tile_; }
  double array_energy_j() const { return array_energy_j_; }
  void restore(double array_energy_j) { array_energy_j_ = array_energy_j; }
  void begin_sample(std::uint64_t sample);

 private:
  void on_control();
  void book_energy();

  AnalogBridge& bridge_;
  analog::CrossbarTile tile_;
  double array_energy_j_ = 0.0;
  analog::Ticks booked_ = 0;
};

}  // namespace memprop::hw
