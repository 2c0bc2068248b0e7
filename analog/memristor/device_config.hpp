// Parameters of a pulse-programmed memristor, in the units of its source and in siemens.
#pragma once

#include <string>
#include <vector>

namespace memprop::analog {

// ideal: takes any conductance in the window in one write, no noise, steps of exactly the wanted
//   size. The others change by one step per pulse:
// constant_step, linear_step, soft_bounds, exp_step, power_step: Gokmen and Vlasov 2016 and the
//   taxonomy of IBM aihwkit, state w.
// table: steps tabulated over the window, for example from a state equation (state_reduction.hpp).
// exponential: the curve of MLP+NeuroSim (Chen, Peng, Yu, IEEE TCAD 37, 3067 (2018)).
enum class DeviceModel {
  ideal,
  constant_step,
  soft_bounds,
  exponential,
  linear_step,
  exp_step,
  power_step,
  table
};

// How a weight is stored in a pair of devices. reference: one programmed device against a fixed one
// at the conductance of w = 0; differential: both programmed, SET on one side and RESET on the
// other.
enum class PairCoding { reference, differential };

struct DeviceConfig {
  std::string preset;  // where the numbers came from; "" for the user's own
  DeviceModel model = DeviceModel::constant_step;
  double g_min_s = 0.1e-6;  // nominal window of conductance [S]
  double g_max_s = 5.0e-6;

  // All but exponential: w in [w_min, w_max] maps linearly onto [g_min, g_max].
  double w_min = -1.0;
  double w_max = 1.0;
  double step = 0.0016;      // dw_min, nominal change of w per pulse
  double step_spread = 0.0;  // device to device, relative (dw_min_dtod)
  bool step_spread_lognormal = false;
  double cycle_noise = 0.0;  // cycle to cycle, relative to the step (dw_min_std)
  // soft_bounds, linear_step: relative to the step at w = 0 instead of to the change.
  bool cycle_noise_additive = false;
  // exp_step, power_step, table: sigma = cycle_noise (|change| + floor + slope |w|).
  double cycle_noise_floor = 0.0, cycle_noise_slope = 0.0;
  double up_down = 0.0;         // systematic asymmetry of up and down steps
  double up_down_spread = 0.0;  // device to device
  double w_max_spread = 0.0;    // of the bounds, device to device, relative
  double w_min_spread = 0.0;
  double write_noise = 0.0;  // of the conductance seen by a read, in steps (aihwkit)

  // linear_step: the step falls by this part of itself from w = 0 to the bound; power_step: the
  // exponents. Spread device to device, relative, not below 0.
  double gamma_up = 1.0, gamma_down = 1.0;
  double gamma_up_spread = 0.0, gamma_down_spread = 0.0;
  // linear_step: the slope refers to the nominal bound instead of the device's own.
  bool slope_of_nominal_bound = false;
  // exp_step: z = 2 a w/(b_max - b_min) + b, step factor 1 - A exp(+-gamma z).
  double exp_a = 0.244, exp_b = 0.2425;
  double exp_gamma_up = 12.44625, exp_gamma_down = 12.78785;
  double exp_up = 0.00081, exp_down = 0.36833;  // A
  // soft_bounds: a read shows w less that of a reference device: at the symmetry point of the
  // device (else at 0), off by reference_spread.
  bool reference_at_symmetry = false;
  double reference_spread = 0.0;
  // table: change of w by one pulse, in steps, at the w of table_nodes, rising from w_min to w_max;
  // without nodes at equally spaced w.
  std::vector<double> table_up{1.0, 1.0}, table_down{1.0, 1.0};
  std::vector<double> table_nodes;

  // exponential: pulse counts over the window, nonlinearity labels, noise relative to the window.
  double levels_up = 64;
  double levels_down = 64;
  double nonlinearity_up = 0.0;      // label NL, 0 (linear) .. 9
  double nonlinearity_down = 0.0;    // label NL of depression, given as a positive number
  double nonlinearity_spread = 0.0;  // device to device, absolute
  double window_cycle_noise = 0.0;   // sigma_c2c, relative to g_max - g_min

  // Reads: i = G V_0 sinh(v/V_0), G at small signals; 0: linear.
  double nonlinear_v = 0.0;
  double temperature_coefficient = 0.0;  // relative change of G per kelvin, from 300 K

  double set_voltage_v = 2.0;  // programming pulses
  double reset_voltage_v = 2.0;
  double pulse_width_s = 10e-9;
};

}  // namespace memprop::analog
