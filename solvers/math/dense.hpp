// The matrix-vector kernels of the inner loops, on row-major arrays. Sums are cut into blocks in a
// fixed way, so a result depends on the shape and the values only.
#pragma once

#include <cstddef>

namespace memprop {

// sum_k a[k] b[k]
double dot(const double* a, const double* b, std::size_t n);
// y[r] += scale * sum_c a[r][c] x[c]
void add_product(const double* a, std::size_t rows, std::size_t cols, std::size_t stride,
                 const double* x, double scale, double* y);
// y[c] += scale * sum_r a[r][c] x[r]
void add_transposed_product(const double* a, std::size_t rows, std::size_t cols, std::size_t stride,
                            const double* x, double scale, double* y);

}  // namespace memprop
