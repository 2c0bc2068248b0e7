// Rules that concern several keys at once, and what lies outside the file.
#pragma once

#include "cli/config/place.hpp"
#include "testbenches/experiment/run_config.hpp"

namespace memprop::config {

// Throws UserError for the first combination of values that makes no sense.
void check(const bench::RunConfig& config, const Locate& locate = locate_nowhere);

// Throws UserError when output.path cannot be written.
void check_output(const bench::RunConfig& config, const Locate& locate = locate_nowhere);

}  // namespace memprop::config
