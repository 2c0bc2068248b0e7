// A state-equation device as a pulse device: its pulses tabulated, to be used at full speed.
//
// The device takes `pulses` pulses up from its lowest conductance, as many down, up and down; the
// second cycle spans the window. At nodes of it the state equation is integrated over one SET and
// one RESET pulse, which gives dG(G) of the model "table" (pulse_curve.hpp). Nodes are set where
// they are needed: the interval whose middle the table misses most is halved, until it misses
// nothing by more than `tolerance`; that resolves devices that switch abruptly and saturated ends.
// Sound for devices of one state whose read conductance rises or falls with it throughout.
//
// Errors, of the window: of one step from conductances between the nodes, and of trains of `pulses`
// up and as many down, where a step that depends steeply on the conductance carries errors on.
#pragma once

#include <cstddef>
#include <vector>

#include "analog/memristor/device_config.hpp"
#include "analog/memristor/state_device.hpp"

namespace memprop::analog {

struct ReductionConfig {
  double set_v = 1.0;     // drives the conductance up; may be negative
  double reset_v = -1.0;  // drives it down
  double width_s = 100e-9;
  double reset_width_s = 0.0;  // 0: as for SET
  double read_v = 0.1;
  double tolerance = 1e-6;    // of one step, of the window; 0: `points` equally spaced nodes
  std::size_t points = 2049;  // most nodes of the table
  std::size_t pulses = 100;   // of each train
};

struct Reduction {
  DeviceConfig device;  // model table, w in [0, 1], nothing random
  // Largest and root-mean-square distance between table and state equation over the trains,
  // relative to the window.
  double largest_error = 0.0, rms_error = 0.0;
  double step_error = 0.0;  // largest of one step, from all over the window and close to its ends
  std::vector<double> up_s, down_s;              // conductances of the state equation [S]
  std::vector<double> table_up_s, table_down_s;  // of the table
};

// Throws UserError where the pulses do not move the device or its state has several components.
Reduction reduce_to_table(const StateDevice& device, const ReductionConfig& config);

}  // namespace memprop::analog
