#include "solvers/random_stream.hpp"

#include <Random123/philox.h>

#include <cstring>

#include "solvers/math/internal/lanes.hpp"
#include "solvers/math/internal/philox.hpp"

namespace memprop {
namespace {

using namespace lanes;

// SplitMix64's output function (Steele, Lea, Flood 2014): a bijection that mixes every bit.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

// FNV-1a, 64 bits.
constexpr std::uint64_t hash(std::string_view text) {
  std::uint64_t h = 0xCBF29CE484222325U;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return h;
}

constexpr std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
constexpr std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

// An integer below 2^52 as a double: its bits below the leading one of 2^52.
inline F64 to_double(U64 x) { return bit_cast<F64>(x | 0x4330000000000000U) - 4503599627370496.0; }

// sqrt(-2 ln u) for u = n 2^-32, n = 1..2^32. With n = 2^e m, m in [sqrt(1/2), sqrt(2)), and
// s = (m - 1)/(m + 1): ln m = 2 atanh(s) = 2s + s^3 L(s^2), L of degree 6 (relative error 5e-18).
// No fused operation here or below: the numbers are the same with every instruction set.
inline F64 radius(F64 n) {
  constexpr std::uint64_t kSqrtHalf = 0x3FE6A09E667F3BCDU;  // bits of sqrt(1/2)
  // Counting exponents from sqrt(1/2) puts m into its interval without a comparison.
  const U64 shifted = bit_cast<U64>(n) - kSqrtHalf;
  const F64 m = bit_cast<F64>((shifted & 0x000FFFFFFFFFFFFFU) + kSqrtHalf);
  const F64 e = to_double(shifted >> 52);
  const F64 s = (m - 1.0) / (m + 1.0);
  const F64 z = s * s;
  const F64 z2 = z * z;
  const F64 l01 = z * 0.3999999999989950449 + 0.66666666666666696862;
  const F64 l23 = z * 0.22222211134795079855 + 0.28571428625975484921;
  const F64 l45 = z * 0.15331721600556041269 + 0.1818288912526172208;
  const F64 l46 = z2 * 0.1461644968504340586 + l45;
  const F64 l = z2 * (z2 * l46 + l23) + l01;
  const F64 log_m = s * z * l + (s + s);
  const F64 minus_log_u = (32.0 - e) * 0.69314718055994530942 - log_m;
  return square_root(minus_log_u + minus_log_u);
}

// cos(2 pi t) for t = w/2^32 in turns, w taken with sign: with d = 1/4 - |t| it is sin(2 pi d),
// |d| <= 1/4, d S(d^2), S of degree 8 (3e-19).
inline F64 cosine_of_turns(U64 w) {
  const U64 sign_off = (w + 0x80000000U) & 0xFFFFFFFFU;
  const F64 t = to_double(sign_off) - 2147483648.0;
  const F64 abs_t = bit_cast<F64>(bit_cast<U64>(t) & 0x7FFFFFFFFFFFFFFFU);
  const F64 d = 0.25 - abs_t * 0x1p-32;
  const F64 z = d * d;
  const F64 z2 = z * z;
  const F64 z4 = z2 * z2;
  const F64 s01 = z * -41.341702240399756862 + 6.2831853071795864756;
  const F64 s23 = z * -76.705859752824919209 + 81.605249276073615183;
  const F64 s45 = z * -15.094641676117900093 + 42.05869392542868225;
  const F64 s67 = z * -0.71773379214134533133 + 3.8199280942271642021;
  const F64 s47 = z2 * s67 + s45;
  const F64 high_part = z4 * 0.10089695501646811163 + s47;
  return d * (z4 * high_part + (z2 * s23 + s01));
}

inline F64 normal_lanes(U64 index, std::uint64_t event, const PhiloxKey& key) {
  const PhiloxWords counter{index, index >> 32, broadcast<U64>(std::uint64_t{low(event)}),
                            broadcast<U64>(std::uint64_t{high(event)})};
  const PhiloxWords words = key.words(counter);
  const F64 n = to_double((words.w0 & 0xFFFFFFFFU) + 1);
  return radius(n) * cosine_of_turns(words.w1);
}

inline U64 lane_numbers() {
  std::uint64_t k[kWidth64];
  for (std::size_t i = 0; i < kWidth64; ++i) k[i] = i;
  return load<U64>(k);
}

inline U64 widen(const std::uint32_t* index) {
  using Narrow [[gnu::vector_size(kBytes / 2)]] = std::uint32_t;
  return __builtin_convertvector(load<Narrow>(index), U64);
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed, std::string_view name) {
  const std::uint64_t key = mix(mix(seed) ^ hash(name));
  key_ = {low(key), high(key)};
}

std::array<std::uint32_t, 4> RandomStream::words(std::uint64_t index, std::uint64_t event) const {
  const r123::Philox4x32::ctr_type counter{{low(index), high(index), low(event), high(event)}};
  const auto words = r123::Philox4x32()(counter, {{key_[0], key_[1]}});
  return {words[0], words[1], words[2], words[3]};
}

double RandomStream::uniform(std::uint64_t index, std::uint64_t event) const {
  // The last two words: a normal of the same index and event is independent of it. 52 bits and a
  // half keep both ends out.
  const auto w = words(index, event);
  const std::uint64_t bits = (std::uint64_t{w[2]} << 32 | w[3]) >> 12;
  return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

double RandomStream::normal(std::uint64_t index, std::uint64_t event) const {
  return normal_lanes(broadcast<U64>(index), event, PhiloxKey(key_))[0];
}

void RandomStream::normals(std::uint64_t first, std::uint64_t event, Span<double> out) const {
  const PhiloxKey key(key_);
  const U64 lane = lane_numbers();
  const std::size_t n = out.size();
  std::size_t i = 0;
  for (; i + kWidth64 <= n; i += kWidth64) {
    store(normal_lanes(lane + (first + i), event, key), out.data() + i);
  }
  if (i < n) {
    double rest[kWidth64];
    store(normal_lanes(lane + (first + i), event, key), rest);
    std::memcpy(out.data() + i, rest, (n - i) * sizeof(double));
  }
}

void RandomStream::normals_at(Span<const std::uint32_t> index, std::uint64_t event,
                              Span<double> out) const {
  const PhiloxKey key(key_);
  const std::size_t n = index.size();
  std::size_t i = 0;
  for (; i + kWidth64 <= n; i += kWidth64) {
    store(normal_lanes(widen(index.data() + i), event, key), out.data() + i);
  }
  if (i < n) {
    std::uint32_t rest_index[kWidth64] = {};
    std::memcpy(rest_index, index.data() + i, (n - i) * sizeof(std::uint32_t));
    double rest[kWidth64];
    store(normal_lanes(widen(rest_index), event, key), rest);
    std::memcpy(out.data() + i, rest, (n - i) * sizeof(double));
  }
}

}  // namespace memprop
