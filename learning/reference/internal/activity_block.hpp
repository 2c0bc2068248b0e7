// Owned activities of a batch, and the element-wise pieces that the references share.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "learning/reference/internal/panel_matrix.hpp"
#include "solvers/math/activation.hpp"

namespace memprop::learning::internal {

template <class T>
class ActivityBlock {
 public:
  ActivityBlock() = default;
  ActivityBlock(std::size_t rows, std::size_t columns)
      : rows_(rows), ld_(leading<T>(rows)), values_(ld_ * columns, T{0}) {}
  std::size_t rows() const { return rows_; }
  std::size_t ld() const { return ld_; }
  T* col(std::size_t j) { return values_.data() + j * ld_; }
  const T* col(std::size_t j) const { return values_.data() + j * ld_; }
  Columns<T> out(std::size_t j = 0) { return {col(j), ld_}; }
  Columns<const T> in(std::size_t j = 0) const { return {col(j), ld_}; }
  void set_zero() { std::fill(values_.begin(), values_.end(), T{0}); }

 private:
  std::size_t rows_ = 0;
  std::size_t ld_ = 0;
  AlignedVector<T> values_;
};

// r = f(v) for the first `count` columns; padding stays as it is.
template <class T>
void activate_columns(Activation f, const ActivityBlock<T>& v, ActivityBlock<T>& r,
                      std::size_t count) {
  if (v.rows() == v.ld()) {
    activate(f, v.col(0), r.col(0), count * v.ld());
  } else {
    for (std::size_t j = 0; j < count; ++j) activate(f, v.col(j), r.col(j), v.rows());
  }
}

template <class T>
T slope_of(Activation f, T v, T r) {
  switch (f) {
    case Activation::linear:
      return T{1};
    case Activation::tanh:
      return T{1} - r * r;
    case Activation::logistic:
      return r * (T{1} - r);
    case Activation::shifted_logistic:
      return T{4} * r * (T{1} - r);
    case Activation::hard_sigmoid:
      return v >= T{0} && v <= T{1} ? T{1} : T{0};
  }
  return T{0};
}

// Softmax of n logits in place; returns -sum y log p.
template <class T>
double softmax(T* h, const T* y, std::size_t n) {
  const T top = *std::max_element(h, h + n);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += std::exp(static_cast<double>(h[i] - top));
  const double log_sum = std::log(sum);
  double loss = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double log_p = static_cast<double>(h[i] - top) - log_sum;
    if (y != nullptr) loss -= static_cast<double>(y[i]) * log_p;
    h[i] = static_cast<T>(std::exp(log_p));
  }
  return loss;
}

template <class T>
double squared_error(const T* r, const T* y, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double e = static_cast<double>(y[i]) - static_cast<double>(r[i]);
    sum += e * e;
  }
  return 0.5 * sum;
}

}  // namespace memprop::learning::internal
