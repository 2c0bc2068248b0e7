// The ideal reference of a resistive network: its exact steady states by block coordinate descent,
// trained by equilibrium propagation (Scellier, arXiv:2402.11674; ep-circuits 1.3).
//
// A phase is IdealConfig::free_steps or nudged_steps iterations, each of which minimises exactly
// over all odd layers and then over all even ones; the free phase starts at 0 V, both nudged phases
// at its end. Nudging is a conductance beta from every output to its target (from every pair of
// outputs, with output pairs). The update U6 with n phases' difference of squared voltage drops,
//   G_l,ij -= rate prod_{k>=l} A_k^2 / (2 D) [ (v_i - a_j)^2 at +beta - (v_i - a_j)^2 at -beta ],
// D = 2 beta (centred; beta and the free phase when one-sided), is the estimated gradient of
// C = 1/2 |y - v|^2; then conductances are cut to their window. Currents: rate/D (v+ - v-) prod
// A^2.
//
// learning.form has no meaning here; learning.scale = raw leaves out the division by D and the
// gains. A sample's result depends neither on the batch around it nor on the number of threads.
#pragma once

#include <memory>

#include "learning/reference/reference.hpp"
#include "learning/reference/reference_config.hpp"
#include "learning/resistive/resistive_network.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::learning {

namespace internal {
class ResistiveEngine;
}

struct SteadyState {
  std::vector<std::vector<double>> v;  // node voltages of layers 1..L
  std::vector<double> output;          // n_L values: v_L, or the differences of its pairs
  std::size_t iterations = 0;
  double last_change = 0;  // largest change of a voltage in the last iteration
};

class ResistiveReference : public Reference {
 public:
  // Throws UserError for a network of another style. seed: of "nudge-sign" (random_sign only).
  ResistiveReference(const Network& network, const LearningConfig& learning,
                     const IdealConfig& config, unsigned threads, std::uint64_t seed = 1);
  ~ResistiveReference() override;
  ResistiveReference(ResistiveReference&&) noexcept;
  ResistiveReference& operator=(ResistiveReference&&) noexcept;

  // Throws UserError when a negative phase would be unstable at an output with less conductance
  // than beta; train() looks again before every batch.
  void check_stability() const;

  void start_epoch(std::uint64_t epoch) override;
  // Throws as check_stability(), and NonFiniteState.
  void train(const float* inputs, const float* targets, Span<const std::uint32_t> order) override;
  Evaluation evaluate(const float* inputs, const float* targets, const std::uint32_t* labels,
                      std::size_t count) override;
  Network network() const override;

  // The state after the configured iterations: free, or nudged (from the free one) with beta.
  SteadyState relax(Span<const double> x, Span<const double> y = {}, double beta = 0.0);
  // The converged state: iterated until no voltage changes by more than rounding. Throws
  // AlgebraicSolveFailure after a million iterations.
  SteadyState solve(Span<const double> x, Span<const double> y = {}, double beta = 0.0);
  // The estimate of -dC/dG (and -dC/di) that a training step would use, averaged over the samples.
  Gradient ep_update_estimate(const Matrix& inputs, const Matrix& targets);

  TrainingState training_state() const override;
  void set_training_state(const TrainingState& state) override;

 private:
  IdealConfig config_;
  double rate_decay_;
  std::unique_ptr<internal::ResistiveEngine> engine_;
};

}  // namespace memprop::learning
