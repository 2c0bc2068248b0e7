// Cells that do not work, drawn once from the seed, single or in clusters.
//
// Clustered faults: whole rows, columns and square blocks of an array are drawn first, then single
// cells among the rest. A fault says what the cell keeps for ever.
//     STREAM/fault  cells: index = cell; rows, columns, blocks: own events
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "analog/memristor/pulse_device_array.hpp"

namespace memprop::analog {

enum class Fault : unsigned char { none, stuck_low, stuck_high, stuck_random, open, shorted };

struct FaultConfig {
  // Fractions of the cells; all 0: off.
  double stuck_low = 0.0, stuck_high = 0.0, stuck_random = 0.0, open = 0.0, shorted = 0.0;
  // Range of stuck_random as part of the window, conductance of a short [S].
  double random_from = 0.0, random_to = 1.0;
  double short_s = 1e-3;
  // Fractions of the rows and columns that are broken (open), and of square blocks of block_size
  // that are stuck at G_min.
  double open_rows = 0.0, open_columns = 0.0, stuck_blocks = 0.0;
  std::size_t block_size = 8;

  bool any() const {
    return stuck_low > 0.0 || stuck_high > 0.0 || stuck_random > 0.0 || open > 0.0 ||
           shorted > 0.0 || open_rows > 0.0 || open_columns > 0.0 || stuck_blocks > 0.0;
  }
};

// Cells are numbered column by column: cell = column * rows + row. Throws UserError for fractions
// below 0 or of more than 1 together.
std::vector<Fault> draw_faults(const FaultConfig& config, std::size_t rows, std::size_t columns,
                               std::uint64_t seed, std::string_view stream);

// Sticks the faulty cells of the array; returns how many there are.
std::size_t apply_faults(PulseDeviceArray& array, const std::vector<Fault>& faults,
                         const FaultConfig& config, std::uint64_t seed, std::string_view stream);

}  // namespace memprop::analog
