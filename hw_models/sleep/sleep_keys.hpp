// What a designer chooses about a chip's sleep mode (sleep_mode.hpp). SI units.
#pragma once

#include <cstdint>

namespace memprop::hw {

// pulses: of programming, on G-; ideal_write: the wanted change exactly (device model "ideal").
enum class SleepWrite { pulses, ideal_write };

struct SleepKeys {
  bool used = false;  // set for a chip that will sleep: its columns are driven to sense signs
  SleepWrite write = SleepWrite::pulses;
  std::uint32_t drive_cycles = 10;   // of a tile in each step: the leak switches are closed
  std::uint32_t pulse_cycles = 10;   // the last ones of them: the rows are driven
  std::uint32_t sense_cycles = 2;    // the signs of a column's cells are read
  std::uint32_t max_pulses = 31;     // most pulses of a cell in a step
  double row_voltage_v = 0.0;        // of a row that spikes; 0: V_s
  double rail_v = 0.0;               // largest voltage of a soma, either sign; 0: unlimited
  double comparator_offset_v = 0.0;  // sigma per column
  double comparator_noise_v = 0.0;   // rms of a decision
  double comparator_energy_j = 0.0;  // of a decision
  unsigned threshold_bits = 0;       // of the threshold DACs; 0: exact
  double threshold_range_v = 1.0;    // their full scale
  double sense_offset_s = 0.0;       // sigma per row of the sign sense, as a difference G+ - G-
};

}  // namespace memprop::hw
