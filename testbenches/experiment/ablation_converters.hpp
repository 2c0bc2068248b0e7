// The part of the catalogue of imperfections that is about DACs, ADCs and what stands before them.
#pragma once

#include <vector>

#include "testbenches/experiment/ablation.hpp"

namespace memprop::bench {

void add_converter_imperfections(std::vector<Imperfection>& all);

}  // namespace memprop::bench
