// Helpers of the memristor tests.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "analog/memristor/pulse_device_array.hpp"

namespace memprop::analog::test {

inline std::vector<std::uint32_t> all_cells(std::size_t n) {
  std::vector<std::uint32_t> cells(n);
  for (std::size_t k = 0; k < n; ++k) cells[k] = static_cast<std::uint32_t>(k);
  return cells;
}

// The state w that a read of the cell implies.
inline double weight(const PulseDeviceArray& array, std::size_t cell) {
  const DeviceConfig& c = array.config();
  return c.w_min +
         (array.conductance()[cell] - c.g_min_s) * (c.w_max - c.w_min) / (c.g_max_s - c.g_min_s);
}

inline std::vector<double> weights(const PulseDeviceArray& array) {
  std::vector<double> w(array.size());
  for (std::size_t k = 0; k < w.size(); ++k) w[k] = weight(array, k);
  return w;
}

struct Statistics {
  double mean = 0, sd = 0;
};
inline Statistics statistics(const std::vector<double>& x) {
  const double n = static_cast<double>(x.size());
  Statistics s;
  for (const double v : x) s.mean += v / n;
  for (const double v : x) s.sd += (v - s.mean) * (v - s.mean) / (n - 1);
  s.sd = std::sqrt(s.sd);
  return s;
}

// A device wide enough in conductance that no bound of w is cut at G = 0.
inline DeviceConfig wide_device(DeviceModel model) {
  DeviceConfig c;
  c.model = model;
  c.g_min_s = 10e-6;
  c.g_max_s = 14e-6;
  return c;
}

}  // namespace memprop::analog::test
