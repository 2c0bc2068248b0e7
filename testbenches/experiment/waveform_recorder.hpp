// Cycle-resolution waveforms of one sample: node and line voltages at every clock edge, read from
// the dense output of the integration, and the digital pins.
#pragma once

#include <vector>

#include "hw_models/chip_runner.hpp"
#include "testbenches/experiment/grid_recorder.hpp"

namespace memprop::bench {

class WaveformRecorder {
 public:
  explicit WaveformRecorder(hw::ChipRunner& runner, std::size_t points_per_cycle = 1);

  // Records the next sample: attach before it runs, detach after it.
  void begin() { grid_.start(); }
  void end();

  // Point k of the sample is k steps of clock / points_per_cycle behind the clock edge that entered
  // LOAD; the last one is the edge that returns to IDLE.
  std::size_t points() const { return grid_.points(); }
  std::size_t points_per_cycle() const { return points_per_cycle_; }
  std::size_t cycles() const { return (points() + points_per_cycle_ - 1) / points_per_cycle_; }
  Span<const double> nodes(std::size_t point) const { return grid_.nodes(point); }
  // Where layer l = 1..L stands in them.
  analog::Range membranes(std::size_t l) const;
  // All lines at a point [V]; `out` has line_count() places. And where layer l stands in them.
  std::size_t line_count() const { return grid_.line_count(); }
  void lines(std::size_t point, double* out) const { grid_.lines(point, out); }
  analog::Range activities(std::size_t l) const;

  // Of layer l, points x neurons [V].
  Matrix membrane(std::size_t l) const;

 private:
  hw::ChipRunner& runner_;
  std::size_t points_per_cycle_;
  GridRecorder grid_;
};

}  // namespace memprop::bench
