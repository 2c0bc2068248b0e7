#include "learning/network/network.hpp"

#include <cmath>
#include <utility>

#include "learning/network/dendrites.hpp"
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

// Synapses that are not there weigh nothing.
void draw_masks(Network& network, std::uint64_t seed) {
  const NetworkConfig& config = network.config;
  const DendriteConfig& d = config.dendrites;
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    Matrix& w = network.weight[l - 1];
    network.basal_mask.push_back(
        draw_mask(seed, 2 * l, w.rows(), w.cols(), kept_inputs(d.keep_fraction, w.cols())));
    apply_mask(network.basal_mask.back(), w);
  }
  for (std::size_t l = 1; l <= network.feedback.size(); ++l) {
    Matrix& w = network.feedback[l - 1];
    const std::size_t kept = d.apical_dense ? w.cols() : kept_inputs(d.keep_fraction, w.cols());
    network.apical_mask.push_back(draw_mask(seed, 2 * l + 1, w.rows(), w.cols(), kept));
    apply_mask(network.apical_mask.back(), w);
  }
}

void draw_biases(Network& network, std::uint64_t seed) {
  const NetworkConfig& config = network.config;
  const RandomStream stream(seed, "biases");
  for (std::size_t l = 1; l <= network.layer_count(); ++l) {
    std::vector<double> bias(basal_rows(config, l), config.bias_mean[l - 1]);
    for (std::size_t i = 0; i < bias.size() && config.bias_deviation > 0; ++i) {
      bias[i] += config.bias_deviation * stream.normal(i, l);
    }
    if (config.bias_init == BiasInit::fan_in_uniform) {
      const std::size_t n_in = config.layers[l - 1];
      const std::size_t inputs =
          config.dendrites.on() ? kept_inputs(config.dendrites.keep_fraction, n_in) : n_in;
      const double limit = config.init_gain / std::sqrt(static_cast<double>(inputs));
      for (std::size_t i = 0; i < bias.size(); ++i) {
        bias[i] += limit * (2.0 * stream.uniform(i, l) - 1.0);
      }
    }
    network.bias.push_back(std::move(bias));
  }
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
    network.weight.push_back(
        draw_weights(weights, l, basal_rows(config, l), n[l - 1], network.config));
  }
  if (config.feedback == FeedbackWeights::separate) {
    const RandomStream feedback(seed, "feedback");
    for (std::size_t l = 1; l < count; ++l) {
      Matrix own = draw_weights(feedback, l, apical_rows(config, l), n[l + 1], network.config);
      if (config.feedback_angle_deg != 90.0) {
        own = at_angle(own, transpose(network.weight[l]), config.feedback_angle_deg);
      }
      network.feedback.push_back(std::move(own));
    }
  }
  network.links = list_links(network.config, seed);
  draw_link_weights(network.links, network.config, seed);
  if (config.dendrites.on()) draw_masks(network, seed);
  if (config.bias) draw_biases(network, seed);
  for (std::size_t l = 1; l <= count; ++l) {
    network.tau_s.push_back(draw_time_constants(network.config.time_constant, n[l], l, seed));
    if (config.time_constant.source != TimeConstantSource::leak) continue;
    network.gain.push_back(network.tau_s.back());
    for (double& gain : network.gain.back()) gain /= config.time_constant.mean_s;
  }
  return network;
}

}  // namespace memprop::learning
