#include "learning/network/initial_weights.hpp"

#include <cmath>

namespace memprop::learning {
namespace {

double init_limit(WeightInit init, std::size_t n_in, std::size_t n_out) {
  const auto in = static_cast<double>(n_in);
  const auto out = static_cast<double>(n_out);
  switch (init) {
    case WeightInit::glorot_uniform:
      return std::sqrt(6.0 / (in + out));
    case WeightInit::fan_in_uniform:
    case WeightInit::fan_in_normal:
      break;
    case WeightInit::positive_uniform:
      return std::sqrt(6.0 / (in * out));
  }
  return 1.0 / std::sqrt(in);
}

double dot(const Matrix& a, const Matrix& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a.values()[i] * b.values()[i];
  return sum;
}

}  // namespace

Matrix draw_weights(const RandomStream& stream, std::uint64_t event, std::size_t n_out,
                    std::size_t n_in, const NetworkConfig& config) {
  Matrix w(n_out, n_in);
  const double limit = config.init_gain * init_limit(config.init, n_in, n_out);
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (config.init == WeightInit::fan_in_normal) {
      w.values()[i] = limit * stream.normal(i, event);
      continue;
    }
    const double u = stream.uniform(i, event);
    w.values()[i] = limit * (config.init == WeightInit::positive_uniform ? u : 2.0 * u - 1.0);
  }
  return w;
}

Matrix at_angle(const Matrix& drawn, const Matrix& toward, double angle_deg) {
  const double norm = std::sqrt(dot(toward, toward));
  if (norm == 0) return toward;
  const double along = dot(drawn, toward) / (norm * norm);
  Matrix beside = drawn;
  for (std::size_t i = 0; i < beside.size(); ++i) {
    beside.values()[i] -= along * toward.values()[i];
  }
  const double beside_norm = std::sqrt(dot(beside, beside));
  // One number has no direction beside it.
  if (beside_norm <= 1e-12 * norm) return toward;
  const double angle = angle_deg * std::acos(-1.0) / 180.0;
  const double side = std::sin(angle) * norm / beside_norm;
  for (std::size_t i = 0; i < beside.size(); ++i) {
    beside.values()[i] = std::cos(angle) * toward.values()[i] + side * beside.values()[i];
  }
  return beside;
}

}  // namespace memprop::learning
