#include "digital/pulse_count_kernels.hpp"

#if defined(__AVX512F__) && defined(__AVX512BW__)
#include <immintrin.h>
#endif

#include "digital/shift_register.hpp"

namespace memprop::digital {

namespace {

#if defined(__AVX512F__) && defined(__AVX512BW__)

using Lanes32 = std::uint32_t __attribute__((vector_size(64), may_alias));
using Lanes64 = std::uint64_t __attribute__((vector_size(64), may_alias));

// The zero-masked forms with a full mask: the plain ones warn of uninitialised values in GCC 12.
inline Lanes64 multiply_even_lanes(Lanes64 a, Lanes64 b) {
  return reinterpret_cast<Lanes64>(
      _mm512_maskz_mul_epu32(0xff, reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
}

inline Lanes64 shuffle_bytes(Lanes64 a, std::uint64_t low, std::uint64_t high) {
  const Lanes64 pattern = {low, high, low, high, low, high, low, high};
  return reinterpret_cast<Lanes64>(
      _mm512_shuffle_epi8(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(pattern)));
}

// The compiler's own vectorisation multiplies all 64 x 64 bits and shuffles lanes; 32 x 32 bits of
// the even and the odd lanes need one multiplication each. Shifts and multiplications share one
// port, so lanes are moved by byte shuffles.
inline unsigned count_block(const PulseCountBlocks& out, std::size_t block, Lanes32 a,
                            std::uint32_t b, unsigned shift) {
  auto* state = reinterpret_cast<Lanes32*>(out.state + block * block_lanes);
  Lanes32 s = *state;
  s ^= s << 13;
  s ^= s >> 17;
  s ^= s << 5;
  *state = s;
  const auto registers = reinterpret_cast<Lanes64>(s);
  const auto factors = reinterpret_cast<Lanes64>(a);
  const Lanes64 factor = Lanes64{} + b;
  // Byte 0x80 of a pattern gives zero. The draws: bytes 2, 3 of every 64 bits, and bytes 6, 7.
  const Lanes64 even_draw = shuffle_bytes(registers, 0x8080808080800302, 0x8080808080800b0a);
  const Lanes64 odd_draw = shuffle_bytes(registers, 0x8080808080800706, 0x8080808080800f0e);
  const Lanes64 odd_factors = shuffle_bytes(factors, 0x8080808007060504, 0x808080800f0e0d0c);
  const Lanes64 even = (multiply_even_lanes(factors, factor) >> shift) + even_draw;
  const Lanes64 odd = (multiply_even_lanes(odd_factors, factor) >> shift) + odd_draw;
  // Counts fit 32 bits: the odd ones move to the upper halves in the same shift.
  const Lanes64 counts = (even >> 16) | ((odd << 16) & 0xffffffff00000000U);
  *reinterpret_cast<Lanes64*>(out.n + block * block_lanes) = counts;
  const auto n = reinterpret_cast<__m512i>(counts);
  const unsigned hits = _mm512_test_epi32_mask(n, n);
  out.hits[block] = static_cast<std::uint16_t>(hits);
  return hits;
}

inline Lanes32 load_block(const std::uint32_t* values, std::size_t block) {
  return *reinterpret_cast<const Lanes32*>(values + block * block_lanes);
}

inline Lanes32 product_block(const std::int32_t* plus, const std::int32_t* minus, std::size_t block,
                             std::int32_t plus_row, std::int32_t minus_row) {
  const Lanes32 p = *reinterpret_cast<const Lanes32*>(plus + block * block_lanes);
  const Lanes32 m = *reinterpret_cast<const Lanes32*>(minus + block * block_lanes);
  const Lanes32 d =
      p * static_cast<std::uint32_t>(plus_row) - m * static_cast<std::uint32_t>(minus_row);
  const Lanes32 sign = Lanes32{} - (d >> 31);  // all ones where d < 0
  return (d ^ sign) - sign;
}

#else

struct Lanes32 {
  std::uint32_t lane[block_lanes];
};

inline unsigned count_block(const PulseCountBlocks& out, std::size_t block, const Lanes32& a,
                            std::uint32_t b, unsigned shift) {
  std::uint32_t* __restrict state = out.state + block * block_lanes;
  std::uint32_t* __restrict n = out.n + block * block_lanes;
  std::uint32_t any = 0;
#pragma omp simd reduction(| : any)
  for (std::size_t i = 0; i < block_lanes; ++i) {
    const std::uint32_t s = advance(state[i]);
    state[i] = s;
    const std::uint64_t scaled = (std::uint64_t{a.lane[i]} * b) >> shift;
    n[i] = static_cast<std::uint32_t>((scaled + draw16(s)) >> 16);
    any |= n[i];
  }
  unsigned hits = 0;
  if (any != 0) {
    for (unsigned i = 0; i < block_lanes; ++i) hits |= (n[i] != 0 ? 1U : 0U) << i;
  }
  out.hits[block] = static_cast<std::uint16_t>(hits);
  return hits;
}

inline Lanes32 load_block(const std::uint32_t* values, std::size_t block) {
  Lanes32 a;
  for (std::size_t i = 0; i < block_lanes; ++i) a.lane[i] = values[block * block_lanes + i];
  return a;
}

inline Lanes32 product_block(const std::int32_t* plus, const std::int32_t* minus, std::size_t block,
                             std::int32_t plus_row, std::int32_t minus_row) {
  Lanes32 a;
  for (std::size_t i = 0; i < block_lanes; ++i) {
    const std::size_t k = block * block_lanes + i;
    const std::int32_t d = plus[k] * plus_row - minus[k] * minus_row;
    a.lane[i] = static_cast<std::uint32_t>(d < 0 ? -d : d);
  }
  return a;
}

#endif

}  // namespace

// The stores may alias anything, so the block's addresses are copied to locals first.
unsigned pulse_counts_simplified(const PulseCountBlocks& blocks, const std::uint32_t* d,
                                 std::uint32_t row_factor, unsigned shift) {
  const PulseCountBlocks out = blocks;
  unsigned any = 0;
  for (std::size_t block = 0; block < out.blocks; ++block) {
    any |= count_block(out, block, load_block(d, block), row_factor, shift);
  }
  return any;
}

unsigned pulse_counts_product(const PulseCountBlocks& blocks, const std::int32_t* plus,
                              const std::int32_t* minus, std::int32_t plus_row,
                              std::int32_t minus_row, std::uint32_t mantissa, unsigned shift) {
  const PulseCountBlocks out = blocks;
  unsigned any = 0;
  for (std::size_t block = 0; block < out.blocks; ++block) {
    any |= count_block(out, block, product_block(plus, minus, block, plus_row, minus_row), mantissa,
                       shift);
  }
  return any;
}

unsigned pulse_counts_wide(const PulseCountBlocks& blocks, const std::uint64_t* magnitude,
                           std::uint32_t mantissa, unsigned shift) {
  __extension__ using Wide = unsigned __int128;
  const PulseCountBlocks out = blocks;
  unsigned any = 0;
  for (std::size_t block = 0; block < out.blocks; ++block) {
    unsigned hits = 0;
    for (unsigned lane = 0; lane < block_lanes; ++lane) {
      const std::size_t i = block * block_lanes + lane;
      out.state[i] = advance(out.state[i]);
      const Wide scaled = (static_cast<Wide>(magnitude[i]) * mantissa) >> shift;
      const Wide count = (scaled + draw16(out.state[i])) >> 16;
      out.n[i] = count > 0xffffffffU ? 0xffffffffU : static_cast<std::uint32_t>(count);
      hits |= (out.n[i] != 0 ? 1U : 0U) << lane;
    }
    out.hits[block] = static_cast<std::uint16_t>(hits);
    any |= hits;
  }
  return any;
}

}  // namespace memprop::digital
