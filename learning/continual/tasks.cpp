#include "learning/continual/tasks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning {
namespace {

[[noreturn]] void fail(const char* key, const std::string& expected, const std::string& got) {
  throw UserError(fmt::format("key '{}': expected {}, got {}", key, expected, got));
}

}  // namespace

void check_tasks(const TaskConfig& config, std::size_t classes) {
  if (!config.on()) return;
  const std::size_t each = config.classes_per_task;
  if (each > classes || classes % each != 0) {
    fail("tasks.classes",
         fmt::format("a divisor of the {} classes, for every class belongs to one task", classes),
         fmt::format("{}", each));
  }
  if (!config.order.empty()) {
    std::vector<std::size_t> times(classes, 0);
    bool good = config.order.size() == classes;
    for (const std::size_t c : config.order) {
      if (c >= classes || ++times[c] > 1) good = false;
    }
    if (!good) {
      fail("tasks.order", fmt::format("each of the classes 0 to {} once", classes - 1),
           fmt::format("{}", config.order));
    }
  }
  if (!(config.rehearsal >= 0 && config.rehearsal <= 1)) {
    fail("tasks.rehearsal", "a share between 0 and 1", fmt::format("{}", config.rehearsal));
  }
  if (config.joint && config.rehearsal > 0) {
    fail("tasks.rehearsal", "0 with tasks.joint = true (nothing comes before the only task)",
         fmt::format("{}", config.rehearsal));
  }
  if (!(config.strength >= 0) || !std::isfinite(config.strength)) {
    fail("tasks.strength", "a value of at least 0", fmt::format("{}", config.strength));
  }
  if (config.consolidation == Consolidation::none) return;
  if (config.joint) {
    fail("tasks.consolidation", "\"none\" with tasks.joint = true (there is no earlier task)",
         "another");
  }
  if (config.strength == 0) {
    fail("tasks.strength", "a value above 0 with tasks.consolidation", "0");
  }
  if (!(config.damping > 0)) {
    fail("tasks.damping", "a value above 0", fmt::format("{}", config.damping));
  }
  if (!(config.temperature > 0)) {
    fail("tasks.temperature", "a value above 0", fmt::format("{}", config.temperature));
  }
  if (config.fisher_samples == 0) fail("tasks.fisher_samples", "at least 1", "0");
}

std::size_t task_count(const TaskConfig& config, std::size_t classes) {
  return config.on() ? classes / config.classes_per_task : 1;
}

std::vector<std::size_t> task_of_class(const TaskConfig& config, std::size_t classes) {
  std::vector<std::size_t> order = config.order;
  if (order.empty()) {
    order.resize(classes);
    std::iota(order.begin(), order.end(), std::size_t{0});
  }
  std::vector<std::size_t> task(classes);
  for (std::size_t k = 0; k < classes; ++k) task[order[k]] = k / config.classes_per_task;
  return task;
}

std::vector<std::vector<std::uint32_t>> samples_of_tasks(const TaskConfig& config,
                                                         Span<const int> labels,
                                                         std::size_t classes, std::size_t most) {
  const std::vector<std::size_t> task = task_of_class(config, classes);
  std::vector<std::vector<std::uint32_t>> samples(task_count(config, classes));
  for (std::size_t s = 0; s < labels.size(); ++s) {
    std::vector<std::uint32_t>& own = samples[task[static_cast<std::size_t>(labels[s])]];
    if (most == 0 || own.size() < most) own.push_back(static_cast<std::uint32_t>(s));
  }
  return samples;
}

std::vector<std::uint32_t> rehearsal_samples(const std::vector<std::vector<std::uint32_t>>& tasks,
                                             std::size_t k, double share, std::uint64_t seed) {
  std::vector<std::uint32_t> all;
  for (std::size_t t = 0; t < k; ++t) all.insert(all.end(), tasks[t].begin(), tasks[t].end());
  const auto count = static_cast<std::size_t>(std::lround(share * static_cast<double>(all.size())));
  const RandomStream stream(seed, "rehearsal");
  for (std::size_t i = 0; i < count; ++i) {
    const auto left = static_cast<double>(all.size() - i);
    const auto pick = static_cast<std::size_t>(stream.uniform(i, k) * left);
    std::swap(all[i], all[std::min(i + pick, all.size() - 1)]);
  }
  all.resize(count);
  return all;
}

}  // namespace memprop::learning
