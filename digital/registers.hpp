// Made by digital/generate_registers.py from digital/registers.toml: do not edit.
// The register map of the chip behind a bus: addresses, fields, and all of it as a table.
// Addresses in bytes, words of 32 bits. What the registers mean: docs/registers.md.
// clang-format off
#pragma once

#include <cstddef>
#include <cstdint>

namespace memprop::digital::registers {

struct Bits {
  std::uint32_t low, width;
  constexpr std::uint32_t mask() const {
    return (width == 32 ? 0xffffffffU : (1U << width) - 1U) << low;
  }
  constexpr std::uint32_t of(std::uint32_t word) const { return (word & mask()) >> low; }
  constexpr std::uint32_t at(std::uint32_t value) const { return (value << low) & mask(); }
};

constexpr std::uint32_t address_bits = 20;
constexpr std::uint32_t id_value = 0x6d706331;
constexpr std::uint32_t version_value = 0x00010002;

// Addresses; of arrays that of element k.
constexpr std::uint32_t id = 0x00000;
constexpr std::uint32_t version = 0x00004;
constexpr std::uint32_t capability = 0x00008;
constexpr std::uint32_t converters = 0x0000c;
constexpr std::uint32_t channels = 0x00010;
constexpr std::uint32_t width(std::size_t k) { return 0x00020 + 4 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t control = 0x00080;
constexpr std::uint32_t status = 0x00084;
constexpr std::uint32_t error = 0x00088;
constexpr std::uint32_t config_rule = 0x0008c;
constexpr std::uint32_t irq_enable = 0x00090;
constexpr std::uint32_t irq_status = 0x00094;
constexpr std::uint32_t mode = 0x00100;
constexpr std::uint32_t seed = 0x00104;
constexpr std::uint32_t max_pulses = 0x00108;
constexpr std::uint32_t stream_length = 0x0010c;
constexpr std::uint32_t accumulator_cell = 0x00110;
constexpr std::uint32_t accumulator = 0x00114;
constexpr std::uint32_t average = 0x00118;
constexpr std::uint32_t busy_cycles_lo = 0x00200;
constexpr std::uint32_t busy_cycles_hi = 0x00204;
constexpr std::uint32_t update_cycles_lo = 0x00208;
constexpr std::uint32_t update_cycles_hi = 0x0020c;
constexpr std::uint32_t row_cycles_lo = 0x00210;
constexpr std::uint32_t row_cycles_hi = 0x00214;
constexpr std::uint32_t conversions_lo = 0x00218;
constexpr std::uint32_t conversions_hi = 0x0021c;
constexpr std::uint32_t pulse_clipped_lo = 0x00220;
constexpr std::uint32_t pulse_clipped_hi = 0x00224;
constexpr std::uint32_t samples_lo = 0x00228;
constexpr std::uint32_t samples_hi = 0x0022c;
constexpr std::uint32_t table_drive(std::size_t k) { return 0x01000 + 16 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t table_cycles(std::size_t k) { return 0x01004 + 16 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t table_next(std::size_t k) { return 0x01008 + 16 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t tile_rate(std::size_t k) { return 0x02000 + 64 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t tile_row_rate(std::size_t k) { return 0x02004 + 64 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t tile_col_rate(std::size_t k) { return 0x02008 + 64 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t tile_row_threshold(std::size_t k) { return 0x0200c + 64 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t tile_col_threshold(std::size_t k) { return 0x02010 + 64 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t tile_bias_code(std::size_t k) { return 0x02014 + 64 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t tile_accumulate(std::size_t k) { return 0x02018 + 64 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t tile_pulses_up_lo(std::size_t k) { return 0x02020 + 64 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t tile_pulses_up_hi(std::size_t k) { return 0x02024 + 64 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t tile_pulses_down_lo(std::size_t k) { return 0x02028 + 64 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t tile_pulses_down_hi(std::size_t k) { return 0x0202c + 64 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t target0(std::size_t k) { return 0x04000 + 4 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t target1(std::size_t k) { return 0x06000 + 4 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t input0(std::size_t k) { return 0x10000 + 4 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t input1(std::size_t k) { return 0x20000 + 4 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t free_code(std::size_t k) { return 0x30000 + 4 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t positive_code(std::size_t k) { return 0x40000 + 4 * static_cast<std::uint32_t>(k); }
constexpr std::uint32_t negative_code(std::size_t k) { return 0x50000 + 4 * static_cast<std::uint32_t>(k); }

// Fields.
constexpr Bits version_minor{0, 16};
constexpr Bits version_major{16, 16};
constexpr Bits capability_tiles{0, 4};
constexpr Bits capability_bias{4, 1};
constexpr Bits capability_phase_rows{8, 8};
constexpr Bits capability_engines{16, 8};
constexpr Bits converters_input_bits{0, 8};
constexpr Bits converters_adc_bits{8, 8};
constexpr Bits converters_target_bits{16, 8};
constexpr Bits converters_accumulator_bits{24, 8};
constexpr Bits channels_count{0, 32};
constexpr Bits control_start{0, 1};
constexpr Bits control_soft_reset{1, 1};
constexpr Bits control_train{2, 1};
constexpr Bits control_bank{3, 1};
constexpr Bits status_busy{0, 1};
constexpr Bits status_training{1, 1};
constexpr Bits status_bank{2, 1};
constexpr Bits status_reset_due{3, 1};
constexpr Bits status_phase{4, 4};
constexpr Bits error_start_busy{0, 1};
constexpr Bits error_config{1, 1};
constexpr Bits error_reset_due{2, 1};
constexpr Bits config_rule_rule{0, 5};
constexpr Bits config_rule_training{8, 1};
constexpr Bits config_rule_row{16, 8};
constexpr Bits irq_enable_done{0, 1};
constexpr Bits irq_enable_error{1, 1};
constexpr Bits irq_status_done{0, 1};
constexpr Bits irq_status_error{1, 1};
constexpr Bits mode_engine{0, 3};
constexpr Bits mode_product{3, 1};
constexpr Bits mode_centred{4, 1};
constexpr Bits mode_random_sign{5, 1};
constexpr Bits max_pulses_count{0, 16};
constexpr Bits stream_length_slots{0, 16};
constexpr Bits accumulator_cell_column{0, 14};
constexpr Bits accumulator_cell_row{14, 15};
constexpr Bits accumulator_cell_tile{29, 3};
constexpr Bits average_log2{0, 3};
constexpr Bits table_drive_phase{0, 4};
constexpr Bits table_drive_x_dac_load{4, 1};
constexpr Bits table_drive_row_en{5, 1};
constexpr Bits table_drive_nudge_en{6, 1};
constexpr Bits table_drive_nudge_sign{7, 1};
constexpr Bits table_drive_sh_en{8, 3};
constexpr Bits table_drive_convert{11, 1};
constexpr Bits table_drive_adc_bank{12, 2};
constexpr Bits table_next_train{0, 8};
constexpr Bits table_next_infer{16, 8};
constexpr Bits tile_rate_mantissa{0, 16};
constexpr Bits tile_rate_shift{16, 7};
constexpr Bits tile_row_rate_mantissa{0, 16};
constexpr Bits tile_row_rate_shift{16, 6};
constexpr Bits tile_col_rate_mantissa{0, 16};
constexpr Bits tile_col_rate_shift{16, 6};
constexpr Bits tile_bias_code_code{0, 31};
constexpr Bits tile_accumulate_threshold{0, 24};

// Codes of fields.
enum class StatusPhase : std::uint32_t {
  idle = 0,
  load = 1,
  free = 2,
  sample0 = 3,
  nudgep = 4,
  samplep = 5,
  nudgen = 6,
  samplen = 7,
  update = 8,
  read = 9,
  adapt = 10,
};
constexpr const char* status_phase_names[] = {
    "idle",
    "load",
    "free",
    "sample0",
    "nudgep",
    "samplep",
    "nudgen",
    "samplen",
    "update",
    "read",
    "adapt",
};
enum class ConfigRuleRule : std::uint32_t {
  none = 0,
  table_empty = 1,
  table_successor = 2,
  table_endless = 3,
  table_idle_inside = 4,
  table_no_cycles = 5,
  table_adc_bank = 6,
  table_convert_in_update = 7,
  table_update_unsampled = 8,
  table_update_without_engine = 9,
  centred_differs = 10,
  random_sign_centred = 11,
  product_of_signs = 12,
  engine_not_built = 13,
  no_pulses = 14,
  no_slots = 15,
  rate_shift_range = 16,
  threshold_range = 17,
};
constexpr const char* config_rule_rule_names[] = {
    "none",
    "table_empty",
    "table_successor",
    "table_endless",
    "table_idle_inside",
    "table_no_cycles",
    "table_adc_bank",
    "table_convert_in_update",
    "table_update_unsampled",
    "table_update_without_engine",
    "centred_differs",
    "random_sign_centred",
    "product_of_signs",
    "engine_not_built",
    "no_pulses",
    "no_slots",
    "rate_shift_range",
    "threshold_range",
};
enum class ModeEngine : std::uint32_t {
  none = 0,
  pulse_count = 1,
  stochastic = 2,
  sign_sign = 3,
  accumulate = 4,
};
constexpr const char* mode_engine_names[] = {
    "none",
    "pulse_count",
    "stochastic",
    "sign_sign",
    "accumulate",
};

enum class Access : std::uint8_t { read_only, read_write, clear_by_one, write_only };
enum class Block : std::uint8_t { host, core };
enum class Half : std::uint8_t { none, low, high };
// What says how many elements of an array exist.
enum class Count : std::uint8_t { one, inputs, layers, neurons, outputs, phase_rows, tiles };

struct Entry {
  const char* name;
  std::uint32_t address, stride, most;  // of the first; most: the largest count
  Count count;
  Access access;
  Block block;
  std::uint32_t reset;  // after the bus reset; `built`: depends on the chip
  bool built;
  std::uint32_t read_mask, write_mask;
  bool idle_only, needs_reset;
  int bank;            // of a double-buffered memory, else -1
  bool code, is_signed;  // words of a converter's width
  Half half;           // of a counter
  bool first_is_zero;  // element 0 reads 0 and ignores writes
  bool numbers_rows;   // its fields number rows of the phase table
};

constexpr Entry entries[] = {
    {"ID", 0x00000, 0, 1, Count::one, Access::read_only, Block::host, 0x6d706331, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::none, false, false},
    {"VERSION", 0x00004, 0, 1, Count::one, Access::read_only, Block::host, 0x00010002, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::none, false, false},
    {"CAPABILITY", 0x00008, 0, 1, Count::one, Access::read_only, Block::host, 0x00000000, true, 0x00ffff1f, 0x00000000, false, false, -1, false, false, Half::none, false, false},
    {"CONVERTERS", 0x0000c, 0, 1, Count::one, Access::read_only, Block::host, 0x00000000, true, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::none, false, false},
    {"CHANNELS", 0x00010, 0, 1, Count::one, Access::read_only, Block::host, 0x00000000, true, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::none, false, false},
    {"WIDTH", 0x00020, 4, 9, Count::layers, Access::read_only, Block::host, 0x00000000, true, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::none, false, false},
    {"CONTROL", 0x00080, 0, 1, Count::one, Access::read_write, Block::host, 0x00000000, false, 0x0000000c, 0x0000000f, false, false, -1, false, false, Half::none, false, false},
    {"STATUS", 0x00084, 0, 1, Count::one, Access::read_only, Block::host, 0x00000000, false, 0x000000ff, 0x00000000, false, false, -1, false, false, Half::none, false, false},
    {"ERROR", 0x00088, 0, 1, Count::one, Access::clear_by_one, Block::host, 0x00000000, false, 0x00000007, 0x00000007, false, false, -1, false, false, Half::none, false, false},
    {"CONFIG_RULE", 0x0008c, 0, 1, Count::one, Access::read_only, Block::host, 0x00000000, false, 0x00ff011f, 0x00000000, false, false, -1, false, false, Half::none, false, false},
    {"IRQ_ENABLE", 0x00090, 0, 1, Count::one, Access::read_write, Block::host, 0x00000000, false, 0x00000003, 0x00000003, false, false, -1, false, false, Half::none, false, false},
    {"IRQ_STATUS", 0x00094, 0, 1, Count::one, Access::clear_by_one, Block::host, 0x00000000, false, 0x00000003, 0x00000003, false, false, -1, false, false, Half::none, false, false},
    {"MODE", 0x00100, 0, 1, Count::one, Access::read_write, Block::core, 0x00000000, false, 0x0000003f, 0x0000003f, true, true, -1, false, false, Half::none, false, false},
    {"SEED", 0x00104, 0, 1, Count::one, Access::read_write, Block::core, 0x00000000, false, 0xffffffff, 0xffffffff, true, true, -1, false, false, Half::none, false, false},
    {"MAX_PULSES", 0x00108, 0, 1, Count::one, Access::read_write, Block::core, 0x00000000, false, 0x0000ffff, 0x0000ffff, true, false, -1, false, false, Half::none, false, false},
    {"STREAM_LENGTH", 0x0010c, 0, 1, Count::one, Access::read_write, Block::core, 0x00000000, false, 0x0000ffff, 0x0000ffff, true, false, -1, false, false, Half::none, false, false},
    {"ACCUMULATOR_CELL", 0x00110, 0, 1, Count::one, Access::read_write, Block::core, 0x00000000, false, 0xffffffff, 0xffffffff, false, false, -1, false, false, Half::none, false, false},
    {"ACCUMULATOR", 0x00114, 0, 1, Count::one, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::none, false, false},
    {"AVERAGE", 0x00118, 0, 1, Count::one, Access::read_write, Block::core, 0x00000000, false, 0x00000007, 0x00000007, true, false, -1, false, false, Half::none, false, false},
    {"BUSY_CYCLES_LO", 0x00200, 0, 1, Count::one, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::low, false, false},
    {"BUSY_CYCLES_HI", 0x00204, 0, 1, Count::one, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::high, false, false},
    {"UPDATE_CYCLES_LO", 0x00208, 0, 1, Count::one, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::low, false, false},
    {"UPDATE_CYCLES_HI", 0x0020c, 0, 1, Count::one, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::high, false, false},
    {"ROW_CYCLES_LO", 0x00210, 0, 1, Count::one, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::low, false, false},
    {"ROW_CYCLES_HI", 0x00214, 0, 1, Count::one, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::high, false, false},
    {"CONVERSIONS_LO", 0x00218, 0, 1, Count::one, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::low, false, false},
    {"CONVERSIONS_HI", 0x0021c, 0, 1, Count::one, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::high, false, false},
    {"PULSE_CLIPPED_LO", 0x00220, 0, 1, Count::one, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::low, false, false},
    {"PULSE_CLIPPED_HI", 0x00224, 0, 1, Count::one, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::high, false, false},
    {"SAMPLES_LO", 0x00228, 0, 1, Count::one, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::low, false, false},
    {"SAMPLES_HI", 0x0022c, 0, 1, Count::one, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::high, false, false},
    {"TABLE_DRIVE", 0x01000, 16, 64, Count::phase_rows, Access::read_write, Block::core, 0x00000000, false, 0x00003fff, 0x00003fff, true, false, -1, false, false, Half::none, true, false},
    {"TABLE_CYCLES", 0x01004, 16, 64, Count::phase_rows, Access::read_write, Block::core, 0x00000000, false, 0xffffffff, 0xffffffff, true, false, -1, false, false, Half::none, false, false},
    {"TABLE_NEXT", 0x01008, 16, 64, Count::phase_rows, Access::read_write, Block::core, 0x00000000, false, 0x00ff00ff, 0x00ff00ff, true, false, -1, false, false, Half::none, false, true},
    {"TILE_RATE", 0x02000, 64, 8, Count::tiles, Access::read_write, Block::core, 0x00000000, false, 0x007fffff, 0x007fffff, true, false, -1, false, false, Half::none, false, false},
    {"TILE_ROW_RATE", 0x02004, 64, 8, Count::tiles, Access::read_write, Block::core, 0x00000000, false, 0x003fffff, 0x003fffff, true, false, -1, false, false, Half::none, false, false},
    {"TILE_COL_RATE", 0x02008, 64, 8, Count::tiles, Access::read_write, Block::core, 0x00000000, false, 0x003fffff, 0x003fffff, true, false, -1, false, false, Half::none, false, false},
    {"TILE_ROW_THRESHOLD", 0x0200c, 64, 8, Count::tiles, Access::read_write, Block::core, 0x00000000, false, 0xffffffff, 0xffffffff, true, false, -1, false, false, Half::none, false, false},
    {"TILE_COL_THRESHOLD", 0x02010, 64, 8, Count::tiles, Access::read_write, Block::core, 0x00000000, false, 0xffffffff, 0xffffffff, true, false, -1, false, false, Half::none, false, false},
    {"TILE_BIAS_CODE", 0x02014, 64, 8, Count::tiles, Access::read_write, Block::core, 0x00000000, false, 0x7fffffff, 0x7fffffff, true, false, -1, false, false, Half::none, false, false},
    {"TILE_ACCUMULATE", 0x02018, 64, 8, Count::tiles, Access::read_write, Block::core, 0x00000000, false, 0x00ffffff, 0x00ffffff, true, false, -1, false, false, Half::none, false, false},
    {"TILE_PULSES_UP_LO", 0x02020, 64, 8, Count::tiles, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::low, false, false},
    {"TILE_PULSES_UP_HI", 0x02024, 64, 8, Count::tiles, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::high, false, false},
    {"TILE_PULSES_DOWN_LO", 0x02028, 64, 8, Count::tiles, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::low, false, false},
    {"TILE_PULSES_DOWN_HI", 0x0202c, 64, 8, Count::tiles, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::high, false, false},
    {"TARGET0", 0x04000, 4, 2048, Count::outputs, Access::read_write, Block::host, 0x00000000, false, 0xffffffff, 0xffffffff, false, false, 0, true, true, Half::none, false, false},
    {"TARGET1", 0x06000, 4, 2048, Count::outputs, Access::read_write, Block::host, 0x00000000, false, 0xffffffff, 0xffffffff, false, false, 1, true, true, Half::none, false, false},
    {"INPUT0", 0x10000, 4, 16384, Count::inputs, Access::read_write, Block::core, 0x00000000, false, 0xffffffff, 0xffffffff, false, false, 0, true, false, Half::none, false, false},
    {"INPUT1", 0x20000, 4, 16384, Count::inputs, Access::read_write, Block::core, 0x00000000, false, 0xffffffff, 0xffffffff, false, false, 1, true, false, Half::none, false, false},
    {"FREE_CODE", 0x30000, 4, 16384, Count::neurons, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::none, false, false},
    {"POSITIVE_CODE", 0x40000, 4, 16384, Count::neurons, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::none, false, false},
    {"NEGATIVE_CODE", 0x50000, 4, 16384, Count::neurons, Access::read_only, Block::core, 0x00000000, false, 0xffffffff, 0x00000000, false, false, -1, false, false, Half::none, false, false},
};

}  // namespace memprop::digital::registers
