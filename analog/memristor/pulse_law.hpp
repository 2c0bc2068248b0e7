// What one programming pulse does to each device of an array: the common form of all model
// families.
//
//     up:    s <- clip(s + (up_step + up_slope s) (1 + noise)),   down likewise,
//     G = scale s + offset, not below 0 [S]
// with clip to the device's own [low, high]. Most families are linear in their hidden state s: the
// constant step has no slope, soft bounds approach their bound geometrically, and NeuroSim's
// exponential in the pulse number becomes G <- c + q G once the pulse number is eliminated. The
// others multiply the step by a factor of the state (pulse_curve.hpp). The family decides the
// constants, one per device, when it is fabricated.
#pragma once

#include <cstddef>
#include <vector>

#include "analog/memristor/device_config.hpp"
#include "analog/memristor/pulse_curve.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::analog {

// Cycle noise with xi standard normal and sigma = cycle_sigma. Change of the state by one pulse:
enum class CycleNoise {
  none,
  of_change,  // (step + slope s)(1 + sigma xi)
  of_step,    // step + slope s + step sigma xi
  absolute,   // step + slope s + sigma xi, sigma in units of the state
  of_state,   // change + sigma (|change| + floor + slope |s|) xi
};

struct PulseLaw {
  std::vector<double> up_step, down_step;    // per device; down steps are negative
  std::vector<double> up_slope, down_slope;  // per device; empty: 0
  std::vector<double> low, high;             // bounds of the state, per device
  double scale = 1.0;                        // conductance of one unit of the state [S]
  double offset = 0.0;                       // conductance of the state 0 [S]
  double initial = 0.0;                      // state of a fresh device
  CycleNoise cycle_noise = CycleNoise::none;
  double cycle_sigma = 0.0;
  double cycle_floor = 0.0, cycle_slope = 0.0;  // of_state
  double write_sigma = 0.0;                     // noise of what a read sees, in units of the state
  PulseCurve curve;
};

// Draws the constants of `cells` devices. Device k takes its spread from index k of the stream.
PulseLaw make_pulse_law(const DeviceConfig& config, std::size_t cells,
                        const RandomStream& fabrication);

// The same without spread and noise, for one device.
PulseLaw nominal_pulse_law(const DeviceConfig& config);

}  // namespace memprop::analog
