#include "solvers/random_stream.hpp"

#include <Random123/philox.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <set>
#include <vector>

#include "solvers/math/internal/philox.hpp"

namespace memprop {
namespace {

using Words = std::array<std::uint32_t, 4>;

Words lane_philox(Words counter, std::array<std::uint32_t, 2> key) {
  using lanes::broadcast;
  using lanes::U64;
  const lanes::PhiloxWords w = lanes::PhiloxKey(key).words(
      {broadcast<U64>(std::uint64_t{counter[0]}), broadcast<U64>(std::uint64_t{counter[1]}),
       broadcast<U64>(std::uint64_t{counter[2]}), broadcast<U64>(std::uint64_t{counter[3]})});
  const auto low = [](U64 v) { return static_cast<std::uint32_t>(v[lanes::kWidth64 - 1]); };
  return {low(w.w0), low(w.w1), low(w.w2), low(w.w3)};
}

// The three vectors of Random123's kat_vectors for philox4x32 with 10 rounds.
TEST(Philox, GivesThePublishedAnswers) {
  EXPECT_EQ(lane_philox({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(lane_philox({ones, ones, ones, ones}, {ones, ones}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(lane_philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, LanesEqualRandom123) {
  const RandomStream random(3, "test/philox");
  for (std::uint64_t i = 0; i < 10000; ++i) {
    const Words c = random.words(i, 0);
    const Words k = random.words(i, 1);
    const auto want = r123::Philox4x32()({{c[0], c[1], c[2], c[3]}}, {{k[0], k[1]}});
    EXPECT_EQ(lane_philox(c, {k[0], k[1]}), (Words{want[0], want[1], want[2], want[3]}));
  }
}

// The transform itself against the C library in extended precision, on the stream's own words.
TEST(RandomStream, NormalIsBoxMullerOfTheFirstTwoWords) {
  const RandomStream random(11, "test/box-muller");
  for (std::uint64_t i = 0; i < 200000; ++i) {
    const Words w = random.words(i, 5);
    const long double u = (static_cast<long double>(w[0]) + 1) / 4294967296.0L;
    const long double turns = static_cast<std::int32_t>(w[1]) / 4294967296.0L;
    const long double want = std::sqrt(-2 * std::log(u)) * std::cos(2 * std::acos(-1.0L) * turns);
    ASSERT_NEAR(random.normal(i, 5), static_cast<double>(want), 4e-15) << i;
  }
}

TEST(RandomStream, BatchesGiveTheSameBitsAsSingleValues) {
  const RandomStream random(1, "test/batch");
  for (const std::size_t n : {0u, 1u, 2u, 3u, 7u, 8u, 9u, 15u, 16u, 17u, 100u, 1003u}) {
    const std::uint64_t first = 0xFFFFFFF0U;  // crosses into the high word
    const std::uint64_t event = 0x123456789ABCDEFU;
    std::vector<double> batch(n + 1, -99.0);
    random.normals(first, event, Span<double>(batch.data(), n));
    EXPECT_EQ(batch[n], -99.0);
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(batch[i], random.normal(first + i, event)) << i;

    std::vector<std::uint32_t> index(n);
    for (std::size_t i = 0; i < n; ++i) index[i] = static_cast<std::uint32_t>(i * 2654435761U);
    random.normals_at(index, event, Span<double>(batch.data(), n));
    EXPECT_EQ(batch[n], -99.0);
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(batch[i], random.normal(index[i], event)) << i;
  }
}

// Integer arithmetic and correctly rounded operations only: these bits hold on every processor.
TEST(RandomStream, ValuesDoNotDependOnTheInstructionSet) {
  const RandomStream random(1, "x");
  EXPECT_EQ(random.normal(5, 5), 2.1480366787893201);
}

struct Moments {
  double mean, variance, skewness, kurtosis;
};
Moments moments(const std::vector<double>& x) {
  const double n = static_cast<double>(x.size());
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
  for (const double v : x) {
    m1 += v;
    m2 += v * v;
    m3 += v * v * v;
    m4 += v * v * v * v;
  }
  return {m1 / n, m2 / n, m3 / n, m4 / n};
}

// Raw moments 0, 1, 0, 3 of 1e6 draws; limits are 4.5 standard errors sqrt(1, 2, 15, 96)/1000.
TEST(RandomStream, NormalsHaveTheMomentsAndTailsOfTheNormalDistribution) {
  std::vector<double> x(1000000);
  for (const std::uint64_t event : {0u, 1u, 77u}) {
    RandomStream(42, "test/moments").normals(0, event, x);
    const Moments m = moments(x);
    EXPECT_NEAR(m.mean, 0.0, 4.5e-3);
    EXPECT_NEAR(m.variance, 1.0, 4.5e-3 * std::sqrt(2.0));
    EXPECT_NEAR(m.skewness, 0.0, 4.5e-3 * std::sqrt(15.0));
    EXPECT_NEAR(m.kurtosis, 3.0, 4.5e-3 * std::sqrt(96.0));
    for (const double sigma : {1.0, 2.0, 3.0, 4.0}) {
      const double p = std::erfc(sigma / std::sqrt(2.0));
      const double count = static_cast<double>(
          std::count_if(x.begin(), x.end(), [sigma](double v) { return std::fabs(v) > sigma; }));
      EXPECT_NEAR(count, 1e6 * p, 4.5 * std::sqrt(1e6 * p * (1 - p))) << sigma;
    }
    // Kolmogorov-Smirnov: sqrt(n) D exceeds 2.0 with probability 7e-4.
    std::sort(x.begin(), x.end());
    double d = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double f = 0.5 * std::erfc(-x[i] / std::sqrt(2.0));
      d = std::max({d, f - static_cast<double>(i) * 1e-6, static_cast<double>(i + 1) * 1e-6 - f});
    }
    EXPECT_LT(1000.0 * d, 2.0);
  }
}

TEST(RandomStream, UniformsFillTheOpenInterval) {
  const RandomStream random(5, "test/uniform");
  std::vector<double> x(200000);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = random.uniform(i);
  std::sort(x.begin(), x.end());
  EXPECT_GT(x.front(), 0.0);
  EXPECT_LT(x.back(), 1.0);
  double d = 0;
  const double n = static_cast<double>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    d = std::max({d, x[i] - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - x[i]});
  }
  EXPECT_LT(std::sqrt(n) * d, 2.0);
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum / static_cast<double>(a.size());
}

// Of independent standard normals the sample correlation is 0 +- 1/sqrt(n).
TEST(RandomStream, SeedsNamesIndicesAndEventsAreIndependent) {
  const std::size_t n = 250000;
  const double limit = 4.5 / std::sqrt(static_cast<double>(n));
  const auto draw = [n](std::uint64_t seed, std::string_view name, std::uint64_t first,
                        std::uint64_t event) {
    std::vector<double> x(n);
    RandomStream(seed, name).normals(first, event, x);
    return x;
  };
  const auto base = draw(1, "chip/cycle", 0, 0);
  EXPECT_LT(std::fabs(correlation(base, draw(2, "chip/cycle", 0, 0))), limit);
  EXPECT_LT(std::fabs(correlation(base, draw(1, "chip/cycld", 0, 0))), limit);
  EXPECT_LT(std::fabs(correlation(base, draw(1, "", 0, 0))), limit);
  EXPECT_LT(std::fabs(correlation(base, draw(1, "chip/cycle", 1, 0))), limit);
  EXPECT_LT(std::fabs(correlation(base, draw(1, "chip/cycle", 0, 1))), limit);
  EXPECT_LT(std::fabs(correlation(base, draw(1, "chip/cycle", 0, std::uint64_t{1} << 32))), limit);
  EXPECT_LT(std::fabs(correlation(base, draw(1, "chip/cycle", std::uint64_t{1} << 32, 0))), limit);
  // The uniform of the same index and event comes from other words.
  std::vector<double> uniform(n);
  const RandomStream random(1, "chip/cycle");
  for (std::size_t i = 0; i < n; ++i) uniform[i] = std::sqrt(12.0) * (random.uniform(i) - 0.5);
  EXPECT_LT(std::fabs(correlation(base, uniform)), limit);
}

TEST(RandomStream, NearbySeedsGiveDifferentKeys) {
  std::set<std::array<std::uint32_t, 4>> seen;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    for (const char* name : {"a", "b", "ab", "ba"}) {
      seen.insert(RandomStream(seed, name).words(0));
    }
  }
  EXPECT_EQ(seen.size(), 4000u);
}

}  // namespace
}  // namespace memprop
