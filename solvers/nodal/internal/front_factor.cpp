#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC bug 105593, in Eigen's AVX-512 code
#endif
#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cmath>

#include "solvers/nodal/internal/front.hpp"

namespace memprop::nodal {
namespace {

constexpr double singular_ratio = 1e-14;
// Up to this many eliminated nodes plain loops are faster than Eigen's packed products.
constexpr std::size_t small_front = 16;

using Dense = Eigen::Map<Eigen::MatrixXd, Eigen::Aligned64, Eigen::OuterStride<>>;

Eigen::Index index(std::size_t n) { return static_cast<Eigen::Index>(n); }

void factor_small(double* l11, std::size_t k, double* l21, std::size_t b, double* schur) {
  const std::size_t ld = padded(b);
  for (std::size_t c = 0; c < k; ++c) {
    double* top = l11 + c * k;
    double* low = l21 + c * ld;
    for (std::size_t p = 0; p < c; ++p) {
      const double factor = l11[p * k + c];
      const double* top_p = l11 + p * k;
      const double* low_p = l21 + p * ld;
      for (std::size_t r = c; r < k; ++r) top[r] -= factor * top_p[r];
#pragma omp simd
      for (std::size_t r = 0; r < ld; ++r) low[r] -= factor * low_p[r];
    }
    top[c] = std::sqrt(top[c]);
    const double inverse = 1.0 / top[c];
    for (std::size_t r = c + 1; r < k; ++r) top[r] *= inverse;
#pragma omp simd
    for (std::size_t r = 0; r < ld; ++r) low[r] *= inverse;
  }
  for (std::size_t q = 0; q < b; ++q) {
    double* column = schur + q * ld;
    const std::size_t from = q / 8 * 8;  // whole vectors; what lies above the diagonal is not read
    std::size_t c = 0;
    for (; c + 4 <= k; c += 4) {
      const double* l = l21 + c * ld;
      const double f0 = l[q], f1 = l[ld + q], f2 = l[2 * ld + q], f3 = l[3 * ld + q];
#pragma omp simd
      for (std::size_t r = from; r < ld; ++r) {
        column[r] -= (f0 * l[r] + f1 * l[ld + r]) + (f2 * l[2 * ld + r] + f3 * l[3 * ld + r]);
      }
    }
    for (; c < k; ++c) {
      const double* l = l21 + c * ld;
      const double f = l[q];
#pragma omp simd
      for (std::size_t r = from; r < ld; ++r) column[r] -= f * l[r];
    }
  }
}

bool factor_large(double* l11, std::size_t k, double* l21, std::size_t b, double* schur) {
  Eigen::Map<Eigen::MatrixXd> a11(l11, index(k), index(k));
  Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> llt(a11);
  if (llt.info() != Eigen::Success) return false;
  if (b == 0) return true;
  const auto stride = Eigen::OuterStride<>(index(padded(b)));
  Dense a21(l21, index(b), index(k), stride);
  Dense a22(schur, index(b), index(b), stride);
  a11.triangularView<Eigen::Lower>().transpose().solveInPlace<Eigen::OnTheRight>(a21);
  a22.selfadjointView<Eigen::Lower>().rankUpdate(a21, -1.0);
  return true;
}

// Inverse of the triangle of rows and columns first .. first + 7 (a unit matrix beyond k), column
// by column.
void invert_triangle(const double* l11, std::size_t k, std::size_t first, double* out) {
  double l[8][8], inverse[8][8] = {};
  for (std::size_t r = 0; r < 8; ++r) {
    for (std::size_t c = 0; c <= r; ++c) {
      const bool inside = first + r < k;
      l[r][c] = inside ? l11[(first + c) * k + first + r] : (r == c ? 1.0 : 0.0);
    }
  }
  for (std::size_t c = 0; c < 8; ++c) {
    inverse[c][c] = 1.0 / l[c][c];
    for (std::size_t r = c + 1; r < 8; ++r) {
      double sum = 0.0;
      for (std::size_t p = c; p < r; ++p) sum += l[r][p] * inverse[p][c];
      inverse[r][c] = -sum / l[r][r];
    }
  }
  for (std::size_t c = 0; c < 8; ++c) {
    for (std::size_t r = 0; r < 8; ++r) out[c * 8 + r] = inverse[r][c];
  }
}

}  // namespace

bool factor_front(double* l11, std::size_t k, double* l21, std::size_t b, double* schur,
                  const double* diagonal) {
  if (k <= small_front) {
    factor_small(l11, k, l21, b, schur);
  } else if (!factor_large(l11, k, l21, b, schur)) {
    return false;
  }
  for (std::size_t c = 0; c < k; ++c) {
    const double pivot = l11[c * k + c];
    if (!(pivot * pivot > singular_ratio * diagonal[c])) return false;
  }
  return true;
}

void pack_front(const double* l11, std::size_t k, const double* l21, std::size_t b,
                double* packed) {
  for (std::size_t first = 0; first < k; first += 8) {
    for (std::size_t c = 0; c < first; ++c, packed += 8) {
      for (std::size_t r = 0; r < 8; ++r) packed[r] = first + r < k ? l11[c * k + first + r] : 0.0;
    }
    invert_triangle(l11, k, first, packed);
    packed += 64;
  }
  const std::size_t ld = padded(b);
  for (std::size_t first = 0; first < b; first += 8) {
    for (std::size_t c = 0; c < padded(k); ++c, packed += 8) {
      for (std::size_t r = 0; r < 8; ++r) packed[r] = c < k ? l21[c * ld + first + r] : 0.0;
    }
  }
}

}  // namespace memprop::nodal
