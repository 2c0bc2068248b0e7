// The arithmetic of update circuit U1 for one row of a tile, all columns at once:
//
//   advance the column's register, r = its upper 16 bits
//   n = (((|D| * mantissa) >> (rate_shift - 16)) + r) >> 16
//
// that is |D| * mantissa / 2^rate_shift pulses, rounded up with the probability of the fraction
// (stochastic rounding; fraction cut to 16 bits). `shift` below is rate_shift - 16.
//
// Columns come in blocks of 16 lanes, aligned to 64 bytes (AlignedVector). Each kernel writes the
// unclipped counts to n, and to hits[block] the lanes with a count other than zero (bit k: lane k);
// it returns the OR of hits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace memprop::digital {

inline constexpr std::size_t block_lanes = 16;

struct PulseCountBlocks {
  std::size_t blocks = 0;
  std::uint32_t* state = nullptr;  // registers, advanced
  std::uint32_t* n = nullptr;
  std::uint16_t* hits = nullptr;
};

// |D| = d[i] * |x|; row_factor = |x| * mantissa must fit 32 bits, and so must every count.
unsigned pulse_counts_simplified(const PulseCountBlocks& blocks, const std::uint32_t* d,
                                 std::uint32_t row_factor, unsigned shift);

// D = plus[i] * plus_row - minus[i] * minus_row, which must fit 32 bits with its sign.
unsigned pulse_counts_product(const PulseCountBlocks& blocks, const std::int32_t* plus,
                              const std::int32_t* minus, std::int32_t plus_row,
                              std::int32_t minus_row, std::uint32_t mantissa, unsigned shift);

// Any magnitude below 2^64 (ideal converters); counts saturate at 2^32 - 1.
unsigned pulse_counts_wide(const PulseCountBlocks& blocks, const std::uint64_t* magnitude,
                           std::uint32_t mantissa, unsigned shift);

}  // namespace memprop::digital
