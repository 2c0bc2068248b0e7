// The families whose pulses are linear in the conductance, as models to fit.
//
// constant-step, soft-bounds (analog/memristor/linear_step.hpp), with w from -1 to 1 over the
// window:
//     step_up, step_down  change of conductance by a pulse in the middle of the window [S]
//     cycle_noise         relative to the step
//     g_min, g_max        ends of the window; soft-bounds: the conductances approached
// exponential (analog/memristor/exponential.hpp): levels and nonlinearity labels of both
// directions, window_cycle_noise, g_min, g_max.
#pragma once

#include "analog/fit/pulse_model.hpp"

namespace memprop::analog::fit {

const PulseModel& constant_step_model();
const PulseModel& soft_bounds_model();
const PulseModel& exponential_model();

}  // namespace memprop::analog::fit
