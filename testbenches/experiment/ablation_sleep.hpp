// The part of the catalogue of imperfections that is about a chip's sleep.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "testbenches/experiment/ablation.hpp"

namespace memprop::bench {

void add_sleep_imperfections(std::vector<Imperfection>& all);
// Keys that are none, with the reason.
void add_sleep_choices(std::vector<std::pair<std::string, std::string>>& all);

}  // namespace memprop::bench
