// Lattices against a general sparse LU of the same equations, their reduction to the terminals, and
// conjugate gradients on kept factors.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC bug 105593, in Eigen's AVX-512 code
#endif
#include "solvers/nodal/lattice_cholesky.hpp"

#include <gtest/gtest.h>

#include <Eigen/Sparse>
#include <Eigen/SparseLU>
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "solvers/error.hpp"
#include "solvers/nodal/conjugate_gradient.hpp"
#include "solvers/random_stream.hpp"

namespace memprop {
namespace {

struct Case {
  std::size_t rows, columns;
  LatticeEnds ends;
};

std::string case_name(const ::testing::TestParamInfo<Case>& info) {
  const auto& e = info.param.ends;
  return std::to_string(info.param.rows) + "x" + std::to_string(info.param.columns) +
         (e.left ? "L" : "") + (e.right ? "R" : "") + (e.top ? "T" : "") + (e.bottom ? "B" : "");
}

LatticeShape shape_of(const Case& c) {
  LatticeShape shape;
  shape.rows = c.rows;
  shape.columns = c.columns;
  shape.ends = c.ends;
  return shape;
}

LatticeValues random_values(const LatticeShape& shape, std::uint64_t seed) {
  const RandomStream random(seed, "lattice");
  LatticeValues values(shape);
  values.horizontal = 0.8;
  values.vertical = 1.3;
  const auto fill = [&](std::vector<double>& v, bool on, std::uint64_t event) {
    for (std::size_t k = 0; on && k < v.size(); ++k) v[k] = 0.2 + random.uniform(k, event);
  };
  fill(values.left, shape.ends.left, 1);
  fill(values.right, shape.ends.right, 2);
  fill(values.top, shape.ends.top, 3);
  fill(values.bottom, shape.ends.bottom, 4);
  for (std::size_t k = 0; k < values.cross.size(); ++k) {
    values.cross.data()[k] = 0.05 * random.uniform(k, 5);
  }
  return values;
}

// The matrix written down from the branches, terminals included (behind the nodes).
Eigen::SparseMatrix<double> full_matrix(const LatticeShape& s, const LatticeValues& v) {
  std::vector<Eigen::Triplet<double>> t;
  const auto branch = [&](std::size_t a, std::size_t b, double g) {
    const int p = static_cast<int>(a), q = static_cast<int>(b);
    t.emplace_back(p, p, g), t.emplace_back(q, q, g);
    t.emplace_back(p, q, -g), t.emplace_back(q, p, -g);
  };
  const std::size_t m = s.rows, n = s.columns;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      if (j + 1 < n) branch(s.upper(i, j), s.upper(i, j + 1), v.horizontal);
      if (i + 1 < m) branch(s.lower(i, j), s.lower(i + 1, j), v.vertical);
      branch(s.upper(i, j), s.lower(i, j), v.cross(i, j));
    }
    branch(s.upper(i, 0), s.nodes() + i, v.left[i]);
    branch(s.upper(i, n - 1), s.nodes() + i, v.right[i]);
  }
  for (std::size_t j = 0; j < n; ++j) {
    branch(s.lower(0, j), s.nodes() + m + j, v.top[j]);
    branch(s.lower(m - 1, j), s.nodes() + m + j, v.bottom[j]);
  }
  const int size = static_cast<int>(s.nodes() + m + n);
  Eigen::SparseMatrix<double> a(size, size);
  a.setFromTriplets(t.begin(), t.end());
  return a;
}

class Lattice : public ::testing::TestWithParam<Case> {};

TEST_P(Lattice, SolutionsEqualThoseOfAGeneralSolver) {
  const LatticeShape shape = shape_of(GetParam());
  const LatticeValues values = random_values(shape, 1);
  const auto size = static_cast<int>(shape.nodes());
  const Eigen::SparseMatrix<double> a = full_matrix(shape, values).topLeftCorner(size, size);
  Eigen::SparseLU<Eigen::SparseMatrix<double>> lu(a);
  LatticeCholesky lattice(shape);
  lattice.factor(values);
  constexpr std::size_t count = 11;  // a block of eight, a partial one
  std::vector<double> x(shape.nodes() * count);
  const RandomStream random(2, "right-hand side");
  random.normals(0, 0, x);
  Eigen::Map<Eigen::MatrixXd> b(x.data(), size, count);
  const Eigen::MatrixXd expected = lu.solve(Eigen::MatrixXd(b));
  std::vector<double> single(x.begin(), x.begin() + size);
  lattice.solve(x, count);
  lattice.solve(single);
  const double scale = expected.cwiseAbs().maxCoeff();
  EXPECT_LT((b - expected).cwiseAbs().maxCoeff(), 1e-12 * scale);
  const Eigen::Map<Eigen::VectorXd> one(single.data(), size);
  EXPECT_LT((one - expected.col(0)).cwiseAbs().maxCoeff(), 1e-12 * scale);
  // The product knows the same matrix.
  std::vector<double> image(shape.nodes());
  lattice_product(values, single.data(), image.data());
  const Eigen::VectorXd product = a * one;
  for (int i = 0; i < size; ++i)
    EXPECT_NEAR(image[static_cast<std::size_t>(i)], product(i), 1e-12 * scale);
}

