#include "digital/shift_register.hpp"

#include <array>
#include <set>

#include <gtest/gtest.h>

namespace memprop::digital {
namespace {

// Column k is the image of bit k: the register as a linear map over GF(2).
using Map = std::array<std::uint32_t, 32>;

std::uint32_t apply(const Map& map, std::uint32_t x) {
  std::uint32_t y = 0;
  for (unsigned k = 0; k < 32; ++k) {
    if ((x >> k) & 1U) y ^= map[k];
  }
  return y;
}

Map compose(const Map& outer, const Map& inner) {
  Map result{};
  for (unsigned k = 0; k < 32; ++k) result[k] = apply(outer, inner[k]);
  return result;
}

Map power(std::uint64_t exponent) {
  Map result{}, square{};
  for (unsigned k = 0; k < 32; ++k) {
    result[k] = 1U << k;
    square[k] = advance(1U << k);
  }
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1U) result = compose(square, result);
    square = compose(square, square);
  }
  return result;
}

TEST(ShiftRegister, PublishedSequence) {
  // Marsaglia's start value y = 2463534242 and the numbers that his xor() gives after it.
  std::uint32_t x = 2463534242U;
  for (const std::uint32_t expected : {723471715U, 2497366906U, 2064144800U}) {
    x = advance(x);
    EXPECT_EQ(x, expected);
  }
}

TEST(ShiftRegister, PeriodIsTwoToThe32MinusOne) {
  constexpr std::uint64_t period = 0xffffffffULL;  // 3 * 5 * 17 * 257 * 65537
  const Map identity = power(0);
  EXPECT_EQ(power(period), identity);
  for (const std::uint64_t prime : {3U, 5U, 17U, 257U, 65537U}) {
    EXPECT_NE(power(period / prime), identity) << prime;
  }
}

TEST(ShiftRegister, FinaliserIsMurmur3s) {
  EXPECT_EQ(murmur3_finaliser(0), 0U);
  EXPECT_EQ(murmur3_finaliser(1), 0x514e28b7U);
  EXPECT_EQ(murmur3_finaliser(0xffffffffU), 0x81f16f39U);
}

TEST(ShiftRegister, SeedsAreNotZeroAndDiffer) {
  std::set<std::uint32_t> seen;
  std::size_t registers = 0;
  for (std::uint32_t seed = 0; seed < 4; ++seed) {
    for (std::uint32_t tile = 0; tile < 4; ++tile) {
      for (const Lane lane : {Lane::column, Lane::row, Lane::sign}) {
        for (std::uint32_t index = 0; index < 100; ++index, ++registers) {
          const std::uint32_t value = register_seed(seed, tile, lane, index);
          EXPECT_NE(value, 0U);
          seen.insert(value);
        }
      }
    }
  }
  // 4800 of 2^32: 0.003 collisions expected.
  EXPECT_EQ(seen.size(), registers);
}

}  // namespace
}  // namespace memprop::digital
