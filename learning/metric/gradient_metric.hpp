// How well one gradient stands for another, and how many answers are right.
#pragma once

#include <cstddef>
#include <cstdint>

#include "solvers/matrix.hpp"
#include "solvers/span.hpp"

namespace memprop::learning {

// <a, b> / (|a| |b|) over all entries; 0 when either is zero.
double cosine(Span<const double> a, Span<const double> b);
double cosine(const Matrix& a, const Matrix& b);

// |a| / |b| (Frobenius); 0 when both are zero, infinite when only b is.
double norm_ratio(Span<const double> a, Span<const double> b);
double norm_ratio(const Matrix& a, const Matrix& b);

// |a - b| / |b| (Frobenius), the same convention.
double relative_error(Span<const double> a, Span<const double> b);
double relative_error(const Matrix& a, const Matrix& b);

// Index of the first largest value.
std::size_t arg_max(Span<const double> values);

// Share of the rows of outputs (count x width) whose largest entry is at the label.
double accuracy(const Matrix& outputs, Span<const std::uint32_t> labels);

}  // namespace memprop::learning
