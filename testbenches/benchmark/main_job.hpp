// The chip, network and learning of the main job (examples/fashion_mnist.toml), and pictures like
// its own.
#pragma once

#include <cstddef>

#include "hw_models/chip_config.hpp"
#include "learning/network/network.hpp"
#include "learning/rule/learning_config.hpp"
#include "solvers/matrix.hpp"

namespace memprop::bench {

hw::ChipConfig main_job_chip();
learning::Network main_job_network();
learning::LearningConfig main_job_learning();

// Pictures with the statistics of Fashion-MNIST (half of the pixels dark, mean square about 0.2) in
// ten classes of a fixed pattern each, so that there is something to learn.
struct Samples {
  explicit Samples(std::size_t count);
  BasicMatrix<float> x, y;
};

}  // namespace memprop::bench
