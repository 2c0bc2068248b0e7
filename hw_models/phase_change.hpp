// The log of a sample: what the controller drives, change by change.
#pragma once

#include <cstdint>

#include "digital/controller.hpp"

namespace memprop::hw {

// What is driven from `cycle` on (0: the first of LOAD).
struct PhaseChange {
  std::uint64_t cycle = 0;
  digital::Phase phase = digital::Phase::idle;
  bool row_en = false;
  bool nudge_en = false;
  bool nudge_negative = false;
};

}  // namespace memprop::hw
