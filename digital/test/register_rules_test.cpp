// Every rule of the configuration check, each broken on purpose.
#include "digital/register_rules.hpp"

#include <gtest/gtest.h>

#include <ostream>

#include "digital/test/register_host.hpp"
#include "digital/test/sample_driver.hpp"

namespace memprop::digital {
namespace {

using Rule = reg::ConfigRuleRule;

struct Break {
  Rule rule;
  std::uint32_t row;
  bool training;
  std::uint32_t address, word;
};

void PrintTo(const Break& broken, std::ostream* out) {
  *out << reg::config_rule_rule_names[static_cast<std::size_t>(broken.rule)];
}

class RegisterRules : public ::testing::TestWithParam<Break> {};

// Table of make_config(): 0 IDLE, 1 LOAD, 2 FREE, 3 track, 4 convert, 5 NUDGEP, 6, 7, 8 NUDGEN, 9,
// 10, 11 UPDATE, 12 READ.
TEST_P(RegisterRules, AreNamed) {
  ControllerConfig config = make_config({3, 2}, UpdateCircuit::pulse_count);
  config.tile[0].rate_shift = 20;
  ChipBuild build = chip_build(config, 8);
  build.phase_rows = 14;
  RegisterFile file(build);
  RegisterHost host(file);
  host.configure(config);
  host.reset();
  host.start(true);
  EXPECT_EQ(host.read(reg::config_rule), 0U);
  host.reset();
  const Break& broken = GetParam();
  host.write(broken.address, broken.word);
  host.reset();
  host.start(true);
  const std::uint32_t found = host.read(reg::config_rule);
  EXPECT_EQ(reg::config_rule_rule.of(found), static_cast<std::uint32_t>(broken.rule));
  EXPECT_EQ(reg::config_rule_row.of(found), broken.row);
  EXPECT_EQ(reg::config_rule_training.of(found), broken.training);
  EXPECT_EQ(host.read(reg::error), reg::error_config.mask());
  EXPECT_EQ(reg::status_busy.of(host.read(reg::status)), 0U);
}

std::uint32_t next(std::uint32_t train, std::uint32_t infer) {
  return reg::table_next_train.at(train) | reg::table_next_infer.at(infer);
}

std::uint32_t drive(Phase phase, std::uint32_t more = 0) {
  return reg::table_drive_phase.at(static_cast<std::uint32_t>(phase)) | more;
}

const std::uint32_t convert = reg::table_drive_convert.mask();

INSTANTIATE_TEST_SUITE_P(
    All, RegisterRules,
    ::testing::Values(
        Break{Rule::table_empty, 0, true, reg::table_next(0), next(0, 1)},
        Break{Rule::table_empty, 0, false, reg::table_next(0), next(1, 0)},
        Break{Rule::table_successor, 2, true, reg::table_next(2), next(14, 3)},
        Break{Rule::table_successor, 2, false, reg::table_next(2), next(3, 15)},
        Break{Rule::table_endless, 4, true, reg::table_next(5), next(3, 0)},
        Break{Rule::table_endless, 3, false, reg::table_next(12), next(0, 1)},
        Break{Rule::table_idle_inside, 5, true, reg::table_drive(5), drive(Phase::idle)},
        Break{Rule::table_no_cycles, 9, true, reg::table_cycles(9), 0},
        Break{Rule::table_adc_bank, 4, true, reg::table_drive(4),
              drive(Phase::sample0, convert | reg::table_drive_adc_bank.at(3))},
        Break{Rule::table_convert_in_update, 11, true, reg::table_drive(11),
              drive(Phase::update, convert)},
        Break{Rule::table_update_unsampled, 11, true, reg::table_drive(7), drive(Phase::sample_p)},
        Break{Rule::table_update_without_engine, 11, true, reg::mode, reg::mode_centred.mask()},
        Break{Rule::centred_differs, 0, true, reg::mode, reg::mode_engine.at(1)},
        Break{Rule::random_sign_centred, 0, true, reg::mode,
              reg::mode_engine.at(1) | reg::mode_centred.mask() | reg::mode_random_sign.mask()},
        Break{Rule::product_of_signs, 0, false, reg::mode,
              reg::mode_engine.at(3) | reg::mode_product.mask() | reg::mode_centred.mask()},
        Break{Rule::engine_not_built, 0, false, reg::mode, reg::mode_engine.at(7)},
        Break{Rule::no_pulses, 0, false, reg::max_pulses, 0},
        Break{Rule::rate_shift_range, 0, false, reg::tile_rate(0), reg::tile_rate_shift.at(15)},
        Break{Rule::rate_shift_range, 0, false, reg::tile_rate(0), reg::tile_rate_shift.at(81)}));

TEST(RegisterRulesOfTheOthers, AccumulatorThreshold) {
  ControllerConfig config = make_config({3, 2}, UpdateCircuit::accumulate);
  config.accumulator_bits = 5;
  config.tile[0].accumulate_threshold = 15;
  RegisterFile file(chip_build(config, 8));
  RegisterHost host(file);
  host.configure(config);
  EXPECT_EQ(reg::converters_accumulator_bits.of(host.read(reg::converters)), 5U);
  for (const std::uint32_t wrong : {0U, 16U}) {
    host.write(reg::tile_accumulate(0), wrong);
    host.reset();
    host.start(true);
    EXPECT_EQ(reg::config_rule_rule.of(host.read(reg::config_rule)),
              static_cast<std::uint32_t>(reg::ConfigRuleRule::threshold_range));
  }
  host.write(reg::tile_accumulate(0), 15);
  host.reset();
  host.start(true);
  EXPECT_EQ(host.read(reg::error), 0U);
}

TEST(RegisterRulesOfTheOthers, StreamLength) {
  ControllerConfig config = make_config({3, 2}, UpdateCircuit::stochastic);
  RegisterFile file(chip_build(config, 8));
  RegisterHost host(file);
  host.configure(config);
  host.write(reg::stream_length, 0);
  host.reset();
  host.start(true);
  EXPECT_EQ(reg::config_rule_rule.of(host.read(reg::config_rule)),
            static_cast<std::uint32_t>(Rule::no_slots));
}

// A row that no sample reaches may hold anything.
TEST(RegisterRulesOfTheOthers, UnreachedRows) {
  ControllerConfig config = make_config({3, 2}, UpdateCircuit::sign_sign);
  RegisterFile file(chip_build(config, 8));
  RegisterHost host(file);
  host.configure(config);
  host.write(reg::table_drive(20), 0x3fff);
  host.write(reg::table_next(20), 0xff00ff);
  host.reset();
  host.start(true);
  EXPECT_EQ(host.read(reg::error), 0U);
}

}  // namespace
}  // namespace memprop::digital
