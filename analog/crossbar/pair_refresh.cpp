// Pairs that are written by RESET pulses alone, and what brings them back when both devices have
// run low.
#include <algorithm>
#include <cmath>

#include "analog/crossbar/device_pairs.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {

void DevicePairs::pulse_reset_only(Span<const std::uint32_t> cells, bool up, std::uint64_t event) {
  if (up) {
    pulse_devices(*minus_, minus_write_.get(), cells, false, event);
  } else {
    pulse_devices(*plus_, plus_write_.get(), cells, false, event);
  }
  if (config_.write.disturbs()) return refresh_all();
  for (const std::uint32_t cell : cells) {
    difference_.data()[cell] = plus_->conductance()[cell] - minus_->conductance()[cell];
  }
}

DevicePairs::Refresh DevicePairs::refresh(double level, unsigned most_rounds, std::uint64_t event) {
  if (!minus_) throw InternalError(config_.name + ": refresh needs two programmed devices");
  const double g_min = config_.device.g_min_s;
  const double window = config_.device.g_max_s - g_min;
  const double centre = g_min + 0.5 * window;
  Refresh done;
  std::vector<std::uint32_t> cells;
  std::vector<double> target[2];  // of the plus and the minus devices of these cells
  for (std::uint32_t cell = 0; cell < difference_.size(); ++cell) {
    const double plus = plus_->conductance()[cell], minus = minus_->conductance()[cell];
    if (!formed(cell) || 0.5 * (plus + minus) >= g_min + level * window) continue;
    const double half = 0.5 * (plus - minus);
    cells.push_back(cell);
    target[0].push_back(centre + half);
    target[1].push_back(centre - half);
  }
  done.pairs = cells.size();
  if (cells.empty()) return done;
  const double tolerance = 0.5 * plus_->nominal_step_s();
  std::vector<std::uint32_t> list[2];  // to be pulsed down, up
  for (unsigned round = 0; round < most_rounds; ++round) {
    bool any = false;
    for (int side = 0; side < 2; ++side) {
      PulseDeviceArray& devices = side == 0 ? *plus_ : *minus_;
      list[0].clear();
      list[1].clear();
      for (std::size_t k = 0; k < cells.size(); ++k) {
        const double missing = target[side][k] - devices.conductance()[cells[k]];
        if (std::abs(missing) > tolerance) list[missing > 0.0 ? 1 : 0].push_back(cells[k]);
      }
      for (int up = 0; up < 2; ++up) {
        if (list[up].empty()) continue;
        pulse_devices(devices, (side == 0 ? plus_write_ : minus_write_).get(), list[up], up == 1,
                      event + 2 * round + static_cast<unsigned>(up));
        done.pulses += list[up].size();
        any = true;
      }
    }
    if (!any) break;
    ++done.rounds;
  }
  refresh_all();
  return done;
}

}  // namespace memprop::analog
