#include "learning/metric/gradient_metric.hpp"

#include <cmath>
#include <limits>

#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

void check_sizes(std::size_t a, std::size_t b) {
  if (a != b) throw InternalError("gradients of different sizes are compared");
}

double norm(Span<const double> a) {
  double sum = 0;
  for (const double v : a) sum += v * v;
  return std::sqrt(sum);
}

double ratio(double a, double b) {
  if (b > 0) return a / b;
  return a > 0 ? std::numeric_limits<double>::infinity() : 0.0;
}

}  // namespace

double cosine(Span<const double> a, Span<const double> b) {
  check_sizes(a.size(), b.size());
  double dot = 0;
  for (std::size_t i = 0; i < a.size(); ++i) dot += a[i] * b[i];
  const double norms = norm(a) * norm(b);
  return norms > 0 ? dot / norms : 0.0;
}

double norm_ratio(Span<const double> a, Span<const double> b) { return ratio(norm(a), norm(b)); }

double relative_error(Span<const double> a, Span<const double> b) {
  check_sizes(a.size(), b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return ratio(std::sqrt(sum), norm(b));
}

double cosine(const Matrix& a, const Matrix& b) { return cosine(a.values(), b.values()); }
double norm_ratio(const Matrix& a, const Matrix& b) { return norm_ratio(a.values(), b.values()); }
double relative_error(const Matrix& a, const Matrix& b) {
  return relative_error(a.values(), b.values());
}

std::size_t arg_max(Span<const double> values) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (values[i] > values[best]) best = i;
  }
  return best;
}

double accuracy(const Matrix& outputs, Span<const std::uint32_t> labels) {
  check_sizes(outputs.rows(), labels.size());
  if (labels.empty()) return 0.0;
  std::size_t right = 0;
  for (std::size_t s = 0; s < labels.size(); ++s) {
    if (arg_max(outputs.row(s)) == labels[s]) ++right;
  }
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

}  // namespace memprop::learning
