// Vectors as wide as the machine's units, and the multiply-add that all products are chains of.
// Include only in .cpp files: the width depends on the target.
#pragma once

#if defined(__FMA__)
#include <immintrin.h>
#endif

#include <cstddef>
#include <cstring>

namespace memprop::learning::internal {

#if defined(__AVX512F__)
inline constexpr std::size_t kVectorBytes = 64;
#elif defined(__AVX__)
inline constexpr std::size_t kVectorBytes = 32;
#else
inline constexpr std::size_t kVectorBytes = 16;
#endif

template <class T>
struct Lane {
  // An alias of a dependent type would lose the attribute.
  typedef T type __attribute__((vector_size(kVectorBytes)));  // NOLINT(modernize-use-using)
};
template <class T>
inline constexpr std::size_t kLanes = kVectorBytes / sizeof(T);

template <class T>
typename Lane<T>::type load(const T* p) {
  typename Lane<T>::type v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
template <class T>
void store(T* p, typename Lane<T>::type v) {
  std::memcpy(p, &v, sizeof v);
}

// a b + c, rounded once where the machine can. Left to the compiler, a product and a sum are fused
// in one place and not in the other, and results depend on which code a column went through.
#if defined(__AVX512F__)
inline Lane<float>::type multiply_add(Lane<float>::type a, Lane<float>::type b,
                                      Lane<float>::type c) {
  return Lane<float>::type(_mm512_fmadd_ps(__m512(a), __m512(b), __m512(c)));
}
inline Lane<double>::type multiply_add(Lane<double>::type a, Lane<double>::type b,
                                       Lane<double>::type c) {
  return Lane<double>::type(_mm512_fmadd_pd(__m512d(a), __m512d(b), __m512d(c)));
}
#elif defined(__FMA__)
inline Lane<float>::type multiply_add(Lane<float>::type a, Lane<float>::type b,
                                      Lane<float>::type c) {
  return Lane<float>::type(_mm256_fmadd_ps(__m256(a), __m256(b), __m256(c)));
}
inline Lane<double>::type multiply_add(Lane<double>::type a, Lane<double>::type b,
                                       Lane<double>::type c) {
  return Lane<double>::type(_mm256_fmadd_pd(__m256d(a), __m256d(b), __m256d(c)));
}
#else
template <class V>
V multiply_add(V a, V b, V c) {
  return a * b + c;
}
#endif

}  // namespace memprop::learning::internal
