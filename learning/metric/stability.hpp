// How steadily a run trained, from its test accuracies after each epoch (the metrics by which
// heterogeneous time steps are judged; definitions are ours, arXiv:2603.03402 gives none in what is
// public).
#pragma once

#include <cstddef>

#include "solvers/span.hpp"

namespace memprop::learning {

struct TrainingStability {
  double late_accuracy = 0;    // mean of the last three epochs
  double epoch_deviation = 0;  // standard deviation (n - 1) of the changes from epoch to epoch,
                               // from the third epoch on; NaN with fewer than two changes
  double largest_drop = 0;     // largest fall below the best accuracy so far
};

// Of at least one epoch.
TrainingStability training_stability(Span<const double> accuracy_per_epoch);

// Failed: an accuracy that is not finite or below twice chance (1/classes).
bool training_failed(double late_accuracy, std::size_t classes);

}  // namespace memprop::learning
