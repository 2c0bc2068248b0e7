// An array of memristors that change by programming pulses.
//
// Reads need the conductances of all cells: one contiguous array. Pulses hit a few cells here and
// there and need everything about each: one cache line per cell.
//
// The model family decides the constants of each device at fabrication (pulse_law.hpp); a pulse is
// then the same few operations for every cell, without a virtual call. Randomness:
//     STREAM/fabrication  device-to-device spread, index = cell
//     STREAM/cycle        cycle-to-cycle noise,    index = cell, event = the caller's event
//     STREAM/write        write noise,             index = cell, event = the caller's event
// so the result of a pulse depends on the cell and the event alone, not on the order of the list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "analog/memristor/device_config.hpp"
#include "analog/memristor/pulse_law.hpp"
#include "solvers/random_stream.hpp"
#include "solvers/span.hpp"

namespace memprop::analog {

// Throws UserError naming the key that is wrong.
void check_device(const DeviceConfig& config);

class PulseDeviceArray {
 public:
  // Fresh devices stand at w = 0 (constant step, soft bounds) or in the middle of the window.
  PulseDeviceArray(const DeviceConfig& config, std::size_t cells, std::uint64_t seed,
                   std::string_view stream);

  std::size_t size() const { return cells_.size(); }
  const DeviceConfig& config() const { return config_; }

  // What a read sees [S]; never negative.
  const double* conductance() const { return conductance_.data(); }
  Span<const double> conductances() const { return conductance_; }

  // An ideal write of every cell, each within its own bounds; stuck cells keep their value. Returns
  // how many cells do not stand at their target.
  std::size_t set_conductance(Span<const double> target_s);

  // The cell keeps this conductance for ever.
  void stick(std::size_t cell, double conductance_s);
  bool stuck(std::size_t cell) const { return cells_[cell].low == cells_[cell].high; }

  // One programming pulse on each listed cell; the cells of one call are distinct. A second pulse
  // on a cell needs another event, or it meets the same noise. `strength` multiplies the change of
  // each listed cell, noise of the step included (a pulse that is too weak or too long); empty: 1.
  void pulse(Span<const std::uint32_t> list, bool up, std::uint64_t event,
             Span<const double> strength = {});

  // Part of a pulse on each listed cell, `strength` times its step without cycle or write noise:
  // what a cell feels that is half-selected. Not counted as a pulse.
  void disturb(Span<const std::uint32_t> list, bool up, double strength);

  // What time has made of the listed cells: a read sees conductance_s, pulses go on from there
  // (from the bound, where it lies outside the window). Stuck cells keep their value.
  void restate(Span<const std::uint32_t> list, Span<const double> conductance_s);
  // Lowers the upper bound of a cell, for ever (a window that closes); the cell follows.
  void lower_bound_to(std::size_t cell, double high_s);

  // Adds exactly the wanted conductance to each cell, within the window. Only for the model
  // "ideal".
  void add(Span<const std::uint32_t> cells, Span<const double> delta_s);

  // A cell's own bounds [S].
  double low_s(std::size_t cell) const { return to_conductance(cells_[cell].low); }
  double high_s(std::size_t cell) const { return to_conductance(cells_[cell].high); }

  // Size of one nominal pulse in the middle of the window, mean of up and down [S], and how many of
  // them fill the window.
  double nominal_step_s() const { return nominal_step_s_; }
  double nominal_states() const;

  // Pulses on stuck cells count too: they cost energy.
  struct Counters {
    std::uint64_t up = 0, down = 0;
    std::uint64_t saturated = 0;    // pulses after which a cell (not stuck) stands at a bound
    double up_conductance_s = 0.0;  // sum over the pulses of the mean of G before and after [S]
    double down_conductance_s = 0.0;
  };
  const Counters& counters() const { return counters_; }
  // Energy of all pulses so far, V^2 (G_before + G_after)/2 t each [J].
  double write_energy_j() const;

  // For checkpoints: 2 size() + 5 numbers, states then conductances (with a minus sign where stuck)
  // then counters. Bounds and steps are fabricated again from the seed; lowered bounds are the
  // caller's to lower again.
  std::vector<double> save() const;
  void restore(Span<const double> saved);

 private:
  struct Move {  // change of the state by one pulse: step + slope * state
    double step, slope;
  };
  struct alignas(64) Cell {
    double state;      // hidden state
    double low, high;  // its bounds; equal where stuck
    Move up, down;
  };
  struct Stuck {  // what stick() has overwritten
    std::size_t cell;
    double low, high;
  };
  struct Pulse {
    Span<const std::uint32_t> list;
    Move Cell::*direction;
    std::uint64_t event;
    const double* strength;  // null: 1
  };
  template <CycleNoise kNoise, bool kWriteNoise, bool kCurved, bool kScaled>
  void pulse_cells(const Pulse& pulse, double& conductance_sum);
  template <CycleNoise kNoise, bool kWriteNoise, bool kCurved>
  void pulse_scaled(const Pulse& pulse, double& conductance_sum);
  template <CycleNoise kNoise>
  void pulse_list(const Pulse& pulse, double& conductance_sum);
  double to_conductance(double state) const;
  double to_state(double conductance_s) const { return (conductance_s - offset_) / scale_; }

  DeviceConfig config_;
  RandomStream cycle_, write_;
  double scale_ = 1.0, offset_ = 0.0;  // G = scale state + offset [S]
  CycleNoise cycle_noise_ = CycleNoise::none;
  double cycle_sigma_ = 0.0;
  double cycle_floor_ = 0.0, cycle_slope_ = 0.0;  // of_state
  PulseCurve curve_;
  double write_sigma_ = 0.0;
  std::vector<Cell> cells_;
  std::vector<double> conductance_;  // what a read sees [S]
  std::vector<Stuck> stuck_;
  std::vector<double> fresh_high_;  // upper bounds before the first was lowered; empty until then
  double nominal_step_s_ = 0.0;
  Counters counters_;
};

}  // namespace memprop::analog
