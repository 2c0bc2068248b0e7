// Shape and parameters of a resistive network, held in a learning::Network.
//
// weight[l-1] holds the conductances G_l between layer l (rows) and the nodes below (columns).
// Below layer 1 are the input sources: +s x_1 .. +s x_n, [+s c,] -s x_1 .. -s x_n [, -s c] with
// s = input_gain, c = bias_input. With output pairs the last layer has 2 n_L nodes, first the
// positive ones, then the negative ones; output k is v_k - v_{n_L+k}. bias[l-1], where the network
// has biases, is the trained current into each node. feedback_gain is b_l = 1/A_l^2: in the
// equations of the voltages an amplifier of gain A is a feedback gain (ep-circuits 1.2).
#pragma once

#include <cstdint>

#include "learning/network/network.hpp"
#include "learning/resistive/resistive_config.hpp"

namespace memprop::learning {

constexpr bool is_resistive(const NetworkConfig& config) {
  return config.style == NetworkStyle::resistive;
}

// Nodes of layer l = 1..L, and of the sources (l = 0).
std::size_t resistive_nodes(const NetworkConfig& config, std::size_t l);
// A_l of layer l = 1..L; 1 for the output layer.
double amplifier_gain(const NetworkConfig& config, std::size_t l);

// Checks and completes a description: one amplifier gain per hidden layer, feedback_gain of them,
// linear activations. Throws UserError naming the key (without file).
NetworkConfig completed_resistive(const NetworkConfig& config);

// Conductances uniform in +- init_gain * the limit of config.init, of fan-in resistive_nodes(l-1),
// cut to the window ("weights" stream); currents 0.
Network build_resistive_network(const NetworkConfig& config, std::uint64_t seed);

// The voltages of the sources for inputs x (n_0 values): resistive_nodes(config, 0) values.
template <class In, class Out>
void drive_sources(const NetworkConfig& config, const In* x, Out* out) {
  const std::size_t n = config.layers[0];
  const bool bias = config.resistive.bias_input != 0.0;
  const std::size_t half = n + (bias ? 1 : 0);
  const auto gain = static_cast<Out>(config.resistive.input_gain);
  for (std::size_t j = 0; j < n; ++j) {
    const Out value = gain * static_cast<Out>(x[j]);
    out[j] = value;
    out[half + j] = -value;
  }
  if (bias) {
    out[n] = gain * static_cast<Out>(config.resistive.bias_input);
    out[half + n] = -out[n];
  }
}

// The ends of a node's voltage; infinite where nothing clamps it.
struct NodeBounds {
  double low, high;
};
NodeBounds node_bounds(const NetworkConfig& config, std::size_t l, std::size_t node);

}  // namespace memprop::learning
