#include "solvers/math/optimiser.hpp"

#include <cmath>

namespace memprop {

template <class T>
void optimiser_step(const OptimiserConfig& c, std::uint64_t t, double rate, const T* wanted,
                    T* weight, T* first, T* second, std::size_t n) {
  const auto eta = static_cast<T>(rate);
  const auto decay = static_cast<T>(c.weight_decay);
  const auto eps = static_cast<T>(c.epsilon);
  switch (c.kind) {
    case OptimiserKind::sgd:
#pragma omp simd
      for (std::size_t i = 0; i < n; ++i) weight[i] += eta * (wanted[i] - decay * weight[i]);
      return;
    case OptimiserKind::momentum: {
      const auto mu = static_cast<T>(c.momentum);
#pragma omp simd
      for (std::size_t i = 0; i < n; ++i) {
        first[i] = mu * first[i] + (wanted[i] - decay * weight[i]);
        weight[i] += eta * first[i];
      }
      return;
    }
    case OptimiserKind::adagrad:
#pragma omp simd
      for (std::size_t i = 0; i < n; ++i) {
        const T g = wanted[i] - decay * weight[i];
        second[i] += g * g;
        weight[i] += eta * g / (std::sqrt(second[i]) + eps);
      }
      return;
    case OptimiserKind::adam: {
      const auto p1 = static_cast<T>(c.decay1), p2 = static_cast<T>(c.decay2);
      const auto q1 = static_cast<T>(1.0 - c.decay1), q2 = static_cast<T>(1.0 - c.decay2);
      const auto count = static_cast<double>(t);
      const auto up1 = static_cast<T>(1.0 / (1.0 - std::pow(c.decay1, count)));
      const auto up2 = static_cast<T>(1.0 / (1.0 - std::pow(c.decay2, count)));
#pragma omp simd
      for (std::size_t i = 0; i < n; ++i) {
        const T g = wanted[i] - decay * weight[i];
        first[i] = p1 * first[i] + q1 * g;
        second[i] = p2 * second[i] + q2 * g * g;
        weight[i] += eta * (first[i] * up1) / (std::sqrt(second[i] * up2) + eps);
      }
      return;
    }
  }
}

template void optimiser_step(const OptimiserConfig&, std::uint64_t, double, const float*, float*,
                             float*, float*, std::size_t);
template void optimiser_step(const OptimiserConfig&, std::uint64_t, double, const double*, double*,
                             double*, double*, std::size_t);

}  // namespace memprop
