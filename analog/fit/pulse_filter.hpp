// Likelihood of a pulse train under a device model, which tells cycle noise from read noise.
//
// A Kalman filter along the train (Kalman, J. Basic Eng. 82, 35 (1960); the likelihood as a product
// of one-step predictions: Schweppe, IEEE Trans. Inf. Theory 11, 61 (1965)). With the state before
// a pulse known as N(m, P), after it
//     m' = m + f(m),   P' = (1 + f'(m))^2 P + q(m)^2 + q'(m)^2 P
// which is exact where f and q are linear in g (constant step, soft bounds, exponential), and the
// extended filter elsewhere.
//
// The clip at the ends of the window is not linearised. With bounds in reach the predicted state is
// a mass at each bound and the Gaussian between them; the likelihood of the reading is their exact
// sum, and mean and variance of what remains after it are handed on. Between pulses without a
// reading the moments of the clipped Gaussian are.
//
// The first reading of a train only starts the filter: N(reading, r^2).
#pragma once

#include <vector>

#include "analog/fit/pulse_train.hpp"
#include "analog/fit/response.hpp"

namespace memprop::analog::fit {

// What the filter expected of a reading; a reading that starts a train has deviation 0.
struct Prediction {
  double mean = 0.0;       // of the reading
  double deviation = 0.0;  // its standard deviation
};

// log of the likelihood of all readings but the first of each train, in the unit given:
// conductance_s / unit_s is what the response calls g. Fills `predictions` when given.
double log_likelihood(const Response& response, const PulseTrain& train, double unit_s,
                      std::vector<Prediction>* predictions = nullptr);

}  // namespace memprop::analog::fit
