// Update circuit U7: wanted changes accumulate in a digital counter per cell, and a cell is pulsed
// when its counter reaches a threshold. Rows, draws, slots and cycles are those of U1:
//
//   a_ij <- saturated(a_ij + sign(D_ij) n_ij),  |a| <= 2^(accumulator_bits - 1) - 1
//   pulses = min(max_pulses, |a_ij| / threshold, rounded down), of the sign of a_ij;
//   each driven pulse takes the threshold off |a_ij|
//
// n_ij is the rounded count of U1, here in units of 1/threshold of a pulse. With a threshold of 1
// and no cut counts the pulses are those of U1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "digital/pulse_count_engine.hpp"

namespace memprop::digital {

class AccumulateEngine : public PulseCountEngine {
 public:
  explicit AccumulateEngine(const ControllerConfig& config);

  void reset() override;
  Span<const std::int32_t> accumulators(std::size_t tile) const override { return cells_[tile]; }
  void save(std::vector<std::uint64_t>& state) const override;
  std::size_t saved_words() const override;
  // Throws UserError if an accumulator of the state does not fit this engine's.
  void restore(Span<const std::uint64_t> state) override;

 protected:
  void evaluate_row(std::size_t t, ControllerCounters& counters) override;
  void add_change(std::int32_t& accumulator, std::int64_t change,
                  ControllerCounters& counters) const;
  // Pulses of the row's cells that are beyond the threshold.
  void plan_due(Tile& tile) const;

  std::vector<std::vector<std::int32_t>> cells_;  // [tile][row * columns + column]

 private:
  void add_changes(Tile& tile, ControllerCounters& counters) const;

  std::int32_t largest_;
};

}  // namespace memprop::digital
