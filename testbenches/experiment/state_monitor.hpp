// The part of the reference monitor that looks at states: the ideal continuous-time network with
// the chip's own weights, time constants and inputs, integrated by an independent and tighter
// method (Fehlberg 8(7)) through the chip's own phases, against the chip at every clock cycle.
#pragma once

#include <vector>

#include "testbenches/experiment/waveform_recorder.hpp"

namespace memprop::bench {

class StateMonitor {
 public:
  // rtol_ratio: tolerance of the monitor's integrator over the chip's.
  StateMonitor(hw::ChipRunner& runner, const learning::LearningConfig& learning, double rtol_ratio);

  // Before the sample runs: the chip's weights.
  void before();
  // After it: the largest of |v_chip - v_ideal| / V_s and |r_chip - r_ideal| / V_s (membranes and
  // activity lines) of each layer, cycles x layers, and the ideal network's states, points of the
  // recorder x neurons of all layers [dimensionless].
  void after(const WaveformRecorder& recorded, Span<const float> target);
  const Matrix& error() const { return error_; }
  const Matrix& states() const { return states_; }

 private:
  hw::ChipRunner& runner_;
  learning::LearningConfig learning_;
  ode::StepperConfig stepper_config_;
  learning::Network weights_;
  Matrix error_, states_;
};

}  // namespace memprop::bench
