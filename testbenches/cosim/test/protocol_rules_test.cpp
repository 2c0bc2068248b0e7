// Every rule of the protocol monitor: a good sample breaks none, and each planted fault breaks its
// rule, at its cycle, by its signal.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "hw_models/monitor/protocol_rules.hpp"

namespace memprop::hw {
namespace {

constexpr ProtocolTimes times{5, 3, 4, 2, 3};

// A training sample with its idle cycles, as settled pins by cycle.
std::vector<ProtocolPins> good_sample() {
  std::vector<ProtocolPins> cycles(2);  // idle
  ProtocolPins p;
  p.busy = true;
  const auto add = [&](std::uint32_t phase, std::size_t count) {
    p.phase = phase;
    for (std::size_t k = 0; k < count; ++k) cycles.push_back(p);
  };
  const auto sample = [&](std::uint32_t phase, std::uint32_t bank) {
    p.sh_en = 1U << bank;
    add(phase, 2);
    p.sh_en = 0;
    p.row_en = p.nudge_en = p.nudge_sign = false;
    p.adc_start = true;
    p.adc_done = false;
    p.adc_bank = bank;
    add(phase, 1);
    p.adc_start = false;
    add(phase, 1);
    p.adc_done = p.adc_data_changed = true;
    add(phase, 1);
    p.adc_data_changed = false;
    add(phase, 1);
  };
  p.x_dac_load = p.x_code_changed = true;
  add(1, 1);
  p.x_code_changed = false;
  add(1, 1);
  p.x_dac_load = false;
  p.row_en = true;
  add(2, 5);
  sample(3, 0);
  p.row_en = p.nudge_en = true;
  add(4, 3);
  sample(5, 1);
  p.row_en = p.nudge_en = p.nudge_sign = true;
  add(6, 4);
  sample(7, 2);
  p.upd_en = p.rows_pulse = p.columns_pulse = true;
  add(8, 4);
  ProtocolPins idle;
  idle.adc_done = true;
  idle.adc_bank = 2;
  idle.done = true;
  cycles.push_back(idle);
  idle.done = false;
  cycles.push_back(idle);
  return cycles;
}

// Positions in it.
constexpr std::size_t load = 2, free_begin = 4, track0 = 9, convert0 = 11, nudge_p = 15,
                      track1 = 18, convert1 = 20, nudge_n = 24, track2 = 28, update = 34, last = 38;

ProtocolRules checked(const std::vector<ProtocolPins>& cycles) {
  ProtocolRules rules(times);
  for (const auto& pins : cycles) rules.check(pins);
  return rules;
}

TEST(ProtocolRules, GoodSamplesBreakNone) {
  auto cycles = good_sample();
  const auto again = good_sample();
  cycles.insert(cycles.end(), again.begin() + 1, again.end());
  const auto rules = checked(cycles);
  EXPECT_EQ(rules.total(), 0U) << (rules.total() > 0 ? rules.violations()[0].message() : "");
  EXPECT_EQ(rules.cycles(), cycles.size());
}

struct Fault {
  Rule rule;
  std::string signal;
  std::size_t cycle;
  std::function<void(std::vector<ProtocolPins>&)> plant;
};

// Sets a member in cycles from..to.
template <class Member, class Value>
auto set(Member member, std::size_t from, std::size_t to, Value value) {
  return [=](std::vector<ProtocolPins>& cycles) {
    for (std::size_t k = from; k <= to; ++k) cycles[k].*member = value;
  };
}
template <class Member, class Value>
auto set(Member member, std::size_t at, Value value) {
  return set(member, at, at, value);
}

const std::vector<Fault>& faults() {
  using P = ProtocolPins;
  static const std::vector<Fault> list = {
      {Rule::start_when_idle, "start", nudge_p, set(&P::start, nudge_p, true)},
      {Rule::reset_quiet, "busy", track0 + 1, set(&P::rst_n, track0, false)},
      {Rule::idle_quiet, "row_en", 1, set(&P::row_en, 1, true)},
      {Rule::idle_quiet, "nudge_en", last + 1, set(&P::nudge_en, last + 1, true)},
      {Rule::idle_quiet, "upd_en", 1, set(&P::upd_en, 1, true)},
      {Rule::done_ends_sample, "done", last, set(&P::done, last, false)},
      {Rule::done_ends_sample, "done", last + 1, set(&P::done, last + 1, true)},
      {Rule::done_ends_sample, "done", update, set(&P::done, update, true)},
      {Rule::phase_known, "phase", nudge_p, set(&P::phase, nudge_p, 12U)},
      {Rule::phase_known, "phase", update + 1, set(&P::phase, update + 1, 0U)},
      {Rule::load_before_drive, "row_en", free_begin, set(&P::x_dac_load, load, load + 1, false)},
      {Rule::load_while_driven, "x_dac_load", free_begin + 1,
       set(&P::x_dac_load, free_begin + 1, true)},
      {Rule::input_stable, "x_code", nudge_p, set(&P::x_code_changed, nudge_p, true)},
      {Rule::one_bank_samples, "sh_en", track1, set(&P::sh_en, track1, track1 + 1, 6U)},
      {Rule::sample_settled, "sh_en", track0 - 1, set(&P::sh_en, track0 - 1, 1U)},
      {Rule::sample_settled, "sh_en", track2, set(&P::nudge_sign, nudge_n, nudge_n, false)},
      {Rule::sample_nudge, "nudge_en", track0, set(&P::nudge_en, free_begin, track0 + 1, true)},
      {Rule::sample_driven, "row_en", track2 + 1, set(&P::row_en, track2 + 1, false)},
      {Rule::sample_long_enough, "sh_en", track0 + 1, set(&P::sh_en, track0 + 1, 0U)},
      {Rule::nudge_held, "nudge_en", track1 + 1, set(&P::nudge_en, track1 + 1, false)},
      {Rule::nudge_held, "nudge_sign", track2 + 1, set(&P::nudge_sign, track2 + 1, false)},
      {Rule::nudge_held, "nudge_en", track1 - 1, set(&P::nudge_en, track1 - 1, false)},
      {Rule::convert_sampled, "adc_bank", convert0, set(&P::adc_bank, convert0, convert0 + 3, 1U)},
      {Rule::convert_while_tracking, "adc_start", track1 + 1,
       [](std::vector<P>& c) {
         c[track1 + 1].adc_start = true;
         c[track1 + 1].adc_bank = 1;
       }},
      {Rule::convert_once, "adc_start", convert1 + 2,
       [](std::vector<P>& c) {
         // A second start one cycle after the first, and an idle cycle between.
         c.insert(c.begin() + convert1 + 2, c[convert1]);
       }},
      {Rule::convert_bank_stable, "adc_bank", convert1 + 1,
       set(&P::adc_bank, convert1 + 1, convert1 + 1, 0U)},
      {Rule::convert_answered, "adc_done", convert0 + 3,
       set(&P::adc_done, convert0, convert0 + 4, false)},
      {Rule::adc_unasked, "adc_done", free_begin, set(&P::adc_done, free_begin, free_begin, true)},
      {Rule::adc_done_stale, "adc_done", convert1, set(&P::adc_done, convert1, true)},
      {Rule::adc_data_stable, "adc_data", convert1 + 3,
       set(&P::adc_data_changed, convert1 + 3, true)},
      {Rule::update_after_codes, "upd_en", convert0 + 3, set(&P::upd_en, convert0 + 3, true)},
      {Rule::update_while_sampling, "upd_en", track2, set(&P::upd_en, track2, true)},
      {Rule::update_while_sampling, "row_pulse", track2, set(&P::rows_pulse, track2, true)},
      {Rule::one_driver, "upd_en", nudge_n, set(&P::upd_en, nudge_n, true)},
      {Rule::one_driver, "col_pulse", nudge_n, set(&P::columns_pulse, nudge_n, true)},
      {Rule::pulse_enabled, "row_pulse", update, set(&P::upd_en, update, update + 3, false)},
  };
  return list;
}

TEST(ProtocolRules, EveryPlantedFaultIsNamed) {
  std::vector<bool> shown(rule_count, false);
  for (const auto& fault : faults()) {
    auto cycles = good_sample();
    fault.plant(cycles);
    const auto rules = checked(cycles);
    shown[static_cast<std::size_t>(fault.rule)] = true;
    bool found = false;
    std::string all;
    for (const auto& v : rules.violations()) {
      all += "\n  " + v.message();
      if (v.rule != fault.rule || v.signal != fault.signal) continue;
      found = true;
      EXPECT_TRUE(v.cycle == fault.cycle || v.cycle == fault.cycle + 1) << v.message();
      break;
    }
    EXPECT_TRUE(found) << name(fault.rule) << " by " << fault.signal << " expected at cycle "
                       << fault.cycle << ", found:" << all;
  }
  for (std::size_t k = 0; k < rule_count; ++k) {
    EXPECT_TRUE(shown[k]) << "no fault planted for " << name(static_cast<Rule>(k));
  }
}

TEST(ProtocolRules, AFaultThatLastsIsReportedOnce) {
  auto cycles = good_sample();
  set(&ProtocolPins::upd_en, free_begin, free_begin + 4, true)(cycles);
  const auto rules = checked(cycles);
  EXPECT_EQ(rules.count(Rule::one_driver), 1U);
}

TEST(ProtocolRules, AResetInTheMiddleIsNoFault) {
  for (std::size_t at = load; at < last; ++at) {
    auto cycles = good_sample();
    cycles.resize(at + 1);
    cycles.back().rst_n = false;
    ProtocolPins idle;
    idle.adc_done = cycles.back().adc_done;
    idle.adc_bank = cycles.back().adc_bank;
    cycles.push_back(idle);
    const auto again = good_sample();
    cycles.insert(cycles.end(), again.begin(), again.end());
    const auto rules = checked(cycles);
    for (const auto& v : rules.violations())
      ADD_FAILURE() << "reset at " << at << ": " << v.message();
  }
}

}  // namespace
}  // namespace memprop::hw
