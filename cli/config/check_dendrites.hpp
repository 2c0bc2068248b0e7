// Checks of [network.dendrites] and of what a chip's branches go together with.
#pragma once

#include "cli/config/check.hpp"

namespace memprop::config {

void check_dendrites(const bench::RunConfig& config, const Locate& locate);

}  // namespace memprop::config
