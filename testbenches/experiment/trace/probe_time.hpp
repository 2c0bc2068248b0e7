// Times of rows.
#pragma once

#include <cstdint>

namespace memprop::bench {

// The double nearest to a whole number of picoseconds: rounding it times 1e12 gives the number back
// (up to 2^52 ps, more than an hour of chip time).
inline double seconds_of(std::uint64_t picoseconds) {
  return static_cast<double>(picoseconds) / 1e12;
}

}  // namespace memprop::bench
