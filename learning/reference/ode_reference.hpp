// The network in continuous time as a trainer: the rule's phases with given lengths, integrated by
// Odeint's steppers; the same updates as the ideal reference otherwise. Results do not depend on
// threads: every sample starts with a fresh step proposal and batches are summed in order.
#pragma once

#include <memory>

#include "learning/reference/reference.hpp"
#include "learning/reference/reference_config.hpp"
#include "learning/rule/learning_config.hpp"
#include "solvers/ode/stepper.hpp"

namespace memprop::learning {

class OdeReference : public Reference {
 public:
  // seed: of the "nudge-sign" stream (random_sign only).
  OdeReference(const Network& network, const LearningConfig& learning, const OdeConfig& config,
               const ode::StepperConfig& stepper, unsigned threads, std::uint64_t seed = 1);
  ~OdeReference() override;
  OdeReference(OdeReference&&) noexcept;
  OdeReference& operator=(OdeReference&&) noexcept;

  void train(const float* inputs, const float* targets, Span<const std::uint32_t> order) override;
  Evaluation evaluate(const float* inputs, const float* targets, const std::uint32_t* labels,
                      std::size_t count) override;
  Network network() const override;

  LayerStates relax_free(Span<const double> x);
  LayerStates relax_nudged(Span<const double> x, Span<const double> y, double beta);
  // The ends of all phases of the rule, in order, for one sample.
  std::vector<LayerStates> relax_phases(Span<const double> x, Span<const double> y);
  // The estimate of -dC/dW that a training step would use, averaged over the samples.
  Gradient ep_update_estimate(const Matrix& inputs, const Matrix& targets);

  TrainingState training_state() const override;
  void set_training_state(const TrainingState& state) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace memprop::learning
