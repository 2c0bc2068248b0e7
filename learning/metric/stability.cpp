#include "learning/metric/stability.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace memprop::learning {
namespace {

constexpr std::size_t kLate = 3, kBurnIn = 3;

double deviation_of_changes(Span<const double> a) {
  if (a.size() < kBurnIn + 2) return std::numeric_limits<double>::quiet_NaN();
  const std::size_t changes = a.size() - kBurnIn;
  const double mean = (a[a.size() - 1] - a[kBurnIn - 1]) / static_cast<double>(changes);
  double squares = 0;
  for (std::size_t k = kBurnIn; k < a.size(); ++k) {
    const double off = a[k] - a[k - 1] - mean;
    squares += off * off;
  }
  return std::sqrt(squares / static_cast<double>(changes - 1));
}

}  // namespace

TrainingStability training_stability(Span<const double> accuracy_per_epoch) {
  const Span<const double>& a = accuracy_per_epoch;
  TrainingStability result;
  const std::size_t late = std::min(kLate, a.size());
  for (std::size_t k = a.size() - late; k < a.size(); ++k) result.late_accuracy += a[k];
  result.late_accuracy /= static_cast<double>(late);
  result.epoch_deviation = deviation_of_changes(a);
  double best = a[0];
  for (const double accuracy : a) {
    best = std::max(best, accuracy);
    result.largest_drop = std::max(result.largest_drop, best - accuracy);
  }
  return result;
}

bool training_failed(double late_accuracy, std::size_t classes) {
  return !std::isfinite(late_accuracy) || late_accuracy < 2.0 / static_cast<double>(classes);
}

}  // namespace memprop::learning
