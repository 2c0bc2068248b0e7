// Values side by side in one vector register, for elementary functions without branch, table or
// library call (compiler vector extensions of GCC and Clang; comparisons give masks, and
// mask ? a : b selects by lane).
//
// The number of lanes follows the compiler's target and stays inside .cpp files. Files that include
// this are compiled without contraction of a*b + c (sources_a.cmake), so every lane computes the
// same function of its input, wherever it stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace memprop::lanes {

#if defined(__AVX512F__) && defined(__AVX512DQ__)
inline constexpr std::size_t kBytes = 64;
#elif defined(__AVX2__)
inline constexpr std::size_t kBytes = 32;
#else
inline constexpr std::size_t kBytes = 16;
#endif

using F64 [[gnu::vector_size(kBytes)]] = double;
using I64 [[gnu::vector_size(kBytes)]] = std::int64_t;
using U64 [[gnu::vector_size(kBytes)]] = std::uint64_t;
using F32 [[gnu::vector_size(kBytes)]] = float;
using U32 [[gnu::vector_size(kBytes)]] = std::uint32_t;

template <class T>
struct Of;
template <>
struct Of<double> {
  using Values = F64;
  using Bits = U64;
  static constexpr std::uint64_t kSign = 0x8000000000000000U;
};
template <>
struct Of<float> {
  using Values = F32;
  using Bits = U32;
  static constexpr std::uint32_t kSign = 0x80000000U;
};

inline constexpr std::size_t kWidth64 = kBytes / 8;

template <class To, class From>
inline To bit_cast(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

template <class V, class T>
inline V load(const T* from) {
  V v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

template <class V, class T>
inline void store(V v, T* to) {
  std::memcpy(to, &v, sizeof v);
}

template <class V, class T>
inline V broadcast(T value) {
  return V{} + value;
}

// a*b + c in one rounding where the target has the instruction.
inline F64 madd(F64 a, F64 b, F64 c) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return _mm512_fmadd_pd(a, b, c);
#elif defined(__AVX2__) && defined(__FMA__)
  return _mm256_fmadd_pd(a, b, c);
#else
  return a * b + c;
#endif
}
inline F32 madd(F32 a, F32 b, F32 c) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__) && defined(__FMA__)
  return _mm256_fmadd_ps(a, b, c);
#else
  return a * b + c;
#endif
}
inline F64 madd(F64 a, F64 b, double c) { return madd(a, b, broadcast<F64>(c)); }
inline F64 madd(F64 a, double b, double c) { return madd(a, broadcast<F64>(b), broadcast<F64>(c)); }
inline F64 madd(F64 a, double b, F64 c) { return madd(a, broadcast<F64>(b), c); }
inline F32 madd(F32 a, F32 b, float c) { return madd(a, b, broadcast<F32>(c)); }
inline F32 madd(F32 a, float b, float c) { return madd(a, broadcast<F32>(b), broadcast<F32>(c)); }

// (The masked forms keep GCC 12 from warning about its own headers.)
inline F64 square_root(F64 x) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return _mm512_maskz_sqrt_pd(0xFF, x);
#elif defined(__AVX2__)
  return _mm256_sqrt_pd(x);
#elif defined(__x86_64__)
  return _mm_sqrt_pd(x);
#else
  for (std::size_t i = 0; i < kWidth64; ++i) x[i] = __builtin_sqrt(x[i]);
  return x;
#endif
}

// The 64-bit products of the low 32 bits of the lanes; what stands above them does not matter.
inline U64 multiply_low(U64 a, U64 b) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return bit_cast<U64>(_mm512_maskz_mul_epu32(0xFF, bit_cast<__m512i>(a), bit_cast<__m512i>(b)));
#elif defined(__AVX2__)
  return bit_cast<U64>(_mm256_mul_epu32(bit_cast<__m256i>(a), bit_cast<__m256i>(b)));
#elif defined(__x86_64__)
  return bit_cast<U64>(_mm_mul_epu32(bit_cast<__m128i>(a), bit_cast<__m128i>(b)));
#else
  return (a & 0xFFFFFFFFU) * (b & 0xFFFFFFFFU);
#endif
}

}  // namespace memprop::lanes
