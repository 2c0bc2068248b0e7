#include "learning/network/network.hpp"

#include <cmath>

#include "learning/network/network_check.hpp"
#include "learning/network/time_constants.hpp"
#include "learning/resistive/resistive_network.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning {
namespace {

double init_limit(WeightInit init, std::size_t n_in, std::size_t n_out) {
  const auto in = static_cast<double>(n_in);
  const auto out = static_cast<double>(n_out);
  return init == WeightInit::glorot_uniform ? std::sqrt(6.0 / (in + out)) : 1.0 / std::sqrt(in);
}

Matrix draw_weights(const RandomStream& stream, std::uint64_t layer, std::size_t n_out,
                    std::size_t n_in, const NetworkConfig& config) {
  Matrix w(n_out, n_in);
  const double limit = config.init_gain * init_limit(config.init, n_in, n_out);
  for (std::size_t i = 0; i < w.size(); ++i) {
    w.values()[i] = limit * (2.0 * stream.uniform(i, layer) - 1.0);
  }
  return w;
}

}  // namespace

Network build_network(const NetworkConfig& config, std::uint64_t seed) {
  if (is_resistive(config)) return build_resistive_network(config, seed);
  Network network;
  network.config = completed(config);
  const std::vector<std::size_t>& n = network.config.layers;
  const std::size_t count = n.size() - 1;

  const RandomStream weights(seed, "weights");
  for (std::size_t l = 1; l <= count; ++l) {
    network.weight.push_back(draw_weights(weights, l, n[l], n[l - 1], network.config));
  }
  if (config.feedback == FeedbackWeights::separate) {
    const RandomStream feedback(seed, "feedback");
    for (std::size_t l = 1; l < count; ++l) {
      network.feedback.push_back(draw_weights(feedback, l, n[l], n[l + 1], network.config));
    }
  }
  if (config.bias) {
    for (std::size_t l = 1; l <= count; ++l) network.bias.emplace_back(n[l], 0.0);
  }
  for (std::size_t l = 1; l <= count; ++l) {
    network.tau_s.push_back(draw_time_constants(network.config.time_constant, n[l], l, seed));
  }
  return network;
}

}  // namespace memprop::learning
