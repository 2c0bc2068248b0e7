// Whether a configuration in registers can run, by the rules and in the order in which
// rtl/bus/memprop_config_check.sv looks at them when a start follows a change of the configuration.
#pragma once

#include <cstdint>
#include <vector>

#include "digital/register_map.hpp"

namespace memprop::digital {

struct TableWords {
  std::uint32_t drive = 0, cycles = 0, next = 0;
};

struct TileWords {
  std::uint32_t rate = 0, row_rate = 0, col_rate = 0, row_threshold = 0, col_threshold = 0,
                bias_code = 0, accumulate = 0;
};

// The configuration registers of the block "core", as words.
struct ConfigWords {
  std::uint32_t mode = 0, seed = 0, max_pulses = 0, stream_length = 0, average = 0;
  std::vector<TableWords> table;  // PHASE_ROWS
  std::vector<TileWords> tile;    // TILES
};

// The word of CONFIG_RULE: 0 if the configuration can run, else the first rule that it breaks, the
// row or tile, and whether on the path of training samples. The table's rules are those of
// check_phase_table() for the rows that a sample can reach; order: MODE, MAX_PULSES,
// STREAM_LENGTH, TILE_RATE, TILE_ACCUMULATE, the training path from its first row on, the path of
// inference.
std::uint32_t check_config_words(const ConfigWords& words, const ChipBuild& build);

}  // namespace memprop::digital
