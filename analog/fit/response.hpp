// What the filter of pulse_filter.hpp has to know of a device model, in any unit of conductance.
//
//     g' = clip(g + f(g) + q(g) xi),   reading = g + r xi'
// with xi, xi' independent standard normals. The first kind of noise stays in the device and adds
// up from pulse to pulse (cycle noise), the second is gone at the next reading (read noise).
#pragma once

#include <memory>

namespace memprop::analog::fit {

struct Pulse {
  double change;       // f(g)
  double slope;        // f'(g)
  double noise;        // q(g)
  double noise_slope;  // q'(g)
};

class Response {
 public:
  virtual ~Response() = default;
  virtual Pulse at(double g, bool up) const = 0;

  double low = 0.0, high = 1.0;  // of the clip
  double read_noise = 0.0;       // r
};

}  // namespace memprop::analog::fit
