// The table at the end of a run, as text for people and as JSON for scripts.
#pragma once

#include <string>

#include "testbenches/experiment/run_result.hpp"

namespace memprop::bench {

std::string result_table(const RunResult& result);
std::string result_json(const RunResult& result);

}  // namespace memprop::bench
