// What entries of the catalogue of imperfections are made with.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "testbenches/experiment/ablation.hpp"

namespace memprop::bench {

using Settings = std::vector<Setting>;

inline bool always(const RunConfig&) { return true; }

// One whose remedy is the same for every run; more_keys describe it, too.
inline Imperfection fixed(std::string name, std::string meaning, bool (*applies)(const RunConfig&),
                          Settings settings, std::vector<std::string> more_keys = {}) {
  std::vector<std::string> keys;
  for (const Setting& s : settings) keys.push_back(s.key);
  keys.insert(keys.end(), more_keys.begin(), more_keys.end());
  return {std::move(name), std::move(meaning), std::move(keys), applies,
          [settings = std::move(settings)](const RunConfig&) { return settings; }};
}

}  // namespace memprop::bench
