// Small random tasks for the tests of the references.
#pragma once

#include <cstdint>
#include <vector>

#include "learning/network/network.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning::test {

inline NetworkConfig chain_config(std::vector<std::size_t> layers, double gain,
                                  Readout readout = Readout::squared_error) {
  NetworkConfig config;
  config.layers = std::move(layers);
  config.activation = {Activation::tanh};
  config.feedback_gain = {gain};
  config.readout = readout;
  config.bias = true;
  return config;
}

// Biases start at zero, which would hide errors in their use.
inline Network network_with_biases(const NetworkConfig& config, std::uint64_t seed) {
  Network network = build_network(config, seed);
  const RandomStream stream(seed, "test-biases");
  for (std::size_t l = 0; l < network.bias.size(); ++l) {
    for (std::size_t i = 0; i < network.bias[l].size(); ++i) {
      network.bias[l][i] = 0.3 * stream.normal(i, l);
    }
  }
  return network;
}

struct Samples {
  Matrix inputs, targets;
  std::vector<float> flat_inputs, flat_targets;
  std::vector<std::uint32_t> labels, order;
};

// One-hot targets, uniform inputs, an order that is not the identity.
inline Samples random_samples(std::size_t count, std::size_t n_in, std::size_t n_out,
                              std::uint64_t seed) {
  const RandomStream stream(seed, "test-samples");
  Samples s{Matrix(count, n_in), Matrix(count, n_out), {}, {}, {}, {}};
  for (std::size_t i = 0; i < s.inputs.size(); ++i) {
    // Exact in single precision, so that both forms are the same samples.
    s.inputs.values()[i] = static_cast<double>(static_cast<float>(stream.uniform(i)));
  }
  for (std::size_t k = 0; k < count; ++k) {
    s.labels.push_back(static_cast<std::uint32_t>(stream.words(k, 1)[0] % n_out));
    s.targets(k, s.labels.back()) = 1.0;
    s.order.push_back(static_cast<std::uint32_t>((k * 7 + 3) % count));
  }
  for (const double v : s.inputs.values()) s.flat_inputs.push_back(static_cast<float>(v));
  for (const double v : s.targets.values()) s.flat_targets.push_back(static_cast<float>(v));
  return s;
}

}  // namespace memprop::learning::test
