// The part of the reference monitor that looks at updates: what the chip wanted to change and did
// change, against the exact gradient at its own weights.
#pragma once

#include <memory>
#include <vector>

#include "hw_models/chip_runner.hpp"
#include "learning/reference/exact_gradient.hpp"
#include "testbenches/experiment/run_result.hpp"

namespace memprop::bench {

class GradientMonitor {
 public:
  GradientMonitor(const hw::ChipRunner& runner, const learning::Network& network,
                  const learning::LearningConfig& learning);

  // Before the sample runs: the chip's weights and the gradients for them. `wrong_target` is the
  // target of another label.
  void before(Span<const float> x, Span<const float> target, Span<const float> wrong_target);
  // After it: one row per layer of the comparison; not measured, and not part of the mean, where
  // the network has no equilibrium and so no gradient. What was applied is not measured with
  // batches.
  const std::vector<LayerAlignment>& after();

  // Running sums over all comparisons; save and restore for checkpoints.
  std::vector<LayerAlignment> mean() const;
  std::uint64_t count() const { return count_; }
  std::vector<double> save() const;
  void restore(Span<const double> sums, std::uint64_t count);

 private:
  std::vector<Matrix> exact(Span<const double> x, Span<const double> y);

  const hw::ChipRunner& runner_;
  learning::LearningConfig learning_;
  std::unique_ptr<learning::ExactGradientSolver> solver_;  // null: dendritic neurons
  learning::Network weights_;
  std::vector<Matrix> gradient_, wrong_gradient_;
  bool has_gradient_ = false;
  std::vector<LayerAlignment> row_, sum_;
  std::uint64_t count_ = 0;
};

}  // namespace memprop::bench
