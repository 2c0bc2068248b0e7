// CPU time of this thread: what a benchmark compares on a shared machine.
#pragma once

#include <algorithm>
#include <ctime>
#include <functional>

namespace memprop::bench {

inline double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

inline double cpu_of(const std::function<void()>& work) {
  const double begin = cpu_seconds();
  work();
  return cpu_seconds() - begin;
}

inline double best_of(const std::function<void()>& work, int repetitions) {
  double best = 1e300;
  for (int k = 0; k < repetitions; ++k) best = std::min(best, cpu_of(work));
  return best;
}

}  // namespace memprop::bench
