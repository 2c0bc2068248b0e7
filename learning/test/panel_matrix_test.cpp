#include "learning/reference/internal/panel_matrix.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "learning/reference/internal/activity_block.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning::internal {
namespace {

template <class T>
class PanelMatrixTest : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(PanelMatrixTest, Types);

Matrix random_matrix(std::size_t rows, std::size_t cols, const char* name) {
  const RandomStream stream(3, name);
  Matrix m(rows, cols);
  for (std::size_t i = 0; i < m.size(); ++i) m.values()[i] = stream.normal(i);
  return m;
}

template <class T>
ActivityBlock<T> random_block(std::size_t rows, std::size_t columns, const char* name) {
  const RandomStream stream(4, name);
  ActivityBlock<T> block(rows, columns);
  for (std::size_t j = 0; j < columns; ++j) {
    for (std::size_t i = 0; i < rows; ++i) {
      block.col(j)[i] = static_cast<T>(stream.normal(i, j));
    }
  }
  return block;
}

constexpr std::size_t kShapes[][2] = {{1, 1}, {10, 512}, {512, 10}, {33, 7}, {130, 65}, {16, 16}};

TYPED_TEST(PanelMatrixTest, ProductAgainstLongDouble) {
  using T = TypeParam;
  for (const auto& shape : kShapes) {
    const Matrix a = random_matrix(shape[0], shape[1], "a");
    PanelMatrix<T> packed(shape[0], shape[1]);
    packed.assign(a, false);
    const auto x = random_block<T>(shape[1], 23, "x");
    const auto init = random_block<T>(shape[0], 23, "init");
    ActivityBlock<T> out(shape[0], 23);
    packed.multiply(x.in(), 23, T(0.5), init.in(), out.out());
    for (std::size_t j = 0; j < 23; ++j) {
      for (std::size_t i = 0; i < shape[0]; ++i) {
        long double sum = init.col(j)[i], size = std::abs(sum);
        for (std::size_t k = 0; k < shape[1]; ++k) {
          const long double term = 0.5L * static_cast<T>(a(i, k)) * x.col(j)[k];
          sum += term;
          size += std::abs(term);
        }
        // The bound of a chain of n roundings.
        const double bound = static_cast<double>(shape[1] + 2) *
                             static_cast<double>(std::numeric_limits<T>::epsilon()) *
                             static_cast<double>(size);
        ASSERT_NEAR(static_cast<double>(out.col(j)[i]), static_cast<double>(sum), bound);
      }
    }
  }
}

TYPED_TEST(PanelMatrixTest, ColumnsDoNotDependOnTheirNeighbours) {
  using T = TypeParam;
  PanelMatrix<T> a(130, 65);
  a.assign(random_matrix(130, 65, "a"), false);
  constexpr std::size_t most = 29;
  const auto x = random_block<T>(65, most, "x");
  const auto init = random_block<T>(130, most, "init");
  ActivityBlock<T> all(130, most), one(130, most);
  for (const bool from_init : {false, true}) {
    const auto start = [&](std::size_t j) { return from_init ? init.in(j) : Columns<const T>{}; };
    for (std::size_t j = 0; j < most; ++j) a.multiply(x.in(j), 1, T(0.3), start(j), one.out(j));
    for (std::size_t count = 1; count <= most; ++count) {
      all.set_zero();
      a.multiply(x.in(), count, T(0.3), start(0), all.out());
      for (std::size_t j = 0; j < count; ++j) {
        for (std::size_t i = 0; i < 130; ++i) ASSERT_EQ(all.col(j)[i], one.col(j)[i]) << count;
      }
    }
  }
}

TYPED_TEST(PanelMatrixTest, RankUpdateAgainstLongDoubleAndItsTransposeBitForBit) {
  using T = TypeParam;
  for (const auto& shape : kShapes) {
    const Matrix start = random_matrix(shape[0], shape[1], "a");
    PanelMatrix<T> a(shape[0], shape[1]), at(shape[1], shape[0]);
    a.assign(start, false);
    at.assign(start, true);
    const auto d = random_block<T>(shape[0], 21, "d");
    const auto x = random_block<T>(shape[1], 21, "x");
    for (std::size_t p = 0; p < a.panels(); ++p) a.add_outer(p, T(0.25), d.in(), x.in(), 21);
    for (std::size_t p = 0; p < at.panels(); ++p) at.add_outer(p, T(0.25), x.in(), d.in(), 21);
    for (std::size_t i = 0; i < shape[0]; ++i) {
      for (std::size_t k = 0; k < shape[1]; ++k) {
        long double sum = static_cast<T>(start(i, k)), size = std::abs(sum);
        for (std::size_t j = 0; j < 21; ++j) {
          const long double term = 0.25L * d.col(j)[i] * x.col(j)[k];
          sum += term;
          size += std::abs(term);
        }
        const double bound = 24.0 * static_cast<double>(std::numeric_limits<T>::epsilon()) *
                             static_cast<double>(size);
        ASSERT_NEAR(static_cast<double>(a.at(i, k)), static_cast<double>(sum), bound);
        ASSERT_EQ(a.at(i, k), at.at(k, i));
      }
    }
  }
}

}  // namespace
}  // namespace memprop::learning::internal
