#include "hw_models/sleep/sleep_setup.hpp"

#include <fmt/format.h>

#include "digital/sleep_registers.hpp"
#include "hw_models/tile_layout.hpp"
#include "solvers/error.hpp"

namespace memprop::hw {
namespace {

using learning::SleepGate;

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

double raise_of_event(const learning::SleepConfig& sleep, std::size_t l) {
  const auto& scale = sleep.layer_scale;
  const double factor = sleep.gate == SleepGate::hard ? 2.0 : 1.0;
  return factor * sleep.increase * (scale.size() == 1 ? scale.front() : scale[l - 1]);
}

digital::SleepSequencerConfig sleep_registers(const ChipConfig& chip,
                                              const learning::Network& network,
                                              const learning::SleepConfig& sleep,
                                              const std::vector<double>& minus_step,
                                              std::uint64_t seed) {
  digital::SleepSequencerConfig config;
  config.widths = network.config.layers;
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
  const std::vector<TileLayout> layout = tile_layout(network);
  for (std::size_t t = 0; t < layout.size(); ++t) {
    digital::SleepTile tile;
    tile.shape = layout[t].shape;
    const bool learns = layout[t].trained && !tile.rests();
    const double raise = learns ? raise_of_event(sleep, tile.shape.to) : 0.0;
    const double lower = raise * sleep.decrease_ratio;
    if (chip.sleep.write == SleepWrite::ideal_write) {
      // Every event is one exact write.
      tile.raise_rate = raise > 0.0 ? 65536 : 0;
      tile.lower_rate = lower > 0.0 ? 65536 : 0;
    } else {
      const double step = minus_step[t];
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
