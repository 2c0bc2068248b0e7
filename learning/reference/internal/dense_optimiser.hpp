// The optimiser on a network's own double-precision matrices, for references that form whole
// gradients.
#pragma once

#include <vector>

#include "learning/network/network.hpp"
#include "learning/reference/reference.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::learning::internal {

class DenseOptimiser {
 public:
  DenseOptimiser(const Network& network, const LearningConfig& learning);

  // One update; wanted estimates -dC/dw.
  void apply(const Gradient& wanted, Network& network);

  void save(TrainingState& state) const;
  void load(const TrainingState& state);

 private:
  void step(const double* wanted, double* weight, std::size_t n, double rate, std::size_t& at);

  OptimiserConfig config_;
  std::vector<double> rate_;
  std::uint64_t updates_ = 0;
  std::vector<double> first_, second_;  // of all tensors: weights, links, biases, feedback
};

}  // namespace memprop::learning::internal
