// What sleep on a chip needs, and what it does not go together with: the first key of a description
// that stands against it. Plain data, so that a check of the description needs no chip (and no
// kernel).
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>

#include "hw_models/chip_config.hpp"
#include "hw_models/resistive/resistive_limits.hpp"
#include "learning/continual/sleep_config.hpp"

namespace memprop::hw {

inline std::optional<Refusal> sleep_limit(const ChipConfig& chip,
                                          const learning::SleepConfig& sleep) {
  const SleepKeys& keys = chip.sleep;
  const bool ideal_device = chip.device.model == analog::DeviceModel::ideal;
  struct Limit {
    bool broken;
    const char* key;
    std::string expected, got;
  };
  const Limit limits[] = {
      {chip.pair != PairCoding::differential, "chip.pair",
       "\"differential\" with sleep.enabled on the chip (asleep only G- is written, which a fixed "
       "reference cannot be)",
       "\"reference\""},
      {chip.update.reset_only, "chip.update.reset_only",
       "false with sleep.enabled on the chip (a weight falls by a SET of G-)", "true"},
      {sleep.gate == learning::SleepGate::soft, "sleep.gate",
       "\"hard\" (the sign sense of each pair) or \"none\" on the chip, which cannot measure by "
       "how much a weight is below 0",
       "\"soft\""},
      {sleep.random != learning::SleepRandom::shift_register, "sleep.random",
       "\"shift-register\" on the chip (its random bits come from there)", "\"stream\""},
      {sleep.feedback, "sleep.feedback",
       "false on the chip (its feedback path is off while it sleeps)", "true"},
      {sleep.bias, "sleep.bias", "false on the chip (its bias rows are not driven while it sleeps)",
       "true"},
      {!(sleep.leak > 0), "sleep.leak",
       "a value above 0 on the chip (a leak that empties a soma in no time is none)",
       fmt::format("{}", sleep.leak)},
      {keys.pulse_cycles > keys.drive_cycles, "chip.sleep.pulse_cycles",
       fmt::format("at most chip.sleep.drive_cycles = {}", keys.drive_cycles),
       fmt::format("{}", keys.pulse_cycles)},
      {ideal_device && keys.write == SleepWrite::pulses, "chip.sleep.write",
       "\"ideal-write\" with chip.device.model = \"ideal\" (which no pulse changes)", "\"pulses\""},
      {!ideal_device && keys.write == SleepWrite::ideal_write, "chip.sleep.write",
       "\"pulses\" unless chip.device.model = \"ideal\"", "\"ideal-write\""},
  };
  for (const Limit& limit : limits) {
    if (limit.broken) return Refusal{limit.key, limit.expected, limit.got};
  }
  return std::nullopt;
}

}  // namespace memprop::hw
