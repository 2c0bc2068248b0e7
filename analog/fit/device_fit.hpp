// Maximum-likelihood fit of a model to one device, with intervals from the profile likelihood.
//
// A value x of a parameter belongs to the 95 % interval while, with all others at their best,
//     2 (log L_max - log L(x)) < 3.841   (chi-square, one degree of freedom; Wilks 1938)
// An interval that reaches the end of the search box is open there: the data gives no limit on that
// side. Open on both sides means that the data cannot tell the parameter at all.
//
// The ends of the window of a model that clips are only seen where pulses stop changing the device.
// Without such pulses that end is set to the most extreme reading and not fitted.
#pragma once

#include <cstddef>
#include <vector>

#include "analog/fit/pulse_filter.hpp"
#include "analog/fit/pulse_model.hpp"

namespace memprop::analog::fit {

enum class Known {
  identified,  // both limits
  below,       // an upper limit only
  above,       // a lower limit only
  unknown,     // none: the value is a guess
  extreme,     // end of a window that was never reached: the most extreme reading
};

struct Estimate {
  double value = 0.0;
  double low = 0.0, high = 0.0;  // 95 % interval; an open end is the end of the search box
  Known known = Known::identified;
};

struct DeviceFit {
  std::vector<Estimate> estimates;  // as PulseModel::parameters(), conductances in siemens
  // Covariance of the values from the observed information, in units of the estimates; huge for
  // parameters that are not identified.
  std::vector<double> covariance;
  double log_likelihood = 0.0;  // of conductances in siemens
  std::size_t readings = 0;     // that enter it
  std::size_t parameters = 0;   // that were fitted
  bool converged = false;

  std::vector<double> values() const;
};

// `trains` are stretches of one device. with_intervals false: the optimum alone.
DeviceFit fit_device(const PulseModel& model, const std::vector<const PulseTrain*>& trains,
                     bool with_intervals = true);

}  // namespace memprop::analog::fit
