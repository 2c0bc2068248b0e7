// A dense row-major matrix of owned values. Plain storage: linear algebra works on its rows.
#pragma once

#include <cstddef>
#include <vector>

#include "solvers/span.hpp"

namespace memprop {

template <class T>
class BasicMatrix {
 public:
  BasicMatrix() = default;
  BasicMatrix(std::size_t rows, std::size_t cols, T value = T{})
      : rows_(rows), cols_(cols), values_(rows * cols, value) {}

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  std::size_t size() const { return values_.size(); }
  T* data() { return values_.data(); }
  const T* data() const { return values_.data(); }
  T& operator()(std::size_t r, std::size_t c) { return values_[r * cols_ + c]; }
  const T& operator()(std::size_t r, std::size_t c) const { return values_[r * cols_ + c]; }
  Span<T> row(std::size_t r) { return {values_.data() + r * cols_, cols_}; }
  Span<const T> row(std::size_t r) const { return {values_.data() + r * cols_, cols_}; }
  std::vector<T>& values() { return values_; }
  const std::vector<T>& values() const { return values_; }

 private:
  std::size_t rows_ = 0;
  std::size_t cols_ = 0;
  std::vector<T> values_;
};

using Matrix = BasicMatrix<double>;

}  // namespace memprop
