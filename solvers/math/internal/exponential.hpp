// exp() in pieces, by lane: x = k ln 2 + r, exp(x) = 2^k (1 + expm1(r)).
//
// The polynomials interpolate at Chebyshev nodes of |r| <= ln(2)/2; the errors given are relative
// to exp(r), of the polynomial in exact arithmetic.
#pragma once

#include "solvers/math/internal/lanes.hpp"

namespace memprop::lanes {

// k is kept as the sum k + kRound, whose low bits are the integer.
template <class V>
struct Reduced {
  V shifted_k;
  V r;
};

// Adding and subtracting this rounds to the nearest integer.
inline constexpr double kRound64 = 6755399441055744.0;  // 1.5 * 2^52
inline constexpr float kRound32 = 12582912.0F;          // 1.5 * 2^23

// |x| < 1100 in double, 128 in single precision.
inline Reduced<F64> reduce_ln2(F64 x) {
  constexpr double kInvLn2 = 1.4426950408889634074;
  constexpr double kLn2Hi = 0.6931471803691238164901733;  // 32 bits, so k kLn2Hi is exact
  constexpr double kLn2Lo = 1.9082149292705878161e-10;
  const F64 shifted = madd(x, kInvLn2, kRound64);
  const F64 k = shifted - kRound64;
  return {shifted, madd(-k, broadcast<F64>(kLn2Lo), madd(-k, broadcast<F64>(kLn2Hi), x))};
}
inline Reduced<F32> reduce_ln2(F32 x) {
  constexpr float kInvLn2 = 1.44269504F;
  constexpr float kLn2Hi = 0.693115234375F;  // 12 bits
  constexpr float kLn2Lo = 3.19461849453e-5F;
  const F32 shifted = madd(x, kInvLn2, kRound32);
  const F32 k = shifted - kRound32;
  return {shifted, madd(-k, broadcast<F32>(kLn2Lo), madd(-k, broadcast<F32>(kLn2Hi), x))};
}

// exp(r) - 1; 1.7e-17 and 1.0e-8.
inline F64 expm1_reduced(F64 r) {
  const F64 r2 = r * r;
  const F64 r4 = r2 * r2;
  const F64 q01 = madd(r, 0.16666666666666667452, 0.5);
  const F64 q23 = madd(r, 0.0083333333333300644495, 0.041666666666624161903);
  const F64 q45 = madd(r, 0.00019841269863040545271, 0.0013888888917196719077);
  const F64 q67 = madd(r, 2.7557268480310025526e-6, 2.4801521322368693266e-5);
  const F64 q89 = madd(r, 2.5100375832561233664e-8, 2.7620075879983366586e-7);
  const F64 low = madd(r2, q23, q01);
  const F64 high = madd(r4, q89, madd(r2, q67, q45));
  return madd(r2, madd(r4, high, low), r);
}
inline F32 expm1_reduced(F32 r) {
  const F32 r2 = r * r;
  const F32 q01 = madd(r, 0.166665770256F, 0.5F);
  const F32 q23 = madd(r, 0.00836317307451F, 0.0416665546621F);
  const F32 q4 = broadcast<F32>(0.00139261761199F);
  return madd(r2, madd(r2, madd(r2, q4, q23), q01), r);
}

// 2^k from k + kRound; k within the exponents of normal numbers.
inline F64 exp2_shifted(F64 shifted_k) {
  return bit_cast<F64>((bit_cast<U64>(shifted_k) << 52) + 0x3FF0000000000000U);
}
inline F32 exp2_shifted(F32 shifted_k) {
  return bit_cast<F32>((bit_cast<U32>(shifted_k) << 23) + 0x3F800000U);
}

}  // namespace memprop::lanes
