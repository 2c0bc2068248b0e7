#include "solvers/math/activation.hpp"

#include <array>
#include <cstring>
#include <string>
#include <type_traits>

#include "solvers/error.hpp"
#include "solvers/math/internal/exponential.hpp"

namespace memprop {
namespace {

using namespace lanes;

struct NamedActivation {
  Activation f;
  std::string_view name;
};
constexpr std::array<NamedActivation, 5> kNames{{{Activation::linear, "linear"},
                                                 {Activation::tanh, "tanh"},
                                                 {Activation::logistic, "logistic"},
                                                 {Activation::shifted_logistic, "shifted_logistic"},
                                                 {Activation::hard_sigmoid, "hard_sigmoid"}}};

// A kernel maps one register of values. Comparisons are written so that NaN passes through.

struct HardSigmoid {
  template <class V>
  static V at(V v) {
    const V zero = V{};
    const V one = zero + 1;
    const V low = v < zero ? zero : v;
    return low > one ? one : low;
  }
};

// For a = |v| below 5/8: a + a^3 P(a^2)/Q(a^2) (rational interpolation at Chebyshev nodes, degree 2
// over 3, relative error 2e-18; single precision 1 over 1, 1.5e-8); above: 1 - 2/(exp(2a) + 1).
// Both share one division.
struct Tanh {
  static F64 numerator(F64 z) {
    return madd(z, madd(z, -0.00019917804358612869883, -0.020498799708498872634),
                -0.33333333333333332707);
  }
  static F64 denominator(F64 z) {
    const F64 q = madd(z, 0.00020653373748750249712, 0.023291331876298858901);
    return madd(z, madd(z, q, 0.46149639912549314413), 1.0);
  }
  static F32 numerator(F32 z) { return madd(z, -0.0015510663581230F, -0.33333328758320F); }
  static F32 denominator(F32 z) { return madd(z, 0.40464681302590F, 1.0F); }

