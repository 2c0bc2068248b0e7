#include "analog/memristor/exponential.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

enum Draw : std::uint64_t { kUp = 0, kDown = 1 };

constexpr double kDeviationPerLabel = 0.098995;
constexpr double kLargestLabel = 9.0;

// Largest distance of (1 - exp(-p/a))/(1 - exp(-1/a)) from p on 0..1, at the p where the slope
// is 1.
double deviation(double a) {
  const double drop = -std::expm1(-1.0 / a);
  const double p = -a * std::log(a * drop);
  return -std::expm1(-p / a) / drop - p;
}

struct Step {
  double change_at_zero;  // of G by one pulse if G were 0
  double slope;
};

// a may be infinite. `sign` is +1 for P + 1 and -1 for P - 1.
Step pulse_step(double a, double levels, double sign, double g_min, double window) {
  if (std::isinf(a)) return {sign * window / levels, 0.0};
  const double slope = std::expm1(-sign / (a * levels));
  const double at_g_min = window * slope / std::expm1(-1.0 / a);
  return {at_g_min - slope * g_min, slope};
}

}  // namespace

double curvature_of_label(double label) {
  const double size = std::fabs(label);
  if (!(size <= kLargestLabel)) throw InternalError("nonlinearity label outside -9..9");
  // Below this the curve departs from the line by less than 1e-7 of the window.
  if (size < 1e-6) return std::numeric_limits<double>::infinity();
  const double want = kDeviationPerLabel * size;
  // The deviation falls with a: from nearly 1 - a ln(1/a) at small a to 1/(8a) at large a.
  double low = 1e-3, high = 0.2 / want + 1.0;
  while (high - low > 1e-15 * high) {
    const double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) break;
    (deviation(middle) > want ? low : high) = middle;
  }
  return std::copysign(0.5 * (low + high), label);
}

PulseLaw exponential_law(const DeviceConfig& config, std::size_t cells,
                         const RandomStream& fabrication) {
  const double window = config.g_max_s - config.g_min_s;
  PulseLaw law;
  law.initial = config.g_min_s + 0.5 * window;
  law.low.assign(cells, config.g_min_s);
  law.high.assign(cells, config.g_max_s);
  if (config.window_cycle_noise != 0.0) {
    law.cycle_noise = CycleNoise::absolute;
    law.cycle_sigma = config.window_cycle_noise * window;
  }
  const auto draw = [&](double label, double levels, double sign, Draw which,
                        std::vector<double>& step, std::vector<double>& slope) {
    // Depression runs on the curve with negative A.
    const auto of_label = [&](double nl) {
      const double kept = std::clamp(nl, -kLargestLabel, kLargestLabel);
      return pulse_step(sign * curvature_of_label(kept), levels, sign, config.g_min_s, window);
    };
    const Step nominal = of_label(label);
    step.assign(cells, nominal.change_at_zero);
    slope.assign(cells, nominal.slope);
    if (config.nonlinearity_spread == 0.0) return;
    for (std::size_t k = 0; k < cells; ++k) {
      const Step own = of_label(label + config.nonlinearity_spread * fabrication.normal(k, which));
      step[k] = own.change_at_zero;
      slope[k] = own.slope;
    }
  };
  draw(config.nonlinearity_up, config.levels_up, 1.0, kUp, law.up_step, law.up_slope);
  draw(config.nonlinearity_down, config.levels_down, -1.0, kDown, law.down_step, law.down_slope);
  return law;
}

}  // namespace memprop::analog
