// Class-incremental tasks: which samples each task has (arXiv:2508.14081 and Nature Communications
// 13:7742). All classes share one output layer and nothing tells the task of a test sample.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "learning/continual/task_config.hpp"
#include "solvers/span.hpp"

namespace memprop::learning {

// Throws UserError naming the key (without file).
void check_tasks(const TaskConfig& config, std::size_t classes);

// Number of tasks of so many classes; a joint run has as many to be tested on.
std::size_t task_count(const TaskConfig& config, std::size_t classes);

// The task 0.. of each class.
std::vector<std::size_t> task_of_class(const TaskConfig& config, std::size_t classes);

// Samples of each task, in the order of the labels; at most `most` of a task, 0: all.
std::vector<std::vector<std::uint32_t>> samples_of_tasks(const TaskConfig& config,
                                                         Span<const int> labels,
                                                         std::size_t classes, std::size_t most);

// What joins task k = 1.. (0-based): round(share n) of the n samples of all earlier tasks, without
// repetition ("rehearsal" stream of the seed).
std::vector<std::uint32_t> rehearsal_samples(const std::vector<std::vector<std::uint32_t>>& tasks,
                                             std::size_t k, double share, std::uint64_t seed);

}  // namespace memprop::learning
