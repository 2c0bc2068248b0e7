// Parameters of a pulse-programmed memristor, in the units of its source and in siemens.
#pragma once

#include <string>

namespace memprop::analog {

// ideal: takes any conductance in the window in one write, no noise, steps of exactly the wanted
//   size. The others change by one step per pulse:
// constant_step, soft_bounds: Gokmen and Vlasov 2016 and the taxonomy of IBM aihwkit, state w.
// exponential: the curve of MLP+NeuroSim (Chen, Peng, Yu, IEEE TCAD 37, 3067 (2018)).
enum class DeviceModel { ideal, constant_step, soft_bounds, exponential };

// How a weight is stored in a pair of devices. reference: one programmed device against a fixed one
// at the conductance of w = 0; differential: both programmed, SET on one side and RESET on the
// other.
enum class PairCoding { reference, differential };

struct DeviceConfig {
  std::string preset;  // where the numbers came from; "" for the user's own
  DeviceModel model = DeviceModel::constant_step;
  double g_min_s = 0.1e-6;  // nominal window of conductance [S]
  double g_max_s = 5.0e-6;

  // constant_step and soft_bounds: w in [w_min, w_max] maps linearly onto [g_min, g_max].
  double w_min = -1.0;
  double w_max = 1.0;
  double step = 0.0016;      // dw_min, nominal change of w per pulse
  double step_spread = 0.0;  // device to device, relative (dw_min_dtod)
  bool step_spread_lognormal = false;
  double cycle_noise = 0.0;           // cycle to cycle, relative to the step (dw_min_std)
  bool cycle_noise_additive = false;  // soft_bounds: relative to the step at w = 0 instead
  double up_down = 0.0;               // systematic asymmetry of up and down steps
  double up_down_spread = 0.0;        // device to device
  double w_max_spread = 0.0;          // of the bounds, device to device, relative
  double w_min_spread = 0.0;
  double write_noise = 0.0;  // of the conductance seen by a read, in steps (aihwkit)

  // exponential: pulse counts over the window, nonlinearity labels, noise relative to the window.
  double levels_up = 64;
  double levels_down = 64;
  double nonlinearity_up = 0.0;      // label NL, 0 (linear) .. 9
  double nonlinearity_down = 0.0;    // label NL of depression, given as a positive number
  double nonlinearity_spread = 0.0;  // device to device, absolute
  double window_cycle_noise = 0.0;   // sigma_c2c, relative to g_max - g_min

  double set_voltage_v = 2.0;  // programming pulses
  double reset_voltage_v = 2.0;
  double pulse_width_s = 10e-9;
};

}  // namespace memprop::analog
