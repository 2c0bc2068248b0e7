// Settings of the software references.
#pragma once

#include <cstddef>

namespace memprop::learning {

enum class Precision { float64, float32 };

// From a time constant to the step of the map. euler: dt = time_step/tau; exact: 1 -
// exp(-time_step/tau), the relaxation under a constant drive.
enum class StepForm { euler, exact };

// The discrete-time reference: synchronous updates v <- v + dt (-v + drive).
struct IdealConfig {
  std::size_t free_steps = 20;
  std::size_t nudged_steps = 10;  // of each nudged phase
  double time_step_s = 0;         // dt_i = time_step/tau_i; 0: dt = 1 (full replacement)
  StepForm step_form = StepForm::euler;
  Precision precision = Precision::float64;
  bool recompute_drive = false;  // recompute W_1 x at every step (benchmark of peers)
  // Imperfections that a chip is not needed for. noise: r = f(v) + noise N(0, 1) at every neuron
  // and iteration, tests included. mismatch: every weight acts as w (1 + mismatch N(0, 1)), a
  // factor drawn once, another for its use in the feedback; what is learned is w.
  double noise = 0.0;
  double mismatch = 0.0;
  // Of the feedback use alone: B = W^T (1 + feedback_mismatch N(0, 1)), kept while W learns.
  double feedback_mismatch = 0.0;
  // What is held of a phase's end state (to learn from, or to adapt to) is off by
  // hold_noise N(0, 1), anew for each sample and phase.
  double hold_noise = 0.0;
};

// The continuous-time reference.
struct OdeConfig {
  double free_s = 1e-6;      // length of the free phase [s]
  double nudged_s = 0.5e-6;  // length of each nudged phase, or of the clamped one [s]
  // Length of an iteration of the map [s]: what a step of adaptation or before the teacher lasts.
  double step_s = 0.0;
  // Adaptation goes to a held value (0), or to a slow copy of the neuron's own state with this time
  // constant [s], which never stops following.
  double slow_adaptation_s = 0.0;
};

}  // namespace memprop::learning