  template <class V>
  static V at(V v) {
    using T = std::remove_reference_t<decltype(v[0])>;
    using Bits = typename Of<T>::Bits;
    constexpr T kSaturated = sizeof(T) == 8 ? T(20) : T(10);  // 1 - tanh is below half a unit
    const Bits sign = bit_cast<Bits>(v) & Of<T>::kSign;
    const V a = bit_cast<V>(bit_cast<Bits>(v) ^ sign);
    const V saturated = broadcast<V>(kSaturated);
    const V y = a > saturated ? saturated : a;
    const Reduced<V> red = reduce_ln2(y + y);
    const V e = (expm1_reduced(red.r) + T(1)) * exp2_shifted(red.shifted_k);
    const V z = a * a;
    const auto large = a >= broadcast<V>(T(0.625));
    const V base = large ? broadcast<V>(T(1)) : a;
    const V num = large ? broadcast<V>(T(-2)) : (a * z) * numerator(z);
    const V den = large ? e + T(1) : denominator(z);
    return bit_cast<V>(bit_cast<Bits>(base + num / den) | sign);
  }
};

// 1/(1 + exp(-(u + lo))): with e = exp(-|u|) it is 1/(1 + e) above zero and e/(1 + e) below, so
// neither side cancels or overflows. What rounding took from e and from s = 1 + e is put back to
// first order, with 1/s taken from the quotient itself. Results below the normal range must be
// rounded once only: e is formed 2^128 (2^32) too large there and scaled back.
template <class V>
inline V logistic_of(V u, V lo) {
  using T = std::remove_reference_t<decltype(u[0])>;
  using Bits = typename Of<T>::Bits;
  constexpr bool kDouble = sizeof(T) == 8;
  constexpr T kZero = kDouble ? T(-750) : T(-105);  // the exponential rounds to 0
  constexpr T kTiny = kDouble ? T(-690) : T(-80);
  constexpr T kShift = kDouble ? T(128) : T(32);
  constexpr T kUnshift = kDouble ? T(0x1p-128) : T(0x1p-32);
  const V zero = V{};
  const V one = zero + T(1);

  const Bits positive = ~bit_cast<Bits>(u) & Of<T>::kSign;
  const auto negative = u < zero;
  const V a = bit_cast<V>(bit_cast<Bits>(u) ^ positive);  // -|u|
  const V x = a < broadcast<V>(kZero) ? broadcast<V>(kZero) : a;
  const Reduced<V> red = reduce_ln2(x);
  const auto tiny = x < broadcast<V>(kTiny);
  const V up = exp2_shifted(red.shifted_k + (tiny ? broadcast<V>(kShift) : zero));
  const V down = tiny ? broadcast<V>(kUnshift) : one;

  const V t = expm1_reduced(red.r + bit_cast<V>(bit_cast<Bits>(lo) ^ positive));
  const V mantissa = one + t;
  const V e = mantissa * up * down;
  const V e_lost = (t - (mantissa - one)) * up * down;
  const V s = one + e;
  const V s_lost = (e - (s - one)) + e_lost;
  const V q = (negative ? e : one) / s;
  const V inverse = negative ? one - q : q;
  return madd(madd(-q, s_lost, negative ? e_lost : zero), inverse, q);
}

struct Logistic {
  template <class V>
  static V at(V v) {
    return logistic_of(v, V{});
  }
};

// The rounding of u = 4v - 2 would be magnified by the exponential: what it lost is carried along.
struct ShiftedLogistic {
  template <class V>
  static V at(V v) {
    using T = std::remove_reference_t<decltype(v[0])>;
    const V high = broadcast<V>(T(1000));  // saturated beyond, and 4v cannot overflow
    const V low = -high;
    const V below = v > high ? high : v;
    const V f = (below < low ? low : below) * T(4);
    const V u = f - T(2);
    const V back = u + T(2);
    return logistic_of(u, (f - back) + ((back - u) - T(2)));
  }
};

// Whole registers, then the rest in a padded one through the same kernel.
template <class Kernel, class T>
void apply(const T* in, T* out, std::size_t n) {
  using V = typename Of<T>::Values;
  constexpr std::size_t kWidth = sizeof(V) / sizeof(T);
  std::size_t i = 0;
  for (; i + kWidth <= n; i += kWidth) store(Kernel::at(load<V>(in + i)), out + i);
  if (i < n) {
    T padded[kWidth] = {};
    std::memcpy(padded, in + i, (n - i) * sizeof(T));
    store(Kernel::at(load<V>(padded)), padded);
    std::memcpy(out + i, padded, (n - i) * sizeof(T));
  }
}

template <class T>
void dispatch(Activation f, const T* in, T* out, std::size_t n) {
  switch (f) {
    case Activation::linear:
      if (in != out && n > 0) std::memmove(out, in, n * sizeof(T));
      return;
    case Activation::tanh:
      return apply<Tanh>(in, out, n);
    case Activation::logistic:
      return apply<Logistic>(in, out, n);
    case Activation::shifted_logistic:
      return apply<ShiftedLogistic>(in, out, n);
    case Activation::hard_sigmoid:
      return apply<HardSigmoid>(in, out, n);
  }
  throw InternalError("unknown activation function");
}

}  // namespace

std::string_view name(Activation f) {
  for (const NamedActivation& entry : kNames) {
    if (entry.f == f) return entry.name;
  }
  throw InternalError("unknown activation function");
}

Activation activation_from_name(std::string_view text) {
  std::string known;
  for (const NamedActivation& entry : kNames) {
    if (entry.name == text) return entry.f;
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw UserError("expected an activation function (" + known + "), got \"" + std::string(text) +
                  "\"");
}

void activate(Activation f, const double* in, double* out, std::size_t n) {
  dispatch(f, in, out, n);
}

void activate(Activation f, const float* in, float* out, std::size_t n) { dispatch(f, in, out, n); }

void activation_slope(Activation f, const double* v, const double* r, double* out, std::size_t n) {
  switch (f) {
    case Activation::linear:
      for (std::size_t i = 0; i < n; ++i) out[i] = 1.0;
      return;
    case Activation::tanh:
      for (std::size_t i = 0; i < n; ++i) out[i] = (1.0 - r[i]) * (1.0 + r[i]);
      return;
    case Activation::logistic:
      for (std::size_t i = 0; i < n; ++i) out[i] = r[i] * (1.0 - r[i]);
      return;
    case Activation::shifted_logistic:
      for (std::size_t i = 0; i < n; ++i) out[i] = 4.0 * r[i] * (1.0 - r[i]);
      return;
    case Activation::hard_sigmoid:
      for (std::size_t i = 0; i < n; ++i) out[i] = v[i] >= 0.0 && v[i] <= 1.0 ? 1.0 : 0.0;
      return;
  }
  throw InternalError("unknown activation function");
}

double max_slope(Activation f) {
  switch (f) {
    case Activation::linear:
    case Activation::tanh:
    case Activation::shifted_logistic:
    case Activation::hard_sigmoid:
      return 1.0;
    case Activation::logistic:
      return 0.25;
  }
  throw InternalError("unknown activation function");
}

}  // namespace memprop
