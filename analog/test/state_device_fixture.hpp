// State-equation devices driven for a test: rates, currents, travel times.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "analog/memristor/jart_vcm.hpp"
#include "analog/memristor/linear_drift.hpp"
#include "analog/memristor/simulate_device.hpp"
#include "analog/memristor/stanford_rram.hpp"
#include "analog/memristor/state_catalogue.hpp"
#include "analog/memristor/threshold_drift.hpp"
#include "analog/memristor/yakopcic.hpp"

namespace memprop::analog::test {

inline void expect_relative(double got, double want, double tolerance,
                            const std::string& what = "") {
  EXPECT_NEAR(got, want, tolerance * std::fabs(want)) << what;
}

inline double rate(const StateDevice& device, double x, double v) {
  double dxdt = 0.0;
  device.rate(&x, v, device.nominal_ambient_k(), &dxdt);
  return dxdt;
}

inline double current(const StateDevice& device, double x, double v) {
  return device.current(&x, v, device.nominal_ambient_k());
}

inline DeviceTrace run(const StateDevice& device, const Waveform& waveform, std::size_t samples,
                       double from, bool current_drive = false) {
  SimulateOptions options;
  options.samples = samples;
  options.current_drive = current_drive;
  if (from >= 0.0) options.initial = {from};
  return simulate_device(device, waveform, options);
}

inline double state_after(const StateDevice& device, double from, double v, double width_s) {
  std::vector<double> x{from};
  apply_pulse(device, x, v, width_s);
  return x[0];
}

// The device travels from x0 to x1 at v in `want_s` within the relative tolerance.
inline void expect_travel(const StateDevice& device, double x0, double x1, double v, double want_s,
                          double tolerance) {
  const double sign = x1 > x0 ? 1.0 : -1.0;
  const double before = state_after(device, x0, v, want_s * (1.0 - tolerance));
  const double after = state_after(device, x0, v, want_s * (1.0 + tolerance));
  EXPECT_LT(sign * before, sign * x1) << v << " V";
  EXPECT_GE(sign * after, sign * x1 - 1e-7 * std::fabs(x1)) << v << " V";
}

}  // namespace memprop::analog::test
