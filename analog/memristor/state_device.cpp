#include "analog/memristor/state_device.hpp"

#include <cmath>

#include "solvers/error.hpp"

namespace memprop::analog {

double StateDevice::voltage(const double* x, double i, double ambient_k) const {
  if (i == 0.0) return 0.0;
  constexpr double kLargest = 100.0;
  const double sign = i > 0.0 ? 1.0 : -1.0;
  const double size = std::fabs(i);
  double high = 1e-3;
  while (!(sign * current(x, sign * high, ambient_k) >= size)) {
    high *= 2.0;
    if (high > kLargest) {
      throw AlgebraicSolveFailure("no voltage below 100 V drives the wanted current", 0.0, 0);
    }
  }
  double low = 0.0;
  for (;;) {
    const double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) return sign * middle;
    (sign * current(x, sign * middle, ambient_k) < size ? low : high) = middle;
  }
}

std::vector<double> StateDevice::initial_state() const {
  std::vector<double> x;
  for (const StateVariable& variable : variables()) x.push_back(variable.initial);
  return x;
}

}  // namespace memprop::analog
