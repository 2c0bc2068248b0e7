// Matrices stored in panels of rows as wide as the vector units, for products with few columns.
//
// The phases of a sample multiply the same weights with narrow blocks of activities many times. A
// general matrix product repacks both factors at every call; here the weights stay packed, and a
// rank-k update works on the packed form. Every entry of a result is one chain of multiply-adds in
// the order of the inner index, whatever the number of columns and their grouping: results do not
// depend on the batch a sample is in, nor on threads.
//
// Arrays of columns ("activities") hold one sample per column, contiguous, with a leading dimension
// that is a multiple of kLeading<T>; their padding rows hold zeros or values that are never read.
// Include only in .cpp files: the layout depends on the vector units.
#pragma once

#include <algorithm>
#include <cstddef>
#include <new>
#include <vector>

#include "learning/reference/internal/vector_lanes.hpp"
#include "solvers/matrix.hpp"

namespace memprop::learning::internal {

// kColumnGroup columns of sums, of two vectors each, fit the registers beside their factors.
#if defined(__AVX512F__)
inline constexpr std::size_t kColumnGroup = 12;
inline constexpr std::size_t kOuterGroup = 8;
#elif defined(__AVX__)
inline constexpr std::size_t kColumnGroup = 6;
inline constexpr std::size_t kOuterGroup = 4;
#else
inline constexpr std::size_t kColumnGroup = 4;
inline constexpr std::size_t kOuterGroup = 4;
#endif

template <class T>
inline constexpr std::size_t kLeading = 2 * kLanes<T>;

template <class T>
std::size_t leading(std::size_t rows) {
  return (rows + kLeading<T> - 1) / kLeading<T> * kLeading<T>;
}

template <class T>
struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};
  CacheLineAllocator() = default;
  template <class U>
  CacheLineAllocator(const CacheLineAllocator<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kAlignment)); }
  void deallocate(T* p, std::size_t) { ::operator delete(p, kAlignment); }
  bool operator==(const CacheLineAllocator&) const { return true; }
  bool operator!=(const CacheLineAllocator&) const { return false; }
};
template <class T>
using AlignedVector = std::vector<T, CacheLineAllocator<T>>;

// Activities: count columns of ld values.
template <class T>
struct Columns {
  T* data = nullptr;
  std::size_t ld = 0;
  T* col(std::size_t j) const { return data + j * ld; }
};

template <class T>
class PanelMatrix {
 public:
  PanelMatrix() = default;
  PanelMatrix(std::size_t rows, std::size_t cols)
      : rows_(rows),
        cols_(cols),
        vectors_(rows <= kLanes<T> ? 1 : 2),
        height_(vectors_ * kLanes<T>),
        panels_((rows + height_ - 1) / height_),
        data_(panels_ * height_ * cols, T{0}) {}

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  std::size_t panels() const { return panels_; }
  // Entry (r, c) of a panel lies at c * height() + r - panel * height().
  std::size_t height() const { return height_; }

  T& at(std::size_t r, std::size_t c) {
    return data_[(r / height_ * cols_ + c) * height_ + r % height_];
  }
  const T& at(std::size_t r, std::size_t c) const {
    return data_[(r / height_ * cols_ + c) * height_ + r % height_];
  }
  void assign(const Matrix& m, bool transposed) {
    for (std::size_t r = 0; r < rows_; ++r) {
      for (std::size_t c = 0; c < cols_; ++c) {
        at(r, c) = static_cast<T>(transposed ? m(c, r) : m(r, c));
      }
    }
  }
  // this = m transposed; m has as many rows as this has columns.
  void assign_transposed(const PanelMatrix& m) {
    for (std::size_t p = 0; p < panels_; ++p) assign_transposed(m, p);
  }
  void assign_transposed(const PanelMatrix& m, std::size_t p) {
    const std::size_t first = p * height_;
    const std::size_t n = std::min(height_, rows_ - first);
    for (std::size_t c = 0; c < cols_; ++c) {
      T* to = data_.data() + (p * cols_ + c) * height_;
      const T* from =
          m.data_.data() + (c / m.height_ * m.cols_ + first) * m.height_ + c % m.height_;
      for (std::size_t i = 0; i < n; ++i) to[i] = from[i * m.height_];
    }
  }
  // The values of one panel, padding rows included: matrices of one shape have one layout.
  T* panel(std::size_t p) { return data_.data() + p * height_ * cols_; }
  const T* panel(std::size_t p) const { return data_.data() + p * height_ * cols_; }
  std::size_t panel_values() const { return height_ * cols_; }
  void set_zero() { std::fill(data_.begin(), data_.end(), T{0}); }
  Matrix dense() const {
    Matrix m(rows_, cols_);
    for (std::size_t r = 0; r < rows_; ++r) {
      for (std::size_t c = 0; c < cols_; ++c) m(r, c) = static_cast<double>(at(r, c));
    }
    return m;
  }

  // out = init + alpha A x for count columns. init.data may be null (zero) or equal out.data; with
  // init.ld = 0 one column serves all. x has no fixed alignment or padding.
  void multiply(Columns<const T> x, std::size_t count, T alpha, Columns<const T> init,
                Columns<T> out) const {
    if (vectors_ == 1) {
      multiply_all<1>(x, count, alpha, init, out);
    } else {
      multiply_all<2>(x, count, alpha, init, out);
    }
  }

  // A += alpha sum_j d_j x_j^T over count columns, for one panel.
  void add_outer(std::size_t panel, T alpha, Columns<const T> d, Columns<const T> x,
                 std::size_t count) {
    if (vectors_ == 1) {
      add_outer_panel<1>(panel, alpha, d, x, count);
    } else {
      add_outer_panel<2>(panel, alpha, d, x, count);
    }
  }

