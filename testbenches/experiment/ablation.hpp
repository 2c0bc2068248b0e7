// What makes a chip worse than the ideal network, one entry per cause: which keys of the
// configuration bring it about and what to set to be rid of it. `memprop run --ablate` repeats a
// run once per entry that is on, with it switched off and all else (the seed too) the same.
//
// Keys and values are those of the configuration file, as `--set` takes them; the reader of the
// configuration finds out whether an entry changes anything. A test holds that every key below
// chip. stands either in an entry or in not_imperfections().
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "testbenches/experiment/run_config.hpp"

namespace memprop::bench {

struct Setting {
  std::string key, value;  // "chip.adc.bits", "ideal"
};

struct Imperfection {
  std::string name;               // of the table and the trace: "adc-bits"
  std::string meaning;            // one line
  std::vector<std::string> keys;  // that describe it, not all of which need to be set
  std::function<bool(const RunConfig&)> applies;  // whether these keys count for the chosen parts
  std::function<std::vector<Setting>(const RunConfig&)> off;
};

// In the order in which their settings may be laid over one another: later ones win.
const std::vector<Imperfection>& imperfections();

// Every other key of the chip, with the reason.
const std::vector<std::pair<std::string, std::string>>& not_imperfections();

}  // namespace memprop::bench
