#include "digital/host_registers.hpp"

#include <cmath>
#include <cstdio>
#include <string>

#include "solvers/error.hpp"

namespace memprop::digital {

namespace {

void expect(bool holds, const char* what, double value) {
  if (holds) return;
  char number[32];
  std::snprintf(number, sizeof number, "%g", value);
  throw UserError(std::string("update registers: expected ") + what + ", found " + number);
}

struct Scaled {
  std::uint32_t mantissa, shift;
};

// value = mantissa / 2^shift with a 16-bit mantissa, normalised where the shift allows.
Scaled scale(double value, int least_shift, int most_shift, const char* range) {
  if (value == 0.0) return {0, static_cast<std::uint32_t>(least_shift)};
  int exponent = 0;
  std::frexp(value, &exponent);  // value in [2^(exponent-1), 2^exponent)
  int shift = 16 - exponent;
  if (shift > most_shift) shift = most_shift;
  double mantissa = std::nearbyint(std::ldexp(value, shift));
  if (mantissa >= 65536.0) mantissa = std::nearbyint(std::ldexp(value, --shift));
  // Below seven bits the rounding error of the mantissa would exceed 0.4 %.
  expect(shift >= least_shift && mantissa >= 128.0, range, value);
  return {static_cast<std::uint32_t>(mantissa), static_cast<std::uint32_t>(shift)};
}

}  // namespace

double pulses_per_code_product(double rate, double row_lsb, double col_lsb, double weight_step) {
  expect(std::isfinite(rate) && rate >= 0.0, "a finite rate >= 0", rate);
  expect(std::isfinite(row_lsb) && row_lsb > 0.0, "a row code step > 0", row_lsb);
  expect(std::isfinite(col_lsb) && col_lsb > 0.0, "a column code step > 0", col_lsb);
  expect(std::isfinite(weight_step) && weight_step > 0.0, "a weight step > 0", weight_step);
  return rate * row_lsb * col_lsb / weight_step;
}

void set_pulse_count_rate(TileUpdateRegisters& registers, double pulses_per_product) {
  expect(std::isfinite(pulses_per_product) && pulses_per_product >= 0.0,
         "finite pulses per unit of code product >= 0", pulses_per_product);
  const Scaled scaled =
      scale(pulses_per_product, 16, 80,
            "pulses per unit of code product from 2^-73 to below 1 (learning rate and code steps "
            "over the weight step)");
  registers.rate_mantissa = scaled.mantissa;
  registers.rate_shift = scaled.shift;
}

PeakProbability set_stochastic_rate(TileUpdateRegisters& registers, double pulses_per_product,
                                    std::uint32_t stream_length, double peak_row_code,
                                    double peak_col_code) {
  expect(std::isfinite(pulses_per_product) && pulses_per_product >= 0.0,
         "finite pulses per unit of code product >= 0", pulses_per_product);
  expect(stream_length > 0, "a stream length of at least 1 slot", stream_length);
  expect(std::isfinite(peak_row_code) && peak_row_code > 0.0, "a peak row code > 0", peak_row_code);
  expect(std::isfinite(peak_col_code) && peak_col_code > 0.0, "a peak column code > 0",
         peak_col_code);
  const double peak = std::sqrt(pulses_per_product / stream_length * peak_row_code * peak_col_code);
  // A threshold is (|code| * mantissa) >> shift out of 2^16, so the probability per code is
  // mantissa / 2^(shift + 16).
  const auto line = [peak](double peak_code, const char* range) {
    const double per_code = std::ldexp(peak / peak_code, 16);
    if (per_code >= 65535.0 && per_code <= 65536.0) return Scaled{65535, 0};  // always fires
    return scale(per_code, 0, 63, range);
  };
  const Scaled row = line(peak_row_code,
                          "2^16 times the firing probability per row code from "
                          "2^-56 to 2^16 (rate too high or too low)");
  const Scaled col = line(peak_col_code,
                          "2^16 times the firing probability per column code from "
                          "2^-56 to 2^16 (rate too high or too low)");
  registers.row_mantissa = row.mantissa;
  registers.row_shift = row.shift;
  registers.col_mantissa = col.mantissa;
  registers.col_shift = col.shift;
  return {peak, peak};
}

std::uint32_t threshold_code(double threshold, double lsb) {
  expect(std::isfinite(threshold) && threshold >= 0.0, "a sign threshold >= 0", threshold);
  expect(std::isfinite(lsb) && lsb > 0.0, "a code step > 0", lsb);
  const double code = std::floor(threshold / lsb);
  expect(code <= 4294967295.0, "a sign threshold below 2^32 code steps", threshold);
  return static_cast<std::uint32_t>(code);
}

}  // namespace memprop::digital
