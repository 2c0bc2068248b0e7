// Reading the description of a run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/config/place.hpp"
#include "testbenches/experiment/run_config.hpp"

namespace memprop::config {

struct Config {
  bench::RunConfig run;
  std::string text;                    // the file as it stands, for the trace
  std::vector<std::string> overrides;  // "key=value"
  Locate locate = locate_nowhere;      // where its keys stand, for what is found out later
};

// Reads, checks keys, values and their combinations, and that output.path can be written. Throws
// UserError "FILE:LINE: key 'a.b': expected ..., got ..." ("--set a.b=...: ..." for overrides).
Config load_config(const std::string& path, const std::vector<std::string>& overrides = {});

// The same from text, without a look at output.path. Relative data paths count from base_directory.
Config parse_config(std::string_view text, const std::string& source_name,
                    const std::vector<std::string>& overrides = {},
                    const std::string& base_directory = "");

}  // namespace memprop::config
