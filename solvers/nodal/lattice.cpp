#include "solvers/nodal/lattice.hpp"

namespace memprop {

LatticeValues::LatticeValues(const LatticeShape& shape)
    : left(shape.rows, 0.0),
      right(shape.rows, 0.0),
      top(shape.columns, 0.0),
      bottom(shape.columns, 0.0),
      cross(shape.rows, shape.columns, 0.0) {}

double LatticeValues::upper_diagonal(std::size_t i, std::size_t j) const {
  const std::size_t n = cross.cols();
  return cross(i, j) + (j > 0 ? horizontal : left[i]) + (j + 1 < n ? horizontal : right[i]);
}

double LatticeValues::lower_diagonal(std::size_t i, std::size_t j) const {
  const std::size_t m = cross.rows();
  return cross(i, j) + (i > 0 ? vertical : top[j]) + (i + 1 < m ? vertical : bottom[j]);
}

void lattice_product(const LatticeValues& values, const double* x, double* out) {
  const std::size_t m = values.cross.rows(), n = values.cross.cols();
  const double h = values.horizontal, v = values.vertical;
  for (std::size_t i = 0; i < m; ++i) {
    const double* u = x + i * n;
    const double* d = x + (m + i) * n;
    const double* above = i > 0 ? d - n : d;  // a line's end has no neighbour there
    const double* below = i + 1 < m ? d + n : d;
    const double* c = values.cross.data() + i * n;
    double* out_u = out + i * n;
    double* out_d = out + (m + i) * n;
#pragma omp simd
    for (std::size_t j = 0; j < n; ++j) {
      const double current = c[j] * (u[j] - d[j]);
      out_u[j] = current;
      out_d[j] = v * ((d[j] - above[j]) + (d[j] - below[j])) - current;
    }
    if (n > 1) {
      out_u[0] += h * (u[0] - u[1]);
#pragma omp simd
      for (std::size_t j = 1; j < n - 1; ++j) {
        out_u[j] += h * ((u[j] - u[j - 1]) + (u[j] - u[j + 1]));
      }
      out_u[n - 1] += h * (u[n - 1] - u[n - 2]);
    }
    out_u[0] += values.left[i] * u[0];
    out_u[n - 1] += values.right[i] * u[n - 1];
  }
  for (std::size_t j = 0; j < n; ++j) {
    out[m * n + j] += values.top[j] * x[m * n + j];
    out[(2 * m - 1) * n + j] += values.bottom[j] * x[(2 * m - 1) * n + j];
  }
}

}  // namespace memprop
