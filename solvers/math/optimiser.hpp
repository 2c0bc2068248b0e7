// From the wanted change g of a batch (an estimate of -dC/dw) to the step of a weight, with
// learning rate eta, t = 1, 2, .. the number of the update:
//   sgd       w += eta g
//   momentum  m = mu m + g                                    w += eta m
//   adagrad   s += g^2                                        w += eta g / (sqrt(s) + eps)
//   adam      m = p1 m + (1 - p1) g,  s = p2 s + (1 - p2) g^2
//             w += eta (m / (1 - p1^t)) / (sqrt(s / (1 - p2^t)) + eps)
// (Duchi et al., JMLR 12, 2121, 2011; Kingma and Ba, arXiv:1412.6980). With weight decay d the
// wanted change is g - d w.
#pragma once

#include <cstddef>
#include <cstdint>

namespace memprop {

enum class OptimiserKind { sgd, momentum, adagrad, adam };

struct OptimiserConfig {
  OptimiserKind kind = OptimiserKind::sgd;
  double momentum = 0.9;  // mu
  double decay1 = 0.9;    // p1
  double decay2 = 0.999;  // p2
  double epsilon = 1e-8;
  double weight_decay = 0.0;

  bool has_first() const { return kind == OptimiserKind::momentum || kind == OptimiserKind::adam; }
  bool has_second() const { return kind == OptimiserKind::adagrad || kind == OptimiserKind::adam; }
};

// Update number t of n weights. first and second are the state m and s, null where the kind has
// none. Instantiated for float and double.
template <class T>
void optimiser_step(const OptimiserConfig& config, std::uint64_t t, double rate, const T* wanted,
                    T* weight, T* first, T* second, std::size_t n);

}  // namespace memprop
