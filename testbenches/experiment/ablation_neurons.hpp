// The part of the catalogue of imperfections that is about neurons, their branches and adaptation.
#pragma once

#include <vector>

#include "testbenches/experiment/ablation.hpp"

namespace memprop::bench {

void add_neuron_imperfections(std::vector<Imperfection>& all);

}  // namespace memprop::bench
