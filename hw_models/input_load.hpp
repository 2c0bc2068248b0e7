// What crossbars load a summing amplifier with: for each line, half of the sum of all conductances
// of its pairs [S] (G_s of analog/neuron/neuron_bank.hpp).
#pragma once

#include <vector>

#include "analog/crossbar/device_pairs.hpp"

namespace memprop::hw {

// load[i] += share * 1/2 sum over the rows of (G+ + G-) of column i.
void add_column_load(const analog::DevicePairs& pairs, double share, std::vector<double>& load);
// load[j] += share * 1/2 sum over the columns of (G+ + G-) of row j, for the first load.size()
// rows.
void add_row_load(const analog::DevicePairs& pairs, double share, std::vector<double>& load);

}  // namespace memprop::hw
