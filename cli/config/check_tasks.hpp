// Checks of [tasks] and [sleep]: what makes no sense, and what the fidelity cannot run.
#pragma once

#include "cli/config/check.hpp"

namespace memprop::config {

void check_tasks(const bench::RunConfig& config, const Locate& locate);

}  // namespace memprop::config
