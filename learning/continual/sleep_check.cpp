#include <fmt/format.h>

#include <cmath>

#include "learning/continual/sleep.hpp"
#include "learning/network/network_check.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

[[noreturn]] void fail(const char* key, const std::string& expected, const std::string& got) {
  throw UserError(fmt::format("key '{}': expected {}, got {}", key, expected, got));
}

void at_least_zero(const char* key, double value) {
  if (value >= 0 && std::isfinite(value)) return;
  fail(key, "a value of at least 0", fmt::format("{}", value));
}

}  // namespace

void check_sleep(const SleepConfig& config, const NetworkConfig& network) {
  const std::size_t layers = network.layers.size() - 1;
  if (config.threshold.size() != layers) {
    fail("sleep.threshold",
         fmt::format("{} values, one for each layer behind the input (a network sleeps with "
                     "thresholds only)",
                     layers),
         fmt::format("{}", config.threshold.size()));
  }
  for (const double t : config.threshold) {
    if (t > 0 && std::isfinite(t)) continue;
    fail("sleep.threshold", "values above 0", fmt::format("{}", t));
  }
  if (config.layer_scale.size() != 1 && config.layer_scale.size() != layers) {
    fail("sleep.layer_scale", fmt::format("1 or {} values", layers),
         fmt::format("{}", config.layer_scale.size()));
  }
  for (const double s : config.layer_scale) at_least_zero("sleep.layer_scale", s);
  at_least_zero("sleep.growth", config.growth);
  at_least_zero("sleep.input_gain", config.input_gain);
  at_least_zero("sleep.increase", config.increase);
  at_least_zero("sleep.decrease_ratio", config.decrease_ratio);
  if (config.steps == 0) fail("sleep.steps", "at least 1", "0");
  if (!(config.leak >= 0 && config.leak <= 1)) {
    fail("sleep.leak", "a value between 0 and 1 (1: membranes keep what they have)",
         fmt::format("{}", config.leak));
  }
  if (!(config.gate_width > 0)) {
    fail("sleep.gate_width", "a value above 0", fmt::format("{}", config.gate_width));
  }
  if (config.random == SleepRandom::shift_register &&
      (config.mean_bits < 1 || config.mean_bits > 16)) {
    fail("sleep.mean_bits", "1 to 16 bits with sleep.random = \"shift-register\"",
         fmt::format("{}", config.mean_bits));
  }
  if (config.window > 0) {
    const std::size_t n = network.layers.front();
    const auto side = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(n))));
    if (side * side != n) {
      fail("sleep.window", fmt::format("0, for {} inputs are no square image", n),
           fmt::format("{}", config.window));
    }
    if (config.window > side) {
      fail("sleep.window", fmt::format("at most {}, the side of the image", side),
           fmt::format("{}", config.window));
    }
  }
  if (config.feedback && network.dendrites.on()) {
    fail("sleep.feedback",
         "false with network.dendrites (which branches feedback would pass asleep is not defined)",
         "true");
  }
  if (config.feedback && network.readout == Readout::softmax) {
    fail(
        "sleep.feedback",
        "false with network.readout = \"softmax\" (a read-out outside the loop sends nothing back)",
        "true");
  }
  if (config.bias && network.dendrites.on()) {
    fail("sleep.bias", "false with network.dendrites (biases of branches rest asleep)", "true");
  }
  if (config.calibration_samples == 0) fail("sleep.calibration_samples", "at least 1", "0");
}

}  // namespace memprop::learning
