// Back-propagation through time in the running network: the same synchronous map as the ideal
// reference, with all its feedback. The free phase runs free_steps iterations from zero; the loss
// after the last one is sent back through the last nudged_steps of them (all of them when there are
// no more). What equilibrium propagation of the same net is measured against: dendritic nets and
// nets with feedback of their own included.
#pragma once

#include <memory>

#include "learning/reference/reference.hpp"
#include "learning/reference/reference_config.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::learning {

namespace internal {
class BpttEngine;
}

class BpttReference : public Reference {
 public:
  // Of learning only rates, batch and optimiser are used. Throws UserError for a softmax read-out,
  // time constants (ideal.time_step), noise and mismatch, which it has not.
  BpttReference(const Network& network, const LearningConfig& learning, const IdealConfig& config,
                unsigned threads, std::uint64_t seed = 1);
  ~BpttReference() override;
  BpttReference(BpttReference&&) noexcept;
  BpttReference& operator=(BpttReference&&) noexcept;

  void train(const float* inputs, const float* targets, Span<const std::uint32_t> order) override;
  Evaluation evaluate(const float* inputs, const float* targets, const std::uint32_t* labels,
                      std::size_t count) override;
  Network network() const override;
  TrainingState training_state() const override;
  void set_training_state(const TrainingState& state) override;

  // dC/dW of the mean loss over the samples, of everything that is trained.
  Gradient gradient(const Matrix& inputs, const Matrix& targets);

 private:
  std::unique_ptr<internal::BpttEngine> engine_;
};

}  // namespace memprop::learning
