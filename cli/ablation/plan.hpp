// Which runs an ablation needs: one per imperfection that is on, and one without any of them.
#pragma once

#include <string>
#include <vector>

#include "testbenches/experiment/ablation.hpp"

namespace memprop::cli {

struct AblationCase {
  std::string name;     // of the imperfection, or "all"
  std::string meaning;  // one line
  std::string keys;     // what is set: "chip.adc.bits=ideal, ..."
  std::string config;   // the whole configuration of the run, as TOML
};

inline constexpr const char* all_imperfections = "all";

// In the order of the catalogue, "all" last; empty when nothing is on. The runs are those of
// `config` without references, comparisons and trace, on one thread; paths in them are absolute.
// UserError when the run is not one of a chip.
std::vector<AblationCase> plan_ablation(const bench::RunConfig& config);

}  // namespace memprop::cli
