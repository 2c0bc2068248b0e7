// Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011), one counter per lane.
//
// The words stand in the low halves of 64-bit lanes; what stands above them is arbitrary, because
// the multiplication reads only the low halves. The scalar reference is Random123's.
#pragma once

#include <array>
#include <cstdint>

#include "solvers/math/internal/lanes.hpp"

namespace memprop::lanes {

struct PhiloxWords {
  U64 w0, w1, w2, w3;
};

// The round keys of one key, ready in registers' form.
class PhiloxKey {
 public:
  explicit PhiloxKey(std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < 10; ++round) {
      k0_[round] = broadcast<U64>(std::uint64_t{key[0]});
      k1_[round] = broadcast<U64>(std::uint64_t{key[1]});
      key[0] += 0x9E3779B9U;
      key[1] += 0xBB67AE85U;
    }
  }

  PhiloxWords words(PhiloxWords c) const {
    const U64 m0 = broadcast<U64>(std::uint64_t{0xD2511F53U});
    const U64 m1 = broadcast<U64>(std::uint64_t{0xCD9E8D57U});
    for (int round = 0; round < 10; ++round) {
      const U64 p0 = multiply_low(c.w0, m0);
      const U64 p1 = multiply_low(c.w2, m1);
      c = {(p1 >> 32) ^ c.w1 ^ k0_[round], p1, (p0 >> 32) ^ c.w3 ^ k1_[round], p0};
    }
    return c;
  }

 private:
  U64 k0_[10], k1_[10];
};

}  // namespace memprop::lanes
