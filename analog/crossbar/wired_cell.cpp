#include "analog/crossbar/wired_cell.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace memprop::analog {
namespace {

// v(i) of the series circuit and its slope, for i of either sign below the limit.
struct SeriesPoint {
  double v, slope_ohm;
};

SeriesPoint series(const CellLaw& law, double g, double i) {
  SeriesPoint p{};
  if (law.nonlinear_v > 0.0) {
    const double x = i / (g * law.nonlinear_v);
    p.v = law.nonlinear_v * std::asinh(x);
    p.slope_ohm = 1.0 / (g * std::sqrt(1.0 + x * x));
  } else {
    p.v = i / g;
    p.slope_ohm = 1.0 / g;
  }
  if (law.access_limit_a > 0.0) {
    const double y = i / law.access_limit_a;
    p.v += law.access_ohm * law.access_limit_a * std::atanh(y);
    p.slope_ohm += law.access_ohm / ((1.0 - y) * (1.0 + y));
  } else {
    p.v += law.access_ohm * i;
    p.slope_ohm += law.access_ohm;
  }
  return p;
}

}  // namespace

double cell_conductance(const CellLaw& law, double g) {
  return g > 0.0 ? g / (1.0 + g * law.access_ohm) : 0.0;
}

CellPoint cell_point(const CellLaw& law, double g, double v) {
  if (!(g > 0.0)) return {};
  if (law.linear()) {
    const double c = cell_conductance(law, g);
    return {c * v, c};
  }
  if (law.access_ohm == 0.0) {
    const double x = v / law.nonlinear_v;
    return {g * law.nonlinear_v * std::sinh(x), g * std::cosh(x)};
  }
  const double size = std::abs(v);
  // The current lies below that of each part alone.
  double low = 0.0, high = size / law.access_ohm;
  if (law.nonlinear_v > 0.0) {
    // Beyond 700 V_n the exponential leaves the range of doubles, and the transistor decides.
    const double x = std::min(size / law.nonlinear_v, 700.0);
    high = std::min(high, g * law.nonlinear_v * std::sinh(x));
  } else {
    high = std::min(high, g * size);
  }
  if (law.access_limit_a > 0.0) {
    high = std::min(high, law.access_limit_a * (1.0 - std::numeric_limits<double>::epsilon()));
  }
  double i = std::min(high, cell_conductance(law, g) * size);
  SeriesPoint p = series(law, g, i);
  // Newton's steps, halving the bracket where one leaves it.
  for (int k = 0; k < 100; ++k) {
    const double error = p.v - size;
    if (std::abs(error) <= 4.0 * std::numeric_limits<double>::epsilon() * size) break;
    (error > 0.0 ? high : low) = i;
    double next = i - error / p.slope_ohm;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (next == i) break;
    i = next;
    p = series(law, g, i);
  }
  return {std::copysign(i, v), 1.0 / p.slope_ohm};
}

}  // namespace memprop::analog
