// Wear of devices by pulses: counts per device, and what follows from them.
//
//     window   G_max(n) = G_max0 (1 - c log10(1 + n/n_0)), not below G_min
//     failure  after a number of pulses drawn once per device from a Weibull distribution,
//              F(n) = 1 - exp(-(n/scale)^shape); a failed cell is stuck where it stands
// The constants are the user's: they differ by decades between materials and writing conditions.
//     STREAM/endurance  failure, index = cell
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "analog/memristor/pulse_device_array.hpp"

namespace memprop::analog {

struct EnduranceConfig {
  double closing = 0.0;         // c; 0: the window stays
  double closing_pulses = 1e6;  // n_0
  double failure_scale = 0.0;   // pulses; 0: no failures
  double failure_shape = 1.0;
};

class Endurance {
 public:
  // Throws UserError for constants without meaning.
  Endurance(const EnduranceConfig& config, std::size_t cells, std::uint64_t seed,
            std::string_view stream);
  // Counts a pulse on each listed cell and sticks those that fail by it in the array.
  void after_pulse(PulseDeviceArray& array, Span<const std::uint32_t> list);
  std::uint64_t pulses(std::size_t cell) const { return pulses_[cell]; }
  std::uint64_t failed() const { return failed_; }
  // Upper end of the window of a cell whose fresh one is [g_min_s, g_max_s].
  double worn_g_max_s(std::size_t cell, double g_min_s, double g_max_s) const;
  // Pulses that the cell survives; infinite without failures.
  double lifetime(std::size_t cell) const { return lifetime_[cell]; }

  struct Wear {
    std::uint64_t devices = 0, pulses = 0, most = 0, failed = 0;  // most: on one device
  };
  Wear wear() const;

  // For checkpoints: the counts of all cells. The array, restored before, gets its bounds back.
  std::vector<double> save() const;
  void restore(Span<const double> saved, PulseDeviceArray* array = nullptr);

 private:
  void close_window(PulseDeviceArray& array, std::size_t cell) const;

  EnduranceConfig config_;
  std::vector<std::uint64_t> pulses_;
  std::vector<double> lifetime_;
  std::uint64_t failed_ = 0;
};

}  // namespace memprop::analog
