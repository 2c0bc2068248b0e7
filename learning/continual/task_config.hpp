// Learning classes one task after the other, and what protects what was learned before.
#pragma once

#include <cstddef>
#include <vector>

namespace memprop::learning {

// Of the baselines by back-propagation (consolidation.hpp).
enum class Consolidation { none, ewc, si, lwf };

struct TaskConfig {
  std::size_t classes_per_task = 0;  // 0: no tasks, all samples at once
  std::vector<std::size_t> order;    // of the classes; empty: 0, 1, 2, ..
  std::size_t samples = 0;           // of each task, the first ones; 0: all
  bool joint = false;                // the samples of all tasks as one task: the upper bound
  double rehearsal = 0.0;            // share of all earlier samples that join a task
  Consolidation consolidation = Consolidation::none;
  double strength = 0.0;             // lambda of its penalty
  double damping = 0.1;              // si: xi
  double temperature = 2.0;          // lwf
  std::size_t fisher_samples = 200;  // ewc: of each task

  bool on() const { return classes_per_task > 0; }
};

}  // namespace memprop::learning
