#include "learning/resistive/resistive_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "learning/network/time_constants.hpp"
#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning {
namespace {

[[noreturn]] void fail(const char* key, const std::string& expected, const std::string& got) {
  throw UserError(fmt::format("key '{}': expected {}, got {}", key, expected, got));
}

void check_resistive(const NetworkConfig& config) {
  const ResistiveConfig& r = config.resistive;
  if (config.readout != Readout::squared_error) {
    fail("network.readout", "\"squared-error\" with network.style = \"resistive\"", "\"softmax\"");
  }
  if (config.feedback != FeedbackWeights::tied) {
    fail("network.feedback",
         "\"tied\" with network.style = \"resistive\": current flows through the same conductances",
         "\"separate\"");
  }
  if (!(r.input_gain > 0) || !std::isfinite(r.input_gain)) {
    fail("network.resistive.input_gain", "a value above 0", fmt::format("{}", r.input_gain));
  }
  if (!std::isfinite(r.bias_input)) {
    fail("network.resistive.bias_input", "a finite value", fmt::format("{}", r.bias_input));
  }
  if (r.element == NodeElement::clamp && !(r.clamp_low < r.clamp_high)) {
    fail("network.resistive.clamp", "a low end below the high one",
         fmt::format("[{}, {}]", r.clamp_low, r.clamp_high));
  }
  if (!(r.conductance_min >= 0) || !std::isfinite(r.conductance_min)) {
    fail("network.resistive.conductance_min", "a value of at least 0",
         fmt::format("{}", r.conductance_min));
  }
  if (!(r.conductance_max == 0 || r.conductance_max > r.conductance_min)) {
    fail("network.resistive.conductance_max",
         fmt::format("0 or more than conductance_min = {}", r.conductance_min),
         fmt::format("{}", r.conductance_max));
  }
  if (!(r.bias_rate >= 0) || !std::isfinite(r.bias_rate)) {
    fail("network.resistive.bias_rate", "a value of at least 0", fmt::format("{}", r.bias_rate));
  }
}

}  // namespace

std::size_t resistive_nodes(const NetworkConfig& config, std::size_t l) {
  const std::size_t n = config.layers[l];
  if (l == 0) return 2 * (n + (config.resistive.bias_input != 0.0 ? 1 : 0));
  return l + 1 == config.layers.size() && config.resistive.output_pairs ? 2 * n : n;
}

double amplifier_gain(const NetworkConfig& config, std::size_t l) {
  return l + 1 == config.layers.size() ? 1.0 : config.resistive.amplifier_gain[l - 1];
}

NetworkConfig completed_resistive(const NetworkConfig& config) {
  NetworkConfig full = config;
  if (config.layers.size() < 2) {
    fail("network.layers", "the widths of at least two layers (input, output)",
         fmt::format("{}", config.layers.size()));
  }
  check_resistive(config);
  const std::size_t hidden = config.layers.size() - 2;
  std::vector<double>& gain = full.resistive.amplifier_gain;
  if (gain.size() == 1) {
    gain.assign(hidden, gain.front());
  } else if (gain.size() != hidden) {
    fail("network.resistive.amplifier_gain",
         hidden > 1 ? fmt::format("1 or {} values", hidden) : fmt::format("{} values", hidden),
         fmt::format("{}", gain.size()));
  }
  full.feedback_gain.clear();
  for (const double a : gain) {
    if (!(a > 0) || !std::isfinite(a)) {
      fail("network.resistive.amplifier_gain", "values above 0", fmt::format("{}", a));
    }
    full.feedback_gain.push_back(1.0 / (a * a));
  }
  full.activation.assign(config.layers.size() - 1, Activation::linear);
  return full;
}

Network build_resistive_network(const NetworkConfig& config, std::uint64_t seed) {
  Network network;
  network.config = completed_resistive(config);
  const RandomStream stream(seed, "weights");
  const double low = config.resistive.conductance_min;
  const double high = config.resistive.conductance_max > 0
                          ? config.resistive.conductance_max
                          : std::numeric_limits<double>::infinity();
  for (std::size_t l = 1; l < config.layers.size(); ++l) {
    const std::size_t n_out = resistive_nodes(network.config, l);
    const std::size_t n_in = resistive_nodes(network.config, l - 1);
    const auto in = static_cast<double>(n_in);
    const double fan = config.init == WeightInit::glorot_uniform
                           ? std::sqrt(6.0 / (in + static_cast<double>(n_out)))
                           : 1.0 / std::sqrt(in);
    Matrix g(n_out, n_in);
    for (std::size_t i = 0; i < g.size(); ++i) {
      const double drawn = config.init_gain * fan * (2.0 * stream.uniform(i, l) - 1.0);
      g.values()[i] = std::clamp(drawn, low, high);
    }
    network.weight.push_back(std::move(g));
    if (config.bias) network.bias.emplace_back(n_out, 0.0);
    network.tau_s.push_back(draw_time_constants(config.time_constant, n_out, l, seed));
  }
  return network;
}

NodeBounds node_bounds(const NetworkConfig& config, std::size_t l, std::size_t node) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  const ResistiveConfig& r = config.resistive;
  if (l + 1 == config.layers.size() || r.element == NodeElement::none) return {-inf, inf};
  if (r.element == NodeElement::clamp) return {r.clamp_low, r.clamp_high};
  const std::size_t half = (config.layers[l] + 1) / 2;
  return node < half ? NodeBounds{0.0, inf} : NodeBounds{-inf, 0.0};
}

}  // namespace memprop::learning
