// Rules that concern several keys at once, and what lies outside the file.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "testbenches/experiment/run_config.hpp"

namespace memprop::config {

// The start of an error sentence about a key; without a file: "key 'a.b'".
using Locate = std::function<std::string(std::string_view key)>;
std::string locate_nowhere(std::string_view key);

// Throws UserError for the first combination of values that makes no sense.
void check(const bench::RunConfig& config, const Locate& locate = locate_nowhere);

// Throws UserError when output.path cannot be written.
void check_output(const bench::RunConfig& config, const Locate& locate = locate_nowhere);

}  // namespace memprop::config
