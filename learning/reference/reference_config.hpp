// Settings of the software references.
#pragma once

#include <cstddef>

namespace memprop::learning {

enum class Precision { float64, float32 };

// The discrete-time reference: synchronous updates v <- v + dt (-v + drive).
struct IdealConfig {
  std::size_t free_steps = 20;
  std::size_t nudged_steps = 10;  // of each nudged phase
  double time_step_s = 0;         // dt_i = time_step/tau_i; 0: dt = 1 (full replacement)
  Precision precision = Precision::float64;
  bool recompute_drive = false;  // recompute W_1 x at every step (benchmark of peers)
  // Imperfections that a chip is not needed for. noise: r = f(v) + noise N(0, 1) at every neuron
  // and iteration, tests included. mismatch: every weight acts as w (1 + mismatch N(0, 1)), a
  // factor drawn once, another for its use in the feedback; what is learned is w.
  double noise = 0.0;
  double mismatch = 0.0;
};

// The continuous-time reference.
struct OdeConfig {
  double free_s = 1e-6;      // length of the free phase [s]
  double nudged_s = 0.5e-6;  // length of each nudged phase [s]
};

}  // namespace memprop::learning
