#include "digital/sleep_registers.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "solvers/error.hpp"

namespace memprop::digital {
namespace {

void expect(bool holds, const std::string& what, double value) {
  if (holds) return;
  char number[32];
  std::snprintf(number, sizeof number, "%g", value);
  throw UserError("expected " + what + ", got " + number);
}

}  // namespace

std::vector<std::uint16_t> mean_codes(Span<const double> mean, unsigned bits) {
  const double levels = std::ldexp(1.0, static_cast<int>(bits)) - 1.0;
  std::vector<std::uint16_t> codes;
  codes.reserve(mean.size());
  for (const double m : mean) {
    codes.push_back(static_cast<std::uint16_t>(std::lround(std::clamp(m, 0.0, 1.0) * levels)));
  }
  return codes;
}

void set_sleep_gain(std::uint32_t& mantissa, std::uint32_t& shift, double gain, unsigned bits) {
  const double levels = std::ldexp(1.0, static_cast<int>(bits)) - 1.0;
  const double step = 65536.0 * gain / levels;  // of the threshold, for a step of the code
  mantissa = shift = 0;
  if (gain == 0.0) return;
  expect(std::isfinite(step) && step > 0.0, "an input gain above 0", gain);
  if (step >= 65536.0) {  // every code but 0 spikes always
    mantissa = 65536;
    return;
  }
  int exponent = 0;
  std::frexp(step, &exponent);
  int wanted = 16 - exponent;
  double m = std::nearbyint(std::ldexp(step, wanted));
  if (m >= 65536.0) m = std::nearbyint(std::ldexp(step, --wanted));
  expect(wanted >= 0 && wanted <= 47, "an input gain that the row thresholds can hold", gain);
  mantissa = static_cast<std::uint32_t>(m);
  shift = static_cast<std::uint32_t>(wanted);
}

std::uint32_t sleep_rate(double pulses, std::uint32_t most) {
  if (pulses == 0.0) return 0;
  const double rate = std::nearbyint(65536.0 * pulses);
  expect(std::isfinite(rate) && pulses > 0.0 && pulses <= most,
         "a change of at most " + std::to_string(most) + " pulses", pulses);
  expect(std::abs(rate - 65536.0 * pulses) <= 0.01 * rate,
         "a change of at least 0.001 pulses, which random rounding can still make", pulses);
  return static_cast<std::uint32_t>(rate);
}

}  // namespace memprop::digital
