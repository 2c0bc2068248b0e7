// Back-propagation in the same network without feedback: r_l = f(a_l W_l r_{l-1} + forward links +
// bias_l), the same cost, order of samples, rates and optimiser. What EP is measured against.
//
// With learning.rule = feedback_alignment the error travels through the network's separate feedback
// weights instead of the transposes (Lillicrap et al., doi:10.1038/ncomms13276); chains only.
#pragma once

#include <memory>

#include "learning/reference/reference.hpp"
#include "learning/reference/reference_config.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::learning {

class BackpropReference : public Reference {
 public:
  // Of learning only rule, rates, optimiser and batch are used.
  BackpropReference(const Network& network, const LearningConfig& learning, Precision precision,
                    unsigned threads);
  ~BackpropReference() override;
  BackpropReference(BackpropReference&&) noexcept;
  BackpropReference& operator=(BackpropReference&&) noexcept;

  void train(const float* inputs, const float* targets, Span<const std::uint32_t> order) override;
  Evaluation evaluate(const float* inputs, const float* targets, const std::uint32_t* labels,
                      std::size_t count) override;
  Network network() const override;
  TrainingState training_state() const override;
  void set_training_state(const TrainingState& state) override;

  // dC/dW of the mean loss over the samples.
  Gradient gradient(const Matrix& inputs, const Matrix& targets);

  struct Engine;

 private:
  std::unique_ptr<Engine> engine_;
};

}  // namespace memprop::learning
