// Back-propagation that protects what earlier tasks have taught: the usual baselines of continual
// learning, on feed-forward nets with a softmax read-out.
//   ewc  + (lambda/2) sum F_i (w_i - w*_i)^2, F the diagonal Fisher information summed over the
//        tasks so far, w* the weights after the last one (Kirkpatrick et al., PNAS 114, 3521, 2017)
//   si   the same with the importance  sum over tasks  [path integral of -g_i dw_i] /
//        ((w_i - w*_i)^2 + xi)  (Zenke, Poole, Ganguli, ICML 2017)
//   lwf  + lambda T^2 cross-entropy of the softmax at temperature T with that of the network before
//        the task, on the inputs of the task (Li and Hoiem, arXiv:1606.09282)
// Class-incremental tasks are known to defeat all three (van de Ven, Siegelmann, Tolias, Nature
// Communications 11:4069, 2020).
#pragma once

#include <memory>

#include "learning/continual/task_config.hpp"
#include "learning/reference/reference.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::learning {

class ConsolidatedBackprop : public Reference {
 public:
  // Chains only. Throws UserError for other networks.
  ConsolidatedBackprop(const Network& network, const LearningConfig& learning,
                       const TaskConfig& tasks);
  ~ConsolidatedBackprop() override;

  void train(const float* inputs, const float* targets, Span<const std::uint32_t> order) override;
  // A task has ended, with these samples.
  void end_task(const float* inputs, const float* targets,
                Span<const std::uint32_t> order) override;
  Evaluation evaluate(const float* inputs, const float* targets, const std::uint32_t* labels,
                      std::size_t count) override;
  Network network() const override;
  // Beside the optimiser's moments: importances, anchors and path integrals.
  TrainingState training_state() const override;
  void set_training_state(const TrainingState& state) override;

  // The gradient of the mean loss of samples, penalty and distillation included.
  Gradient gradient(const float* inputs, const float* targets, Span<const std::uint32_t> order);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace memprop::learning
