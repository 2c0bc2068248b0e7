// Starting values from moments.
#include <algorithm>
#include <cmath>
#include <cstddef>

#include "analog/fit/pulse_model.hpp"
#include "solvers/error.hpp"

namespace memprop::analog::fit {
namespace {

// Least-squares line y = a + b x.
struct Line {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  void add(double px, double py) {
    n += 1;
    x += px;
    y += py;
    xx += px * px;
    xy += px * py;
  }
  double slope() const {
    const double spread = n * xx - x * x;
    return n > 2 && spread > 1e-9 * n * n ? (n * xy - x * y) / spread : 0.0;
  }
  double at_zero() const { return n > 0 ? (y - slope() * x) / n : 0.0; }
};

}  // namespace

Summary summarise(const std::vector<const PulseTrain*>& trains) {
  Summary s;
  double low = INFINITY, high = -INFINITY;
  std::size_t used = 0;
  for (const PulseTrain* train : trains) {
    for (const Reading& r : train->readings) {
      low = std::min(low, r.conductance_s);
      high = std::max(high, r.conductance_s);
      if (!r.starts && r.pulses > 0) ++used;
    }
  }
  const std::string who = trains.empty() || trains[0]->device.empty()
                              ? std::string("the data")
                              : "device \"" + trains[0]->device + "\"";
  if (used < 10) {
    throw UserError(who + ": expected at least 10 readings after pulses, got " +
                    std::to_string(used));
  }
  if (!(high > low)) {
    throw UserError(who + ": expected a conductance that changes, got " +
                    format_quantity(low, Unit::siemens) + " in every row");
  }
  s.unit_s = high - low;
  s.low = low / s.unit_s;
  s.high = high / s.unit_s;

  Line up, down;
  const auto each = [&](auto&& take) {
    for (const PulseTrain* train : trains) {
      for (std::size_t i = 1; i < train->readings.size(); ++i) {
        const Reading& r = train->readings[i];
        if (r.starts || r.pulses == 0) continue;
        const double before = train->readings[i - 1].conductance_s / s.unit_s;
        take(r, before, r.conductance_s / s.unit_s - before, i);
      }
    }
  };
  each([&](const Reading& r, double before, double change, std::size_t) {
    (r.up ? up : down).add(before - s.middle(), change / r.pulses);
  });
  s.has_up = up.n > 0;
  s.has_down = down.n > 0;
  s.up_change = up.at_zero();
  s.up_slope = up.slope();
  s.down_change = down.at_zero();
  s.down_slope = down.slope();
  // Differences of readings: variance q^2 + 2 r^2, neighbours correlated by -r^2.
  double variance = 0, neighbours = 0, last = 0, pairs = 0, count = 0;
  std::size_t last_index = 0;
  each([&](const Reading& r, double before, double change, std::size_t i) {
    const Line& line = r.up ? up : down;
    const double rest = change - r.pulses * (line.at_zero() + line.slope() * (before - s.middle()));
    variance += rest * rest;
    count += 1;
    if (i == last_index + 1 && last_index > 0) {
      neighbours += rest * last;
      pairs += 1;
    }
    last = rest;
    last_index = i;
  });
  variance /= count;
  const double floor = 0.02 * variance + 1e-10;
  const double read = pairs > 0 ? std::max(-neighbours / pairs, floor) : floor;
  s.read_noise = std::sqrt(std::min(read, 0.5 * variance + 1e-10));
  s.cycle_noise = std::sqrt(std::max(variance - 2.0 * s.read_noise * s.read_noise, floor));
  return s;
}

}  // namespace memprop::analog::fit
