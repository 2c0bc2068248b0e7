#include "digital/register_rules.hpp"

namespace memprop::digital {

namespace {

namespace reg = registers;
using Rule = reg::ConfigRuleRule;

constexpr auto update = static_cast<std::uint32_t>(reg::StatusPhase::update);

std::uint32_t broken(Rule rule, std::size_t row, bool training = false) {
  return reg::config_rule_rule.at(static_cast<std::uint32_t>(rule)) |
         reg::config_rule_row.at(static_cast<std::uint32_t>(row)) |
         reg::config_rule_training.at(training);
}

std::uint32_t check_mode(const ConfigWords& words, const ChipBuild& build) {
  const std::uint32_t code = reg::mode_engine.of(words.mode);
  const auto engine = static_cast<reg::ModeEngine>(code);
  if ((build.engines >> code & 1U) == 0) return broken(Rule::engine_not_built, 0);
  if (engine == reg::ModeEngine::sign_sign && reg::mode_product.of(words.mode) != 0) {
    return broken(Rule::product_of_signs, 0);
  }
  const bool accumulates = engine == reg::ModeEngine::accumulate;
  const bool counts = engine == reg::ModeEngine::pulse_count || accumulates;
  if (counts && words.max_pulses == 0) {
    return broken(Rule::no_pulses, 0);
  }
  if (engine == reg::ModeEngine::stochastic && words.stream_length == 0) {
    return broken(Rule::no_slots, 0);
  }
  if (!counts) return 0;
  for (std::size_t t = 0; t < words.tile.size(); ++t) {
    const std::uint32_t shift = reg::tile_rate_shift.of(words.tile[t].rate);
    if (shift < 16 || shift > 80) return broken(Rule::rate_shift_range, t);
  }
  if (!accumulates) return 0;
  const std::uint32_t largest = (1U << (build.accumulator_bits - 1)) - 1;
  for (std::size_t t = 0; t < words.tile.size(); ++t) {
    const std::uint32_t threshold = words.tile[t].accumulate;
    if (threshold < 1 || threshold > largest) return broken(Rule::threshold_range, t);
  }
  return 0;
}

// One row that a sample visits; `converted` collects the banks.
Rule check_row(const ConfigWords& words, std::size_t k, std::uint32_t& converted) {
  const TableWords& row = words.table[k];
  const std::uint32_t phase = reg::table_drive_phase.of(row.drive);
  const std::uint32_t bank = reg::table_drive_adc_bank.of(row.drive);
  const bool convert = reg::table_drive_convert.of(row.drive) != 0;
  if (phase == 0) return Rule::table_idle_inside;
  if (row.cycles == 0 && phase != update) return Rule::table_no_cycles;
  if (bank == 3) return Rule::table_adc_bank;
  if (convert && phase == update) return Rule::table_convert_in_update;
  if (convert) converted |= 1U << bank;
  if (phase != update) return Rule::none;
  if (reg::mode_engine.of(words.mode) == 0) return Rule::table_update_without_engine;
  if ((converted & 3U) != 3U) return Rule::table_update_unsampled;
  return Rule::none;
}

std::uint32_t check_path(const ConfigWords& words, bool training) {
  const std::size_t rows = words.table.size();
  std::uint32_t converted = 0;
  std::size_t k = 0;
  for (std::size_t visited = 0;; ++visited) {
    const std::uint32_t next =
        (training ? reg::table_next_train : reg::table_next_infer).of(words.table[k].next);
    if (next >= rows) return broken(Rule::table_successor, k, training);
    if (next == 0 && k == 0) return broken(Rule::table_empty, 0, training);
    if (next == 0) break;
    if (visited + 1 == rows) return broken(Rule::table_endless, k, training);
    k = next;
    const Rule rule = check_row(words, k, converted);
    if (rule != Rule::none) return broken(rule, k, training);
  }
  if (!training) return 0;
  const bool centred = (converted & 4U) != 0;
  if (centred != (reg::mode_centred.of(words.mode) != 0)) {
    return broken(Rule::centred_differs, 0, true);
  }
  if (centred && reg::mode_random_sign.of(words.mode) != 0) {
    return broken(Rule::random_sign_centred, 0, true);
  }
  return 0;
}

}  // namespace

std::uint32_t check_config_words(const ConfigWords& words, const ChipBuild& build) {
  if (const std::uint32_t found = check_mode(words, build)) return found;
  if (const std::uint32_t found = check_path(words, true)) return found;
  return check_path(words, false);
}

}  // namespace memprop::digital