 private:
  using Vec = typename Lane<T>::type;

  // x - 0 is x, whatever its sign.
  static Vec broadcast(T value) { return value - Vec{}; }

  // P panels from `panel` on times N columns from j on: N P V sums in registers.
  template <std::size_t V, std::size_t P, std::size_t N>
  void multiply_tile(std::size_t panel, std::size_t j, Columns<const T> x, T alpha,
                     Columns<const T> init, Columns<T> out) const {
    constexpr std::size_t height = V * kLanes<T>;
    Vec sum[N][P][V] = {};
    const Vec scale = broadcast(alpha);
    const T* a = data_.data() + panel * cols_ * height;
    const T* xs = x.data + j * x.ld;
    const std::size_t stride = cols_ * height;
    for (std::size_t k = 0; k < cols_; ++k, a += height, ++xs) {
      Vec w[P][V];
      for (std::size_t p = 0; p < P; ++p) {
        for (std::size_t v = 0; v < V; ++v) w[p][v] = load(a + p * stride + v * kLanes<T>);
      }
      for (std::size_t n = 0; n < N; ++n) {
        const Vec value = broadcast(xs[n * x.ld]);
        for (std::size_t p = 0; p < P; ++p) {
          for (std::size_t v = 0; v < V; ++v) {
            sum[n][p][v] = multiply_add(w[p][v], value, sum[n][p][v]);
          }
        }
      }
    }
    for (std::size_t n = 0; n < N; ++n) {
      for (std::size_t p = 0; p < P; ++p) {
        for (std::size_t v = 0; v < V; ++v) {
          const std::size_t row = (panel + p) * height + v * kLanes<T>;
          const Vec start = init.data != nullptr ? load(init.col(j + n) + row) : Vec{};
          store(out.col(j + n) + row, multiply_add(sum[n][p][v], scale, start));
        }
      }
    }
  }

  template <std::size_t V>
  void multiply_all(Columns<const T> x, std::size_t count, T alpha, Columns<const T> init,
                    Columns<T> out) const {
    constexpr std::size_t few = 4;
    if (count < few) {
      // Few sums would wait for each other's multiply-adds: take four panels together.
      for (std::size_t j = 0; j < count; ++j) {
        std::size_t p = 0;
        for (; p + 4 <= panels_; p += 4) multiply_tile<V, 4, 1>(p, j, x, alpha, init, out);
        for (; p < panels_; ++p) multiply_tile<V, 1, 1>(p, j, x, alpha, init, out);
      }
      return;
    }
    // The panel stays in the second-level cache for all columns, in groups of nearly equal size.
    const std::size_t groups = (count + kColumnGroup - 1) / kColumnGroup;
    for (std::size_t p = 0; p < panels_; ++p) {
      for (std::size_t g = 0; g < groups; ++g) {
        const std::size_t j = g * count / groups;
        multiply_group<V, kColumnGroup>((g + 1) * count / groups - j, p, j, x, alpha, init, out);
      }
    }
  }

  // The tile of n columns, at most N.
  template <std::size_t V, std::size_t N>
  void multiply_group(std::size_t n, std::size_t panel, std::size_t j, Columns<const T> x, T alpha,
                      Columns<const T> init, Columns<T> out) const {
    if (n == N) {
      multiply_tile<V, 1, N>(panel, j, x, alpha, init, out);
    } else if constexpr (N > 1) {
      multiply_group<V, N - 1>(n, panel, j, x, alpha, init, out);
    }
  }

  template <std::size_t V, std::size_t N>
  void add_outer_tile(T* a, T alpha, const T* d, std::size_t ldd, const T* x, std::size_t ldx,
                      std::size_t count) {
    constexpr std::size_t height = V * kLanes<T>;
    const Vec scale = broadcast(alpha);
    Vec sum[N][V] = {};
    for (std::size_t j = 0; j < count; ++j, d += ldd, x += ldx) {
      Vec post[V];
      for (std::size_t v = 0; v < V; ++v) post[v] = load(d + v * kLanes<T>);
      for (std::size_t n = 0; n < N; ++n) {
        const Vec value = broadcast(x[n]);
        for (std::size_t v = 0; v < V; ++v) sum[n][v] = multiply_add(post[v], value, sum[n][v]);
      }
    }
    for (std::size_t n = 0; n < N; ++n) {
      for (std::size_t v = 0; v < V; ++v) {
        T* at = a + n * height + v * kLanes<T>;
        store(at, multiply_add(sum[n][v], scale, load(at)));
      }
    }
  }

  template <std::size_t V>
  void add_outer_panel(std::size_t panel, T alpha, Columns<const T> d, Columns<const T> x,
                       std::size_t count) {
    constexpr std::size_t height = V * kLanes<T>;
    T* a = data_.data() + panel * cols_ * height;
    const T* post = d.data + panel * height;
    std::size_t k = 0;
    for (; k + kOuterGroup <= cols_; k += kOuterGroup) {
      add_outer_tile<V, kOuterGroup>(a + k * height, alpha, post, d.ld, x.data + k, x.ld, count);
    }
    for (; k < cols_; ++k) {
      add_outer_tile<V, 1>(a + k * height, alpha, post, d.ld, x.data + k, x.ld, count);
    }
  }

  std::size_t rows_ = 0;
  std::size_t cols_ = 0;
  std::size_t vectors_ = 1;  // vector registers per panel
  std::size_t height_ = 0;   // rows per panel
  std::size_t panels_ = 0;
  AlignedVector<T> data_;  // panel by panel, in it column by column
};

}  // namespace memprop::learning::internal
