#include "solvers/math/activation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"

namespace memprop {
namespace {

using LongFunction = long double (*)(long double);

long double long_tanh(long double v) { return std::tanh(v); }
long double long_logistic(long double v) { return 1 / (1 + std::exp(-v)); }
long double long_shifted(long double v) { return 1 / (1 + std::exp(-4 * (v - 0.5L))); }

// The error in units of the last place of T at the exact value.
template <class T>
double error_in_ulp(T got, long double want) {
  if (std::isnan(want)) return std::isnan(got) ? 0.0 : HUGE_VAL;
  int exponent = std::numeric_limits<T>::min_exponent;
  if (want != 0) std::frexp(want, &exponent);
  exponent = std::max(exponent, std::numeric_limits<T>::min_exponent);
  const long double ulp = std::ldexp(1.0L, exponent - std::numeric_limits<T>::digits);
  return static_cast<double>(std::fabs(static_cast<long double>(got) - want) / ulp);
}

// Arguments over everything: uniform in the working range, near the seams, log-uniform from the
// smallest to the largest number, both signs.
template <class T>
std::vector<T> arguments() {
  const RandomStream random(17, "test/activation");
  std::vector<T> v;
  for (std::uint64_t i = 0; i < 300000; ++i) {
    const double u = random.uniform(i, 0);
    const double s = random.uniform(i, 1) < 0.5 ? -1.0 : 1.0;
    for (const double range : {0.01, 1.0, 5.0, 40.0, 800.0}) {
      v.push_back(static_cast<T>(s * u * range));
    }
    v.push_back(static_cast<T>(s * (0.625 + 1e-3 * (u - 0.5))));
    const double low = std::log(static_cast<double>(std::numeric_limits<T>::denorm_min()));
    const double high = std::log(static_cast<double>(std::numeric_limits<T>::max()));
    v.push_back(static_cast<T>(s * std::exp(low + u * (high - low))));
  }
  for (const T edge : {T(0), T(0.5), T(0.625), T(1), T(10), T(20), T(80), T(105), T(690), T(750),
                       std::numeric_limits<T>::min(), std::numeric_limits<T>::max(),
                       std::numeric_limits<T>::denorm_min(), std::numeric_limits<T>::infinity()}) {
    v.push_back(edge);
    v.push_back(-edge);
    v.push_back(std::nextafter(edge, T(0)));
    v.push_back(-std::nextafter(edge, T(1e30)));
  }
  return v;
}

template <class T>
double worst_error(Activation f, LongFunction exact, double& where) {
  const std::vector<T> v = arguments<T>();
  std::vector<T> r(v.size());
  activate(f, v.data(), r.data(), v.size());
  double worst = 0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    const double error = error_in_ulp<T>(r[i], exact(static_cast<long double>(v[i])));
    if (!(error <= worst)) {
      worst = error;
      where = static_cast<double>(v[i]);
    }
  }
  return worst;
}

template <class T>
class ActivationAccuracy : public testing::Test {};
using Precisions = testing::Types<double, float>;
TYPED_TEST_SUITE(ActivationAccuracy, Precisions);

TYPED_TEST(ActivationAccuracy, TanhIsWithinTwoUnits) {
  double where = 0;
  EXPECT_LE(worst_error<TypeParam>(Activation::tanh, long_tanh, where), 2.0) << "at " << where;
}

TYPED_TEST(ActivationAccuracy, LogisticIsWithinTwoUnits) {
  double where = 0;
  EXPECT_LE(worst_error<TypeParam>(Activation::logistic, long_logistic, where), 2.0)
      << "at " << where;
}

TYPED_TEST(ActivationAccuracy, ShiftedLogisticIsWithinTwoUnits) {
  double where = 0;
  EXPECT_LE(worst_error<TypeParam>(Activation::shifted_logistic, long_shifted, where), 2.0)
      << "at " << where;
}

TYPED_TEST(ActivationAccuracy, SpecialValues) {
  using T = TypeParam;
  const T inf = std::numeric_limits<T>::infinity();
  const T nan = std::numeric_limits<T>::quiet_NaN();
  const auto at = [](Activation f, T v) {
    T r = T(-7);
    activate(f, &v, &r, 1);
    return r;
  };
  EXPECT_EQ(at(Activation::tanh, inf), T(1));
  EXPECT_EQ(at(Activation::tanh, -inf), T(-1));
  EXPECT_FALSE(std::signbit(at(Activation::tanh, T(0))));
  EXPECT_TRUE(std::signbit(at(Activation::tanh, -T(0))));
  EXPECT_EQ(at(Activation::tanh, -T(0)), T(0));
  EXPECT_EQ(at(Activation::logistic, T(0)), T(0.5));
  EXPECT_EQ(at(Activation::logistic, inf), T(1));
  EXPECT_EQ(at(Activation::logistic, -inf), T(0));
  EXPECT_EQ(at(Activation::shifted_logistic, T(0.5)), T(0.5));
  EXPECT_EQ(at(Activation::shifted_logistic, inf), T(1));
  EXPECT_EQ(at(Activation::shifted_logistic, -inf), T(0));
  EXPECT_EQ(at(Activation::hard_sigmoid, T(-0.25)), T(0));
  EXPECT_EQ(at(Activation::hard_sigmoid, T(0.25)), T(0.25));
  EXPECT_EQ(at(Activation::hard_sigmoid, inf), T(1));
  EXPECT_EQ(at(Activation::linear, T(-3.5)), T(-3.5));
  for (const Activation f : {Activation::linear, Activation::tanh, Activation::logistic,
                             Activation::shifted_logistic, Activation::hard_sigmoid}) {
    EXPECT_TRUE(std::isnan(at(f, nan))) << name(f);
  }
}

TYPED_TEST(ActivationAccuracy, AValueDoesNotDependOnItsPlace) {
  using T = TypeParam;
  const RandomStream random(23, "test/position");
  std::vector<T> v(1000);
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<T>(3 * random.normal(i));
  for (const Activation f : {Activation::tanh, Activation::logistic, Activation::shifted_logistic,
                             Activation::hard_sigmoid, Activation::linear}) {
    std::vector<T> single(v.size());
    for (std::size_t i = 0; i < v.size(); ++i) activate(f, &v[i], &single[i], 1);
    for (std::size_t first = 0; first < 20; ++first) {
      for (std::size_t n = 0; n < 70; ++n) {
        std::vector<T> r(n + 1, T(-7));
        activate(f, v.data() + first, r.data(), n);
        for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(r[i], single[first + i]);
        ASSERT_EQ(r[n], T(-7));
      }
    }
    std::vector<T> in_place = v;
    activate(f, in_place.data(), in_place.data(), in_place.size());
    EXPECT_EQ(in_place, single) << name(f);
  }
}

// Against central differences of the functions in long double.
TEST(Activation, SlopesAreTheDerivatives) {
  const RandomStream random(29, "test/slope");
  const struct {
    Activation f;
    LongFunction exact;
  } cases[] = {{Activation::tanh, long_tanh},
               {Activation::logistic, long_logistic},
               {Activation::shifted_logistic, long_shifted},
               {Activation::linear, [](long double v) { return v; }},
               {Activation::hard_sigmoid,
                [](long double v) { return std::fmin(std::fmax(v, 0.0L), 1.0L); }}};
  for (const auto& c : cases) {
    double largest = 0;
    for (std::uint64_t i = 0; i < 5000; ++i) {
      const double v = 2 * random.normal(i);
      double r = 0, slope = 0;
      activate(c.f, &v, &r, 1);
      activation_slope(c.f, &v, &r, &slope, 1);
      const long double h = 1e-6L;
      const long double want = (c.exact(v + h) - c.exact(v - h)) / (2 * h);
      if (c.f == Activation::hard_sigmoid && std::fabs(std::fabs(v - 0.5) - 0.5) < 2e-6) continue;
      EXPECT_NEAR(slope, static_cast<double>(want), 1e-10) << name(c.f) << " at " << v;
      largest = std::max(largest, slope);
    }
    EXPECT_LE(largest, max_slope(c.f)) << name(c.f);
    EXPECT_NEAR(largest, max_slope(c.f), 1e-3) << name(c.f);
  }
  const double ends[] = {0.0, 1.0};
  double slope[2] = {};
  activation_slope(Activation::hard_sigmoid, ends, ends, slope, 2);
  EXPECT_EQ(slope[0], 1.0);
  EXPECT_EQ(slope[1], 1.0);
}

TEST(Activation, NamesReadBackAndUnknownOnesAreRefused) {
  for (const Activation f : {Activation::linear, Activation::tanh, Activation::logistic,
                             Activation::shifted_logistic, Activation::hard_sigmoid}) {
    EXPECT_EQ(activation_from_name(name(f)), f);
  }
  try {
    activation_from_name("relu");
    FAIL() << "accepted";
  } catch (const UserError& error) {
    EXPECT_EQ(std::string(error.what()),
              "expected an activation function (linear, tanh, logistic, shifted_logistic, "
              "hard_sigmoid), got \"relu\"");
  }
}

}  // namespace
}  // namespace memprop
