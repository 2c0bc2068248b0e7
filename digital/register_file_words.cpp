// What the registers read, and how the configuration's words become a controller.
#include <algorithm>
#include <string>

#include "digital/register_file.hpp"
#include "solvers/error.hpp"

namespace memprop::digital {

namespace {

namespace reg = registers;

PhaseRow row_of(const TableWords& words) {
  PhaseRow row;
  row.phase = static_cast<Phase>(reg::table_drive_phase.of(words.drive));
  row.cycles = words.cycles;
  row.x_dac_load = reg::table_drive_x_dac_load.of(words.drive) != 0;
  row.row_en = reg::table_drive_row_en.of(words.drive) != 0;
  row.nudge_en = reg::table_drive_nudge_en.of(words.drive) != 0;
  row.nudge_sign = reg::table_drive_nudge_sign.of(words.drive) != 0;
  row.sh_en = static_cast<std::uint8_t>(reg::table_drive_sh_en.of(words.drive));
  row.convert = reg::table_drive_convert.of(words.drive) != 0;
  row.adc_bank = static_cast<std::uint8_t>(reg::table_drive_adc_bank.of(words.drive));
  row.next_train = reg::table_next_train.of(words.next);
  row.next_infer = reg::table_next_infer.of(words.next);
  return row;
}

// Rows that no sample reaches may hold anything; a controller's table has to be whole.
PhaseTable table_of(const std::vector<TableWords>& words) {
  std::vector<bool> reached(words.size(), false);
  for (const auto& field : {reg::table_next_train, reg::table_next_infer}) {
    std::uint32_t k = 0;
    do {
      reached[k] = true;
      k = field.of(words[k].next);
    } while (k != 0);
  }
  PhaseTable table;
  for (std::size_t k = 0; k < words.size(); ++k) {
    table.push_back(row_of(words[k]));
    if (reached[k]) continue;
    table.back() = PhaseRow{};
    table.back().phase = Phase::read;
    table.back().cycles = 1;
  }
  return table;
}

UpdateCircuit circuit_of(std::uint32_t engine) {
  switch (static_cast<reg::ModeEngine>(engine)) {
    case reg::ModeEngine::none:
      return UpdateCircuit::none;
    case reg::ModeEngine::pulse_count:
      return UpdateCircuit::pulse_count;
    case reg::ModeEngine::stochastic:
      return UpdateCircuit::stochastic;
    case reg::ModeEngine::sign_sign:
      return UpdateCircuit::sign_sign;
    case reg::ModeEngine::accumulate:
      return UpdateCircuit::accumulate;
  }
  throw InternalError("register file: engine code " + std::to_string(engine));
}

}  // namespace

ControllerConfig RegisterFile::controller_config() const {
  ControllerConfig config;
  config.widths = build_.widths;
  config.bias = build_.bias;
  config.x_full_scale = (1U << build_.input_bits) - 1;
  config.adc_full_scale = (1U << (build_.adc_bits - 1)) - 1;
  config.table = table_of(config_.table);
  config.missing_codes_throw = false;  // the table is the host's
  config.adc_channels = build_.channels;
  config.adc_average = 1U << std::min(reg::average_log2.of(config_.average), 4U);
  config.random_sign = reg::mode_random_sign.of(config_.mode) != 0;
  config.product_form = reg::mode_product.of(config_.mode) != 0;
  config.predictive_form = reg::mode_predictive.of(config_.mode) != 0;
  config.circuit = circuit_of(reg::mode_engine.of(config_.mode));
  // The checks of the other circuits' registers have no say here.
  const bool accumulates = config.circuit == UpdateCircuit::accumulate;
  const bool counts = config.circuit == UpdateCircuit::pulse_count || accumulates;
  if (accumulates) config.accumulator_bits = build_.accumulator_bits;
  config.max_pulses = std::max(config_.max_pulses, 1U);
  config.stream_length = std::max(config_.stream_length, 1U);
  config.seed = config_.seed;
  for (const TileWords& words : config_.tile) {
    TileUpdateRegisters tile;
    tile.rate_mantissa = reg::tile_rate_mantissa.of(words.rate);
    tile.rate_shift = counts ? reg::tile_rate_shift.of(words.rate) : 16;
    tile.row_mantissa = reg::tile_row_rate_mantissa.of(words.row_rate);
    tile.row_shift = reg::tile_row_rate_shift.of(words.row_rate);
    tile.col_mantissa = reg::tile_col_rate_mantissa.of(words.col_rate);
    tile.col_shift = reg::tile_col_rate_shift.of(words.col_rate);
    tile.row_threshold = words.row_threshold;
    tile.col_threshold = words.col_threshold;
    if (accumulates) tile.accumulate_threshold = words.accumulate;
    config.tile.push_back(tile);
    if (build_.bias) {
      const bool first = config.bias_code.empty();
      const std::uint32_t largest = first ? config.x_full_scale : config.adc_full_scale;
      config.bias_code.push_back(words.bias_code & largest);
    }
  }
  return config;
}

// Builds the controller that the configuration asks for. Shift registers and counters go on unless
// a reset came between; so do the latches, which a controller's saved state does not hold.
void RegisterFile::apply_config() {
  if (!config_changed_) return;
  auto next = std::make_unique<Controller>(controller_config());
  if (!seeds_due_) {
    next->restore(controller_->save());
    for (std::size_t bank = 0; bank < 3; ++bank) {
      next->set_latched(bank, controller_->latched(bank));
    }
  }
  controller_ = std::move(next);
  config_changed_ = seeds_due_ = false;
}

std::int32_t RegisterFile::latched(std::size_t bank, std::size_t k) const {
  return resetting() ? 0 : controller_->latched(bank)[k];
}

std::int32_t RegisterFile::accumulator() const {
  const std::uint32_t tile = reg::accumulator_cell_tile.of(accumulator_cell_);
  const std::uint32_t row = reg::accumulator_cell_row.of(accumulator_cell_);
  const std::uint32_t column = reg::accumulator_cell_column.of(accumulator_cell_);
  const auto engine = static_cast<reg::ModeEngine>(reg::mode_engine.of(config_.mode));
  const bool kept = engine == reg::ModeEngine::accumulate;
  if (!kept || resetting() || tile + 1 >= build_.widths.size()) return 0;
  const auto cells = controller_->accumulators(tile);
  const std::size_t columns = build_.widths[tile + 1];
  const std::size_t at = row * columns + column;
  return column < columns && at < cells.size() ? cells[at] : 0;
}

std::uint32_t* RegisterFile::config_word(const RegisterMap::Place& place) {
  const std::size_t k = place.index;
  const std::uint32_t first = place.entry->address;
  if (first == reg::mode) return &config_.mode;
  if (first == reg::seed) return &config_.seed;
  if (first == reg::max_pulses) return &config_.max_pulses;
  if (first == reg::stream_length) return &config_.stream_length;
  if (first == reg::average) return &config_.average;
  if (first == reg::accumulator_cell) return &accumulator_cell_;
  if (first == reg::table_drive(0)) return &config_.table[k].drive;
  if (first == reg::table_cycles(0)) return &config_.table[k].cycles;
  if (first == reg::table_next(0)) return &config_.table[k].next;
  if (first == reg::tile_rate(0)) return &config_.tile[k].rate;
  if (first == reg::tile_row_rate(0)) return &config_.tile[k].row_rate;
  if (first == reg::tile_col_rate(0)) return &config_.tile[k].col_rate;
  if (first == reg::tile_row_threshold(0)) return &config_.tile[k].row_threshold;
  if (first == reg::tile_col_threshold(0)) return &config_.tile[k].col_threshold;
  if (first == reg::tile_bias_code(0)) return &config_.tile[k].bias_code;
  if (first == reg::tile_accumulate(0)) return &config_.tile[k].accumulate;
  return nullptr;
}

std::uint32_t RegisterFile::status() const {
  const auto phase = resetting() ? Phase::idle : controller_->outputs().phase;
  return reg::status_busy.at(busy()) | reg::status_training.at(active_training_) |
         reg::status_bank.at(static_cast<std::uint32_t>(active_bank_)) |
         reg::status_reset_due.at(reset_due_) |
         reg::status_phase.at(static_cast<std::uint32_t>(phase));
}

std::uint32_t RegisterFile::host_word(const RegisterMap::Place& place) const {
  const std::uint32_t first = place.entry->address;
  const auto tiles = static_cast<std::uint32_t>(build_.widths.size() - 1);
  switch (first) {
    case reg::id:
    case reg::version:
      return place.entry->reset;
    case reg::capability:
      return reg::capability_tiles.at(tiles) | reg::capability_bias.at(build_.bias) |
             reg::capability_phase_rows.at(build_.phase_rows) |
             reg::capability_engines.at(build_.engines);
    case reg::converters:
      return reg::converters_input_bits.at(build_.input_bits) |
             reg::converters_adc_bits.at(build_.adc_bits) |
             reg::converters_target_bits.at(build_.target_bits) |
             reg::converters_accumulator_bits.at(build_.accumulator_bits);
    case reg::channels:
      return channels_of(build_);
    case reg::width(0):
      return static_cast<std::uint32_t>(build_.widths[place.index]);
    case reg::control:
      return control_;
    case reg::status:
      return status();
    case reg::error:
      return error_;
    case reg::config_rule:
      return config_rule_;
    case reg::irq_enable:
      return irq_enable_;
    case reg::irq_status:
      return irq_status_;
    case reg::target0(0):
      return static_cast<std::uint32_t>(target_[0][place.index]);
    case reg::target1(0):
      return static_cast<std::uint32_t>(target_[1][place.index]);
    default:
      throw InternalError(std::string("register file: no read of ") + place.entry->name);
  }
}

std::uint64_t RegisterFile::counter(const RegisterMap::Place& place) const {
  if (resetting()) return 0;
  const ControllerCounters& counters = controller_->counters();
  switch (place.entry->address & ~std::uint32_t{7}) {
    case reg::busy_cycles_lo:
      return counters.busy_cycles;
    case reg::update_cycles_lo:
      return counters.update_cycles;
    case reg::row_cycles_lo:
      return counters.row_driven_cycles;
    case reg::conversions_lo:
      return counters.conversions;
    case reg::pulse_clipped_lo:
      return counters.pulse_clipped;
    case reg::samples_lo:
      return samples_;
    case reg::tile_pulses_up_lo(0):
      return counters.pulses_up[place.index];
    case reg::tile_pulses_down_lo(0):
      return counters.pulses_down[place.index];
    default:
      throw InternalError(std::string("register file: no counter ") + place.entry->name);
  }
}

std::uint32_t RegisterFile::core_word(const RegisterMap::Place& place) const {
  if (place.entry->half == reg::Half::low) return static_cast<std::uint32_t>(counter(place));
  if (place.entry->half == reg::Half::high) return kept_high_;
  switch (place.entry->address) {
    case reg::accumulator:
      return static_cast<std::uint32_t>(accumulator());
    case reg::input0(0):
      return input_[0][place.index];
    case reg::input1(0):
      return input_[1][place.index];
    case reg::free_code(0):
      return static_cast<std::uint32_t>(latched(0, place.index));
    case reg::positive_code(0):
      return static_cast<std::uint32_t>(latched(1, place.index));
    case reg::negative_code(0):
      return static_cast<std::uint32_t>(latched(2, place.index));
    default:
      // The same words that are written.
      return *const_cast<RegisterFile*>(this)->config_word(place);
  }
}

std::uint32_t RegisterFile::word_at(const RegisterMap::Place& place) const {
  const bool host = place.entry->block == reg::Block::host;
  return host ? host_word(place) : core_word(place);
}

}  // namespace memprop::digital