TEST_P(Lattice, ReductionIsTheSchurComplementOnTheTerminals) {
  const LatticeShape shape = shape_of(GetParam());
  const LatticeValues values = random_values(shape, 3);
  const Eigen::SparseMatrix<double> a = full_matrix(shape, values);
  const auto size = static_cast<int>(shape.nodes());
  const int terminals = static_cast<int>(shape.rows + shape.columns);
  const Eigen::SparseMatrix<double> inner = a.topLeftCorner(size, size);
  Eigen::SparseLU<Eigen::SparseMatrix<double>> lu(inner);
  const Eigen::MatrixXd coupling = a.topRightCorner(size, terminals);
  const Eigen::MatrixXd expected = Eigen::MatrixXd(a.bottomRightCorner(terminals, terminals)) -
                                   coupling.transpose() * lu.solve(coupling);
  LatticeCholesky lattice(shape, LatticeCholesky::Use::reduce);
  lattice.factor(values);
  const Matrix& y = lattice.reduced();
  double worst = 0.0, asymmetry = 0.0;
  for (int r = 0; r < terminals; ++r) {
    for (int c = 0; c < terminals; ++c) {
      const auto p = static_cast<std::size_t>(r), q = static_cast<std::size_t>(c);
      worst = std::max(worst, std::abs(y(p, q) - expected(r, c)));
      asymmetry = std::max(asymmetry, std::abs(y(p, q) - y(q, p)));
    }
  }
  EXPECT_LT(worst, 1e-12 * expected.cwiseAbs().maxCoeff());
  EXPECT_EQ(asymmetry, 0.0);
}

constexpr LatticeEnds near_ends{true, false, false, true}, far_ends{false, true, true, false},
    all_ends{true, true, true, true}, rows_only{true, false, false, false};
INSTANTIATE_TEST_SUITE_P(Shapes, Lattice,
                         ::testing::Values(Case{1, 1, near_ends}, Case{1, 9, all_ends},
                                           Case{9, 1, near_ends}, Case{2, 3, all_ends},
                                           Case{4, 4, all_ends}, Case{4, 5, near_ends},
                                           Case{5, 4, far_ends}, Case{8, 8, near_ends},
                                           Case{8, 8, all_ends}, Case{13, 7, far_ends},
                                           Case{3, 50, rows_only}, Case{50, 6, all_ends},
                                           Case{33, 31, near_ends}, Case{48, 65, all_ends},
                                           Case{64, 64, near_ends}, Case{97, 80, near_ends}),
                         case_name);

TEST(LatticeCholesky, NewValuesReplaceTheOld) {
  const LatticeShape shape = shape_of({20, 30, near_ends});
  LatticeCholesky reused(shape), fresh(shape);
  reused.factor(random_values(shape, 1));
  reused.factor(random_values(shape, 2));
  fresh.factor(random_values(shape, 2));
  std::vector<double> a(shape.nodes(), 1.0), b = a;
  reused.solve(a);
  fresh.solve(b);
  EXPECT_EQ(a, b);
}

TEST(LatticeCholesky, AFloatingPartIsFound) {
  const LatticeShape shape = shape_of({12, 12, near_ends});
  LatticeValues values = random_values(shape, 1);
  values.left[5] = 0.0;
  LatticeCholesky lattice(shape);
  EXPECT_NO_THROW(lattice.factor(values)) << "held by its cells";
  for (std::size_t j = 0; j < 12; ++j) values.cross(5, j) = 0.0;
  EXPECT_THROW(lattice.factor(values), SingularLattice);
  std::vector<double> x(shape.nodes());
  EXPECT_THROW(lattice.solve(x), InternalError) << "no half-made factor is used";
}

TEST(ConjugateGradient, FewStepsWithTheFactorsOfANearbyLattice) {
  const LatticeShape shape = shape_of({40, 40, near_ends});
  LatticeValues values = random_values(shape, 1);
  LatticeCholesky kept(shape);
  kept.factor(values);
  for (std::size_t k : {3UL, 700UL, 1599UL}) values.cross.data()[k] *= 3.0;  // rank 3
  std::vector<double> b(shape.nodes(), 1.0), x(shape.nodes(), 0.0), expected = b;
  ConjugateGradient solver(shape.nodes());
  const auto result =
      solver.solve([&](const double* in, double* out) { lattice_product(values, in, out); },
                   [&](double* in) {
                     kept.solve({in, shape.nodes()});
                   },
                   b.data(), x.data(), 1e-13, 20);
  EXPECT_TRUE(result.converged);
  EXPECT_LE(result.steps, 5u) << "rank 3 takes four steps in exact arithmetic";
  LatticeCholesky fresh(shape);
  fresh.factor(values);
  fresh.solve(expected);
  const double scale = *std::max_element(expected.begin(), expected.end());
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], expected[i], 1e-12 * scale);
}

}  // namespace
}  // namespace memprop
