// The parameters of one network: weights, biases, time constants. Layer l = 1..L is stored at
// index l-1. With dendrites (dendrites.hpp) rows of matrices and biases are branches, B or Ba of
// them for each neuron.
#pragma once

#include <cstdint>
#include <vector>

#include "learning/network/link.hpp"
#include "learning/network/network_config.hpp"
#include "solvers/matrix.hpp"

namespace memprop::learning {

struct Network {
  NetworkConfig config;                    // with one activation and gain per layer
  std::vector<Matrix> weight;              // W_l, n_l x n_{l-1}
  std::vector<Matrix> feedback;            // B_l, n_l x n_{l+1}, l = 1..L-1; empty when tied
  std::vector<Matrix> basal_mask;          // of weight, 0 and 1; empty without dendrites
  std::vector<Matrix> apical_mask;         // of feedback
  std::vector<Link> links;                 // beyond the chain, in the order of the description
  std::vector<std::vector<double>> bias;   // n_l; empty without biases
  std::vector<std::vector<double>> tau_s;  // time constant of each neuron [s]
  // What the leaks make of each neuron's drive, tau over its mean; empty: 1. The references keep
  // their states without it, v = membrane / gain, and r = f(gain v).
  std::vector<std::vector<double>> gain;

  std::size_t layer_count() const { return weight.size(); }            // L
  std::size_t width(std::size_t l) const { return config.layers[l]; }  // of layer l = 0..L
};

// Draws weights and biases ("weights", "feedback", "links", "biases" streams), the synapses of
// dendrites ("dendrite-mask"), which random links there are ("topology") and time constants
// ("time-constants" stream) from the seed, after checking the description. Throws UserError naming
// the key (without file).
Network build_network(const NetworkConfig& config, std::uint64_t seed);

}  // namespace memprop::learning
