// A state-equation device under a waveform, integrated in time by solvers/ode.
//
// Each state runs on 0..1 between its bounds, linearly or in its logarithm as the device says, so
// one tolerance serves metres and concentrations. A bound is a wall: there the rate is cut to what
// points inwards, and the step control shrinks its steps onto the moment of arrival.
#pragma once

#include <cstddef>
#include <vector>

#include "analog/memristor/state_device.hpp"
#include "analog/memristor/waveform.hpp"
#include "solvers/ode/stepper.hpp"

namespace memprop::analog {

struct SimulateOptions {
  bool current_drive = false;  // the waveform is a current [A] instead of a voltage [V]
  double ambient_k = 0.0;      // 0: as in the source of the model
  std::size_t samples = 0;     // evenly over the waveform, beside the joints of its pieces; 0: none
  std::vector<double> initial;  // empty: a fresh device
  ode::StepperConfig stepper{"dopri5", 1e-8, 1e-10, 0.0, 0.0};
};

struct DeviceTrace {
  std::size_t states = 0;
  std::vector<double> t_s, v_v, i_a;
  std::vector<double> x;  // states per sample
  ode::StepCounters counters;
  double state(std::size_t sample, std::size_t k = 0) const { return x[sample * states + k]; }
  std::size_t size() const { return t_s.size(); }
};

// Samples at the begin, at every joint and at the evenly spaced times. At a jump of the waveform
// the value before it counts, except at t = 0.
DeviceTrace simulate_device(const StateDevice& device, const Waveform& waveform,
                            const SimulateOptions& options = {});

// The state after a rectangular pulse of v over width_s.
void apply_pulse(const StateDevice& device, std::vector<double>& x, double v, double width_s,
                 const SimulateOptions& options = {});

}  // namespace memprop::analog
