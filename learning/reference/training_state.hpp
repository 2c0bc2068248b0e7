// What a trainer needs beside the network to go on where it stopped.
#pragma once

#include <cstdint>
#include <vector>

namespace memprop::learning {

struct TrainingState {
  std::uint64_t samples_trained = 0;  // the key of random signs, noise and perturbations
  std::uint64_t updates = 0;          // the optimiser's t
  std::vector<double> optimiser;      // its first and second moments, tensor by tensor
};

}  // namespace memprop::learning
