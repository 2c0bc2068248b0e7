// What a designer says about the cells of the tiles beyond the device's own pulses: wires, noise
// and ageing of the cells. Everything is off by default. SI units.
#pragma once

#include <cstdint>
#include <string>

#include "analog/crossbar/wired_config.hpp"
#include "analog/crossbar/wired_pairs.hpp"
#include "analog/noise/retention.hpp"

namespace memprop::hw {

struct WiresConfig {
  std::string technology;                    // resistance per cell by node; "": as given below
  double row_ohm = 0.0, column_ohm = 0.0;    // of one cell's length; 0: no wires at all
  double driver_ohm = 0.0, sense_ohm = 0.0;  // of a driven line's source, a sensed one's input
  analog::LineEnds drive = analog::LineEnds::near, sense = analog::LineEnds::near;
  double transistor_ohm = 0.0;      // of each cell (1T1R); 0: none (1R)
  double transistor_limit_a = 0.0;  // its saturation current; 0: none
  analog::PairPlacement placement = analog::PairPlacement::adjacent_columns;
  std::uint32_t refresh_every = 1;  // updates between exact reductions
  bool follow = true;               // to first order in between

  bool any() const { return !technology.empty() || row_ohm > 0.0 || column_ohm > 0.0; }
};

enum class RetentionLaw { none, power, pcm, decay };

struct RetentionKeys {
  RetentionLaw law = RetentionLaw::none;
  double exponent = 0.0;       // nu of the power law
  double spread = 0.0;         // of nu, or of ln tau
  double start_s = 20.0;       // t_0 of the power law
  double time_s = 0.0;         // tau of the decay
  double rest = 0.5;           // where it ends, as part of the window
  double activation_ev = 0.0;  // ageing at chip.temperature against 300 K
  double pause_s = 0.0;        // between two samples
  double before_test_s = 0.0;  // the chip is left alone for so long before each test
};

struct NoiseConfig {
  double read = 0.0;                   // relative rms of a cell's conductance within the bandwidth
  double correlation_time_s = 100e-9;  // of the read noise
  double grid_s = 50e-9;               // grid on which it changes
  bool thermal = false;                // 4 k_B T G of every cell, in the same bandwidth
  bool shot = false;                   // 2 q |i| of every cell, in the same bandwidth
  double telegraph = 0.0;              // median relative amplitude of a cell's trap
  double telegraph_spread = 0.0;       // of its logarithm, cell to cell
  double capture_s = 1e-3, emission_s = 3e-3;          // mean dwell times of the trap
  double flicker = 0.0;                                // S/G^2 at 1 Hz
  double flicker_fast_s = 1e-6, flicker_slow_s = 1.0;  // range of the traps' times
  double cell_grid_s = 1e-6;  // grid on which telegraph noise, 1/f noise and ageing proceed
};

}  // namespace memprop::hw
