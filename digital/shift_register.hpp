// The controller's random bits: 32-bit linear shift registers over GF(2).
//
// Recurrence (Marsaglia, "Xorshift RNGs", J. Stat. Softw. 8(14), 2003, triple 13, 17, 5):
//   x ^= x << 13;  x ^= x >> 17;  x ^= x << 5;        period 2^32 - 1, zero excluded
// A register is advanced first, then read; a draw is its upper 16 bits. In hardware every next bit
// is an XOR of a few present ones, one step per clock cycle. Seeding and the order of the draws are
// specified in digital/README.md.
#pragma once

#include <cstdint>

namespace memprop::digital {

// What a register belongs to; part of its seed.
enum class Lane : std::uint32_t {
  column = 0,
  row = 1,
  sign = 2,
  sleep_input = 3,   // spikes of the inputs asleep (sleep_rows.hpp)
  sleep_window = 4,  // and where they may be
  sleep_write = 5,   // pulses asleep (sleep_sequencer.hpp)
};

constexpr std::uint32_t advance(std::uint32_t x) {
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return x;
}

constexpr std::uint32_t draw16(std::uint32_t x) { return x >> 16; }

// The finaliser of MurmurHash3 (32 bits): a bijection in which every input bit reaches every output
// bit.
constexpr std::uint32_t murmur3_finaliser(std::uint32_t h) {
  h ^= h >> 16;
  h *= 0x85ebca6bU;
  h ^= h >> 13;
  h *= 0xc2b2ae35U;
  h ^= h >> 16;
  return h;
}

// The start value of register `index` of the given lane and tile; never zero.
constexpr std::uint32_t register_seed(std::uint32_t seed, std::uint32_t tile, Lane lane,
                                      std::uint32_t index) {
  constexpr std::uint32_t golden_ratio = 0x9e3779b9U;  // 2^32 / ((1 + sqrt 5) / 2)
  std::uint32_t h = murmur3_finaliser(seed + golden_ratio);
  h = murmur3_finaliser(h + tile + golden_ratio);
  h = murmur3_finaliser(h + static_cast<std::uint32_t>(lane) + golden_ratio);
  h = murmur3_finaliser(h + index + golden_ratio);
  return h != 0 ? h : golden_ratio;
}

}  // namespace memprop::digital
