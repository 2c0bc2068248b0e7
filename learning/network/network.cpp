#include "learning/network/network.hpp"

#include "learning/network/initial_weights.hpp"
#include "learning/network/network_check.hpp"
#include "learning/network/time_constants.hpp"
#include "learning/resistive/resistive_network.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning {
namespace {

Matrix transpose(const Matrix& m) {
  Matrix t(m.cols(), m.rows());
  for (std::size_t r = 0; r < m.rows(); ++r) {
    for (std::size_t c = 0; c < m.cols(); ++c) t(c, r) = m(r, c);
  }
  return t;
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
      Matrix own = draw_weights(feedback, l, n[l], n[l + 1], network.config);
      if (config.feedback_angle_deg != 90.0) {
        own = at_angle(own, transpose(network.weight[l]), config.feedback_angle_deg);
      }
      network.feedback.push_back(std::move(own));
    }
  }
  network.links = list_links(network.config, seed);
  draw_link_weights(network.links, network.config, seed);
  if (config.bias) {
    const RandomStream biases(seed, "biases");
    for (std::size_t l = 1; l <= count; ++l) {
      network.bias.emplace_back(n[l], network.config.bias_mean[l - 1]);
      for (std::size_t i = 0; i < n[l] && config.bias_deviation > 0; ++i) {
        network.bias.back()[i] += config.bias_deviation * biases.normal(i, l);
      }
    }
  }
  for (std::size_t l = 1; l <= count; ++l) {
    network.tau_s.push_back(draw_time_constants(network.config.time_constant, n[l], l, seed));
  }
  return network;
}

}  // namespace memprop::learning
