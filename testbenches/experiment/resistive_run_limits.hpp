// What a run of a resistive chip does not do, beside what its chip does not have
// (hw_models/resistive/resistive_limits.hpp): the first key that asks for it.
#pragma once

#include <optional>
#include <string>

#include "hw_models/resistive/resistive_limits.hpp"
#include "testbenches/experiment/run_config.hpp"

namespace memprop::bench {

inline std::optional<hw::Refusal> resistive_run_limit(const RunConfig& config) {
  using hw::Refusal;
  const OutputConfig& output = config.output;
  if (!output.probes.empty()) {
    return Refusal{"output.probes", "none (no waveforms of resistive chips are recorded yet)",
                   std::to_string(output.probes.size())};
  }
  if (output.devices_every != 0) {
    return Refusal{"output.devices_every", "0", std::to_string(output.devices_every)};
  }
  if (config.monitor.state_every != 0) {
    return Refusal{"monitor.state_every", "0", std::to_string(config.monitor.state_every)};
  }
  if (config.learning.rate_decay != 1.0) {
    return Refusal{"learning.rate_decay",
                   "1 at fidelity \"cycle\" (rates are registers of the chip)",
                   std::to_string(config.learning.rate_decay)};
  }
  return hw::resistive_limit(config.chip, config.network);
}

}  // namespace memprop::bench
