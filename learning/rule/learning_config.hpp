// How a network learns by equilibrium propagation.
#pragma once

#include <cstddef>
#include <vector>

namespace memprop::learning {

// Phases: one_sided: free, +beta; random_sign: free, +-beta with a random sign per sample;
// centred: free, +beta, -beta.
enum class Nudging { one_sided, random_sign, centred };

// product: r_l r_{l-1}^T differences, the exact EP estimate; simplified: post-side difference
// times free pre-side activity (dW_l ~ dr_l (r^0_{l-1})^T).
enum class UpdateForm { product, simplified };

// exact: the difference is divided by beta (2 beta when centred) and by the feedback gains on the
// way to the layer, so it estimates dC/dW; raw: the plain difference (Liu and Chen).
enum class GradientScale { exact, raw };

struct LearningConfig {
  Nudging nudging = Nudging::centred;
  UpdateForm form = UpdateForm::simplified;
  GradientScale scale = GradientScale::exact;
  double beta = 0.5;               // nudging strength beta_c
  std::vector<double> rate{0.01};  // learning rate of weight layers 1..L, or one for all
  double rate_decay = 1.0;         // factor on the rates after every epoch (resistive networks)
  std::size_t batch = 1;           // samples per update
  std::size_t epochs = 1;
  bool shuffle = true;  // new order of samples every epoch ("order" stream)
  bool train = true;    // false: inference only
};

}  // namespace memprop::learning
