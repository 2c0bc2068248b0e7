// What fit-device says and writes.
#pragma once

#include <string>
#include <vector>

#include "analog/fit/population.hpp"

namespace memprop::cli {

struct Candidate {
  std::string model;
  double bayes_criterion;
  bool chosen;
};

struct PulseShape {  // of the programming pulses; 0: not given
  double set_voltage_v = 0.0, reset_voltage_v = 0.0, width_s = 0.0;
};

// Tables for a terminal: parameters with limits, spread, residuals, warnings.
std::string fit_text(const analog::fit::PopulationFit& fit,
                     const std::vector<Candidate>& candidates,
                     const analog::fit::ResidualFigures& residuals);

// One sentence each: what the data cannot tell, and where the model does not describe it.
std::vector<std::string> fit_warnings(const analog::fit::PopulationFit& fit,
                                      const analog::fit::ResidualFigures& residuals);

// A [chip.device] section with the limits as comments.
std::string device_toml(const analog::fit::PopulationFit& fit, const std::string& data,
                        const PulseShape& pulses);

// Header and a row for each reading.
std::string residual_csv(const std::vector<analog::fit::Residual>& rows);

}  // namespace memprop::cli
