// The ideal software reference: the network of ep-circuits 2.1 as a synchronous discrete-time map
// (Ernoult et al., arXiv:1905.13633, the prototypical setting, with feedback gains).
//
//   v_l <- v_l + dt_l (-v_l + W_l r_{l-1} + b_l W_{l+1}^T r_{l+1} + bias_l + nudge_l),  r = f(v)
//
// nudge_L = beta (y - r_L) with the squared-error readout: the nudge acts inside the activation.
// With the softmax readout layer L lies outside the loop and nudge_{L-1} = beta W_L^T (y - p), p
// recomputed at each step (Liu and Chen, arXiv:2508.11659, Alg. 1). dt_l = time_step/tau, or 1.
// The free phase starts at v = 0, each nudged phase at the end of the free one.
//
// A sample's result depends neither on the batch around it nor on the number of threads.
#pragma once

#include <memory>

#include "learning/reference/reference.hpp"
#include "learning/reference/reference_config.hpp"
#include "learning/rule/learning_config.hpp"

namespace memprop::learning {

namespace internal {
class IdealEngine;
}

class IdealReference : public Reference {
 public:
  // seed: of the "nudge-sign" stream (random_sign only).
  IdealReference(const Network& network, const LearningConfig& learning, const IdealConfig& config,
                 unsigned threads, std::uint64_t seed = 1);
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
  // The estimate of -dC/dW that a training step would use, averaged over the samples.
  Gradient ep_update_estimate(const Matrix& inputs, const Matrix& targets);

  // Samples trained on so far: the key of the random signs. Set it when a run is resumed.
  std::uint64_t samples_trained() const;
  void set_samples_trained(std::uint64_t count);

  // rms of the difference between the phases over rms of the activity, per layer of the recurrent
  // net, of the last batch trained on. Near the unit of rounding the gradient is lost in it.
  std::vector<double> relative_difference() const;

 private:
  std::unique_ptr<internal::IdealEngine> engine_;
};

}  // namespace memprop::learning
