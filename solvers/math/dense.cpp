#include "solvers/math/dense.hpp"

namespace memprop {

double dot(const double* a, const double* b, std::size_t n) {
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (std::size_t k = 0; k < n; ++k) sum += a[k] * b[k];
  return sum;
}

void add_product(const double* a, std::size_t rows, std::size_t cols, std::size_t stride,
                 const double* x, double scale, double* y) {
  std::size_t r = 0;
  // Four rows share every load of x.
  for (; r + 4 <= rows; r += 4) {
    const double* a0 = a + r * stride;
    const double* a1 = a0 + stride;
    const double* a2 = a1 + stride;
    const double* a3 = a2 + stride;
    double s0 = 0.0, s1 = 0.0, s2 = 0.0, s3 = 0.0;
#pragma omp simd reduction(+ : s0, s1, s2, s3)
    for (std::size_t c = 0; c < cols; ++c) {
      s0 += a0[c] * x[c];
      s1 += a1[c] * x[c];
      s2 += a2[c] * x[c];
      s3 += a3[c] * x[c];
    }
    y[r] += scale * s0;
    y[r + 1] += scale * s1;
    y[r + 2] += scale * s2;
    y[r + 3] += scale * s3;
  }
  for (; r < rows; ++r) y[r] += scale * dot(a + r * stride, x, cols);
}

void add_transposed_product(const double* a, std::size_t rows, std::size_t cols, std::size_t stride,
                            const double* x, double scale, double* y) {
  std::size_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    const double* a0 = a + r * stride;
    const double* a1 = a0 + stride;
    const double* a2 = a1 + stride;
    const double* a3 = a2 + stride;
    const double x0 = scale * x[r], x1 = scale * x[r + 1];
    const double x2 = scale * x[r + 2], x3 = scale * x[r + 3];
#pragma omp simd
    for (std::size_t c = 0; c < cols; ++c) {
      y[c] += (a0[c] * x0 + a1[c] * x1) + (a2[c] * x2 + a3[c] * x3);
    }
  }
  for (; r < rows; ++r) {
    const double* a0 = a + r * stride;
    const double x0 = scale * x[r];
#pragma omp simd
    for (std::size_t c = 0; c < cols; ++c) y[c] += a0[c] * x0;
  }
}

}  // namespace memprop
