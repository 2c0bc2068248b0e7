// The ideal software reference: the network of ep-circuits 2.1 as a synchronous discrete-time map
// (Ernoult et al., arXiv:1905.13633, the prototypical setting, with feedback gains).
//
//   v_l <- v_l + dt_l (-v_l + a_l W_l r_{l-1} + b_l W_{l+1}^T r_{l+1} + links + bias_l + nudge_l)
//   r_l  = f(v_l)
//
// or the rate and energy forms of it (network_config.hpp, Dynamics). nudge_L = beta (y - r_L) with
// the squared-error readout: the nudge acts inside the activation. With the softmax readout layer L
// lies outside the loop and nudge_{L-1} = beta W_L^T (y - p), p recomputed at each step (Liu and
// Chen, arXiv:2508.11659, Alg. 1). dt_l = time_step/tau, or 1. The free phase starts at v = 0, each
// nudged phase at the end of the free one.
//
// What the phases are and how they change the weights is the rule's (rule/rule.hpp); without one it
// is equilibrium propagation as configured.
//
// A sample's result depends neither on the batch around it nor on the number of threads.
#pragma once

#include <memory>

#include "learning/reference/reference.hpp"
#include "learning/reference/reference_config.hpp"
#include "learning/rule/learning_config.hpp"
#include "learning/rule/rule.hpp"

namespace memprop::learning {

namespace internal {
class IdealEngine;
}

// How settled the free phases of some samples are at their end: means over the samples of
//   residual     max_i |F_i|, F the bracket that dt multiplies
//   oscillation  |x(T) - 2 x(T-1) + x(T-2)| / |x(T) - x(T-1)|: 2 for a cycle of period 2, near 0
//                for slow monotone relaxation; 0 where only rounding is left
struct FreePhaseEnd {
  double residual = 0, oscillation = 0;
};

class IdealReference : public Reference {
 public:
  // seed: of the "nudge-sign", "state-noise" and "mismatch" streams.
  IdealReference(const Network& network, const LearningConfig& learning, const IdealConfig& config,
                 unsigned threads, std::uint64_t seed = 1);
  // Another rule: of learning only rates, batch and optimiser are used, of config not the steps.
  IdealReference(const Network& network, std::shared_ptr<const Rule> rule,
                 const LearningConfig& learning, const IdealConfig& config, unsigned threads,
                 std::uint64_t seed = 1);
  ~IdealReference() override;
  IdealReference(IdealReference&&) noexcept;
  IdealReference& operator=(IdealReference&&) noexcept;

  // Throws NonFiniteState (its message names layer and sample).
  void train(const float* inputs, const float* targets, Span<const std::uint32_t> order) override;
  Evaluation evaluate(const float* inputs, const float* targets, const std::uint32_t* labels,
                      std::size_t count) override;
  Network network() const override;

  // End of the free phase, and of a nudged phase of strength beta (either sign) after it.
  LayerStates relax_free(Span<const double> x);
  LayerStates relax_nudged(Span<const double> x, Span<const double> y, double beta);
  // The ends of all phases of the rule, in order, for one sample.
  std::vector<LayerStates> relax_phases(Span<const double> x, Span<const double> y);
  // Of samples in rows of n_0 values.
  FreePhaseEnd free_phase_end(const float* inputs, std::size_t count);
  // Share of samples (inputs, and targets in rows of n_L values) whose first nudged phase still
  // goes back and forth at its end: oscillation above 1.5, and steps above a tenth of what the
  // nudge has shifted. A nudge that follows the output closes a loop of gain beta |W|^2 through the
  // readout. 0 where the nudge does not follow the output, with noise, and with phases below 3
  // steps.
  double oscillating_share(const float* inputs, const float* targets, std::size_t count);
  // The estimate of -dC/dW that a training step would use, averaged over the samples.
  Gradient ep_update_estimate(const Matrix& inputs, const Matrix& targets);

  TrainingState training_state() const override;
  void set_training_state(const TrainingState& state) override;

  // rms of the difference between the phases over rms of the activity, per layer of the recurrent
  // net, of the last batch trained on. Near the unit of rounding the gradient is lost in it.
  std::vector<double> relative_difference() const;

 private:
  std::unique_ptr<internal::IdealEngine> engine_;
  Phase free_, nudged_;
};

}  // namespace memprop::learning
