// What was measured on one device: its conductance between programming pulses.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace memprop::analog::fit {

// One reading and the pulses since the reading before it. A reading that starts a train (first, or
// after the device was written by something that is not in the data) knows nothing of its past.
struct Reading {
  double conductance_s = 0.0;
  unsigned pulses = 0;  // 0: a repeated reading
  bool up = true;       // direction of those pulses: potentiation (SET) or depression (RESET)
  bool starts = false;
};

struct PulseTrain {
  std::string device;  // "" where the data has no id
  std::vector<Reading> readings;
};

}  // namespace memprop::analog::fit
