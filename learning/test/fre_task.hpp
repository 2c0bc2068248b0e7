// The networks of fre-rnn (Liu and Chen, arXiv:2508.11659) and MNIST images for their tests.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "learning/dataset/dataset.hpp"
#include "learning/network/network.hpp"

namespace memprop::learning::test {

// 784-64x..-10: tanh, no biases, softmax readout.
inline NetworkConfig fre_config(std::size_t hidden, double gain,
                                FeedbackWeights feedback = FeedbackWeights::tied) {
  NetworkConfig config;
  config.layers.assign(hidden + 2, 64);
  config.layers.front() = 784;
  config.layers.back() = 10;
  config.activation = {Activation::tanh};
  config.feedback_gain = {gain};
  config.feedback = feedback;
  config.readout = Readout::softmax;
  return config;
}

inline bool mnist_is_there() {
  return std::filesystem::exists(std::string(MEMPROP_TEST_DATA_DIR) +
                                 "/mnist/t10k-images-idx3-ubyte.gz");
}

struct Images {
  Matrix inputs, targets;
  std::vector<float> flat_inputs, flat_targets;
  std::vector<std::uint32_t> labels, order;
};

// The first images of MNIST's test set.
inline Images mnist_images(std::size_t count) {
  DataConfig config;
  config.name = "files";
  const std::string folder = std::string(MEMPROP_TEST_DATA_DIR) + "/mnist/";
  config.train_inputs = folder + "t10k-images-idx3-ubyte.gz";
  config.train_targets = folder + "t10k-labels-idx1-ubyte.gz";
  config.test_on_train = true;
  config.train_samples = config.test_samples = count;
  const Dataset data = load_data(config, 784, 10).train;
  Images images{
      Matrix(count, 784), Matrix(count, 10), data.inputs.values(), data.targets.values(), {}, {}};
  std::copy(images.flat_inputs.begin(), images.flat_inputs.end(), images.inputs.data());
  std::copy(images.flat_targets.begin(), images.flat_targets.end(), images.targets.data());
  for (std::size_t k = 0; k < count; ++k) {
    images.labels.push_back(static_cast<std::uint32_t>(data.labels[k]));
    images.order.push_back(static_cast<std::uint32_t>(k));
  }
  return images;
}

}  // namespace memprop::learning::test
