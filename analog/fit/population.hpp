// Several devices of one kind: what they have in common and how far they differ.
//
// Each device is fitted by itself. An estimate t_d with variance v_d of a quantity that spreads
// with tau over the devices is a draw of N(mu, tau^2 + v_d); mu and tau follow by restricted
// maximum likelihood, so that the error of the fits does not count as spread (DerSimonian and
// Laird, Control. Clin. Trials 7, 177 (1986), describe the model). The limits of tau come from its
// profile likelihood, those of mu from Student's distribution.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analog/fit/device_fit.hpp"

namespace memprop::analog::fit {

// Mean and standard deviation over a population of which each draw is known with an error.
struct MeanAndSpread {
  Estimate mean, spread;
};
MeanAndSpread mean_and_spread(const std::vector<double>& value,
                              const std::vector<double>& variance);

struct SpreadEstimate {
  std::string key;  // of DeviceConfig
  Estimate estimate;
};

struct PopulationFit {
  const PulseModel* model = nullptr;
  std::vector<DeviceFit> devices;
  std::vector<Estimate> parameters;    // of the population, as model->parameters()
  std::vector<SpreadEstimate> spread;  // empty for a single device
  DeviceConfig config;                 // everything but pulse voltages and width
  double log_likelihood = 0.0;
  std::size_t readings = 0, fitted = 0;  // sums over the devices
  double bayes_criterion() const;        // k ln n - 2 ln L (Schwarz 1978); the smallest is best
};

// Trains of the same device id belong together. UserError when the data cannot be fitted.
PopulationFit fit_population(const PulseModel& model, const std::vector<PulseTrain>& trains,
                             bool with_intervals = true);

// Groups the trains by device, in the order of their first appearance.
std::vector<std::vector<const PulseTrain*>> by_device(const std::vector<PulseTrain>& trains);

// A row for each reading: what was measured and what the model expected of it. An expectation comes
// from the readings before; the smooth curve is the model without noise, from the first reading on.
struct Residual {
  std::string device;
  std::size_t train = 0, reading = 0;  // indices
  double measured_s = 0.0, expected_s = 0.0, deviation_s = 0.0, smooth_s = 0.0;
  bool starts = false;
};
std::vector<Residual> residuals(const PopulationFit& fit, const std::vector<PulseTrain>& trains);

// Standardised residuals (measured - expected)/deviation: 1 and 0 if the model is right.
struct ResidualFigures {
  double rms = 0.0;
  double neighbours = 0.0;  // correlation of neighbours
  double largest = 0.0;
  std::size_t count = 0;
};
ResidualFigures figures(const std::vector<Residual>& rows);

}  // namespace memprop::analog::fit
