// A run's description as text: all values as TOML, the reference of all keys, and what differs
// between two descriptions.
#pragma once

#include <string>
#include <vector>

#include "testbenches/experiment/run_config.hpp"

namespace memprop::config {

// Every key with its value; reads back as the same description.
std::string resolved_toml(const bench::RunConfig& config);

// docs/config.md.
std::string config_reference();

struct Difference {
  std::string key;
  std::string before, after;    // as TOML
  bool affects_results = true;  // false: the key changes only what is written, how fast, or where
};

std::vector<Difference> compare(const bench::RunConfig& before, const bench::RunConfig& after);

}  // namespace memprop::config
