// How a network learns by equilibrium propagation.
#pragma once

#include <cstddef>
#include <vector>

#include "learning/rule/adaptation.hpp"
#include "learning/rule/optimiser.hpp"
#include "learning/rule/rule.hpp"

namespace memprop::learning {

// Phases: one_sided: free, +beta; random_sign: free, +-beta with a random sign per sample;
// centred: free, +beta, -beta.
enum class Nudging { one_sided, random_sign, centred };

// product: r_l r_{l-1}^T differences, the exact EP estimate; simplified: post-side difference
// times free pre-side activity (dW_l ~ dr_l (r^0_{l-1})^T); predictive: times that of the taught
// phase (Luczak et al., doi:10.1038/s42256-021-00430-y).
enum class UpdateForm { product, simplified, predictive };

// Where the nudge of the output layer enters a rate x: x + dt (-x + f(d + nudge)), or
// x + dt (-x + f(d) + nudge). The energy form has it outside, the membrane form inside.
enum class NudgePlace { inside, outside };

// exact: the difference is divided by beta (2 beta when centred) and by the feedback gains on the
// way to the layer, so it estimates dC/dW; nudge: by beta (2 beta) alone, the derivative of each
// layer's own function (Kubo, arXiv:2605.08135); raw: the plain difference (Liu and Chen).
enum class GradientScale { exact, raw, nudge };

// What trains. feedback_alignment: back-propagation whose error travels through the network's own
// feedback weights (Lillicrap et al., doi:10.1038/ncomms13276); the last two need no settling and
// serve as baselines, without the feedback of the running network.
// truncated_bptt: back-propagation through the last nudged_steps of the free_steps iterations of
// the running network.
enum class RuleKind {
  equilibrium_propagation,
  contrastive_hebbian,
  backprop,
  feedback_alignment,
  truncated_bptt
};

// Rules that need no phases of the running network.
constexpr bool is_baseline(RuleKind rule) {
  return rule == RuleKind::backprop || rule == RuleKind::feedback_alignment;
}

// Where the clamped phase of contrastive Hebbian learning starts.
enum class ClampedStart { zero, free };

// mean: a bias follows the mean of its batch; first: only the batch's first sample, divided by the
// batch (as in the code of Kubo et al.).
enum class BiasBatch { mean, first };

// The phase whose output error trains the softmax readout.
enum class ReadoutError { free, nudged };

// redrawn: every epoch shuffles the samples; kept: batches keep their samples, their order changes.
enum class BatchContents { redrawn, kept };

struct LearningConfig {
  RuleKind rule = RuleKind::equilibrium_propagation;
  Nudging nudging = Nudging::centred;
  UpdateForm form = UpdateForm::simplified;
  GradientScale scale = GradientScale::exact;
  double beta = 0.5;  // nudging strength beta_c
  NudgePlace nudge_place = NudgePlace::inside;
  NudgeError nudge_error = NudgeError::recomputed;
  ReadoutError readout_error = ReadoutError::free;
  std::vector<double> rate{0.01};  // learning rate of weight layers 1..L, or one for all
  double rate_decay = 1.0;         // factor on the rates after every epoch (resistive networks)
  std::size_t batch = 1;           // samples per update
  std::size_t epochs = 1;
  bool shuffle = true;  // new order of samples every epoch ("order" stream)
  BatchContents batch_contents = BatchContents::redrawn;
  AdaptationConfig adaptation;     // equilibrium propagation and contrastive Hebbian learning
  std::size_t teacher_delay = 13;  // contrastive Hebbian: iterations before the clamp
  ClampedStart clamped_start = ClampedStart::zero;
  // Contrastive Hebbian: what holds the output at the target, as a nudge of this strength; 0: held
  // there exactly.
  double clamp = 0.0;
  BiasBatch bias_batch = BiasBatch::mean;
  bool bias_plain = false;  // biases by plain descent, whatever the optimiser
  OptimiserConfig optimiser;
  bool train = true;  // false: inference only
};

}  // namespace memprop::learning
