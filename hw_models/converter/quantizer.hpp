// The static transfer of a converter: codes to volts and back.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace memprop::hw {

// Unsigned codes 0 .. 2^bits - 1 over [0, full_scale].
struct UnsignedScale {
  double full_scale_v = 1.0;
  std::uint32_t largest = 255;  // 2^bits - 1

  double lsb_v() const { return full_scale_v / static_cast<double>(largest); }
  double to_volts(std::uint32_t code) const { return static_cast<double>(code) * lsb_v(); }
};

// Two's complement codes -2^(bits-1) .. 2^(bits-1) - 1 over [-full_scale, full_scale).
struct SignedScale {
  double full_scale_v = 1.0;
  unsigned bits = 10;

  double lsb_v() const { return full_scale_v / std::ldexp(1.0, static_cast<int>(bits) - 1); }
  std::int32_t largest() const {
    return static_cast<std::int32_t>((std::uint32_t{1} << (bits - 1)) - 1U);
  }
  std::int32_t smallest() const { return -largest() - 1; }
  double to_volts(std::int32_t code) const { return static_cast<double>(code) * lsb_v(); }
  // Rounds to nearest; `clipped` is counted up when the voltage is outside the range.
  std::int32_t to_code(double volts, std::uint64_t& clipped) const {
    const double code = std::nearbyint(volts / lsb_v());
    const auto low = static_cast<double>(smallest());
    const auto high = static_cast<double>(largest());
    if (code < low || code > high) ++clipped;
    return static_cast<std::int32_t>(std::clamp(code, low, high));
  }
};

}  // namespace memprop::hw
