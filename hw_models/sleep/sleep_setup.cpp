#include "hw_models/sleep/sleep_setup.hpp"

#include <fmt/format.h>

#include "digital/sleep_registers.hpp"
#include "solvers/error.hpp"

namespace memprop::hw {
namespace {

using learning::SleepGate;

[[noreturn]] void fail(const char* key, const std::string& expected, const std::string& got) {
  throw UserError(fmt::format("key '{}': expected {}, got {}", key, expected, got));
}

// A register, with an error that names the key it comes from.
template <class Make>
auto held(const char* key, const Make& make) {
  try {
    return make();
  } catch (const UserError& error) {
    throw UserError(fmt::format("key '{}': {}", key, error.what()));
  }
}

}  // namespace

void check_chip_sleep(const ChipConfig& chip, const learning::NetworkConfig& network,
                      const learning::SleepConfig& sleep) {
  if (network.dendrites.on()) {
    fail("sleep.enabled",
         "false with network.dendrites on the chip (its branches have no sleep mode)", "true");
  }
  const SleepKeys& keys = chip.sleep;
  if (!network.links.empty() || network.link_block != 0 || network.link_probability != 0) {
    fail("sleep.enabled",
         "false with links on the chip (their tiles have no turn in the sleep's sequence)", "true");
  }
  if (chip.pair != PairCoding::differential) {
    fail("chip.pair",
         "\"differential\" with sleep.enabled on the chip (asleep only G- is written, which a "
         "fixed reference cannot be)",
         "\"reference\"");
  }
  if (chip.update.reset_only) {
    fail("chip.update.reset_only",
         "false with sleep.enabled on the chip (a weight falls by a SET of G-)", "true");
  }
  if (sleep.gate == SleepGate::soft) {
    fail("sleep.gate",
         "\"hard\" (the sign sense of each pair) or \"none\" on the chip, which cannot measure by "
         "how much a weight is below 0",
         "\"soft\"");
  }
  if (sleep.random != learning::SleepRandom::shift_register) {
    fail("sleep.random", "\"shift-register\" on the chip (its random bits come from there)",
         "\"stream\"");
  }
  if (sleep.feedback) {
    fail("sleep.feedback", "false on the chip (its feedback path is off while it sleeps)", "true");
  }
  if (sleep.bias) {
    fail("sleep.bias", "false on the chip (its bias rows are not driven while it sleeps)", "true");
  }
  if (!(sleep.leak > 0)) {
    fail("sleep.leak",
         "a value above 0 on the chip (a leak that empties a soma in no time is none)",
         fmt::format("{}", sleep.leak));
  }
  if (keys.pulse_cycles > keys.drive_cycles) {
    fail("chip.sleep.pulse_cycles",
         fmt::format("at most chip.sleep.drive_cycles = {}", keys.drive_cycles),
         fmt::format("{}", keys.pulse_cycles));
  }
  const bool ideal_device = chip.device.model == analog::DeviceModel::ideal;
  if (ideal_device && keys.write == SleepWrite::pulses) {
    fail("chip.sleep.write",
         "\"ideal-write\" with chip.device.model = \"ideal\" (which no pulse changes)",
         "\"pulses\"");
  }
  if (!ideal_device && keys.write == SleepWrite::ideal_write) {
    fail("chip.sleep.write", "\"pulses\" unless chip.device.model = \"ideal\"", "\"ideal-write\"");
  }
}

double raise_of_event(const learning::SleepConfig& sleep, std::size_t l) {
  const auto& scale = sleep.layer_scale;
  const double factor = sleep.gate == SleepGate::hard ? 2.0 : 1.0;
  return factor * sleep.increase * (scale.size() == 1 ? scale.front() : scale[l - 1]);
}

digital::SleepSequencerConfig sleep_registers(const ChipConfig& chip,
                                              const learning::NetworkConfig& network,
                                              const learning::SleepConfig& sleep,
                                              const std::vector<double>& minus_step,
                                              std::uint64_t seed) {
  digital::SleepSequencerConfig config;
  config.widths = network.layers;
  config.window = sleep.window;
  config.drive_cycles = chip.sleep.drive_cycles;
  config.pulse_cycles = chip.sleep.pulse_cycles;
  config.sense_cycles = chip.sleep.sense_cycles;
  config.max_pulses = chip.sleep.max_pulses;
  config.gated = sleep.gate != SleepGate::none;
  config.seed = static_cast<std::uint32_t>(seed ^ (seed >> 32));
  held("sleep.input_gain", [&] {
    digital::set_sleep_gain(config.gain_mantissa, config.gain_shift, sleep.input_gain,
                            static_cast<unsigned>(sleep.mean_bits));
    return 0;
  });
  for (std::size_t l = 1; l < network.layers.size(); ++l) {
    digital::SleepTileRegisters tile;
    const double raise = raise_of_event(sleep, l), lower = raise * sleep.decrease_ratio;
    if (chip.sleep.write == SleepWrite::ideal_write) {
      // Every event is one exact write.
      tile.raise_rate = raise > 0.0 ? 65536 : 0;
      tile.lower_rate = lower > 0.0 ? 65536 : 0;
    } else {
      const double step = minus_step[l - 1];
      const std::uint32_t most = chip.sleep.max_pulses;
      tile.raise_rate =
          held("sleep.increase", [&] { return digital::sleep_rate(raise / step, most); });
      tile.lower_rate =
          held("sleep.decrease_ratio", [&] { return digital::sleep_rate(lower / step, most); });
    }
    config.tile.push_back(tile);
  }
  return config;
}

}  // namespace memprop::hw
