#include "digital/accumulate_engine.hpp"

#include <algorithm>
#include <string>

#include "solvers/error.hpp"

namespace memprop::digital {

AccumulateEngine::AccumulateEngine(const ControllerConfig& config)
    : PulseCountEngine(config),
      largest_(static_cast<std::int32_t>((1U << (config.accumulator_bits - 1)) - 1)) {
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    tiles_[t].threshold = static_cast<std::int32_t>(config.tile[t].accumulate_threshold);
    cells_.emplace_back(tiles_[t].rows.size() * tiles_[t].columns, 0);
  }
}

void AccumulateEngine::reset() {
  PulseCountEngine::reset();
  for (auto& cells : cells_) std::fill(cells.begin(), cells.end(), 0);
}

void AccumulateEngine::add_changes(Tile& tile, ControllerCounters& counters) const {
  for_each_hit(tile, [&](std::size_t column) {
    const std::int64_t change = tile.n[column];
    add_change(tile.accumulators[column], negative(tile, column) ? -change : change, counters);
  });
}

void AccumulateEngine::add_change(std::int32_t& accumulator, std::int64_t change,
                                  ControllerCounters& counters) const {
  const std::int64_t sum = accumulator + change;
  const std::int64_t kept = std::clamp<std::int64_t>(sum, -largest_, largest_);
  counters.pulse_clipped += kept != sum;
  accumulator = static_cast<std::int32_t>(kept);
}

void AccumulateEngine::evaluate_row(std::size_t t, ControllerCounters& counters) {
  Tile& tile = tiles_[t];
  clear_slots(tile);
  tile.accumulators = cells_[t].data() + tile.row * tile.columns;
  if (count_row(tile)) add_changes(tile, counters);
  plan_due(tile);
}

void AccumulateEngine::plan_due(Tile& tile) const {
  // Also cells without a change: max_pulses may have left them above the threshold.
  const std::int32_t* cells = tile.accumulators;
  const std::int32_t threshold = tile.threshold;
  unsigned due = 0;
  for (std::size_t i = 0; i < tile.columns; ++i) {
    due |= static_cast<unsigned>(cells[i] >= threshold) |
           static_cast<unsigned>(-cells[i] >= threshold);
  }
  if (due == 0) return;
  for (std::size_t i = 0; i < tile.columns; ++i) {
    const std::int32_t size = cells[i] < 0 ? -cells[i] : cells[i];
    if (size < threshold) continue;
    const auto pulses = static_cast<std::uint32_t>(size / threshold);
    add_pulses(tile, i, std::min(pulses, max_pulses_), cells[i] > 0);
  }
  plan_slots(tile);
}

void AccumulateEngine::save(std::vector<std::uint64_t>& state) const {
  PulseCountEngine::save(state);
  for (const auto& cells : cells_) {
    for (std::size_t k = 0; k < cells.size(); k += 2) {
      const std::uint64_t low = static_cast<std::uint32_t>(cells[k]);
      const std::uint64_t high =
          k + 1 < cells.size() ? static_cast<std::uint32_t>(cells[k + 1]) : 0;
      state.push_back(high << 32 | low);
    }
  }
}

std::size_t AccumulateEngine::saved_words() const {
  std::size_t words = PulseCountEngine::saved_words();
  for (const auto& cells : cells_) words += (cells.size() + 1) / 2;
  return words;
}

void AccumulateEngine::restore(Span<const std::uint64_t> state) {
  std::size_t at = PulseCountEngine::saved_words();
  PulseCountEngine::restore(state.subspan(0, at));
  for (auto& cells : cells_) {
    for (std::size_t k = 0; k < cells.size(); ++k) {
      const std::uint64_t word = state[at + k / 2] >> (k % 2 * 32);
      const auto value = static_cast<std::int32_t>(static_cast<std::uint32_t>(word));
      if (value < -largest_ || value > largest_) {
        throw UserError("controller: expected saved accumulators up to " +
                        std::to_string(largest_) + " in magnitude, found " + std::to_string(value) +
                        ": was the state saved with more bits?");
      }
      cells[k] = value;
    }
    at += (cells.size() + 1) / 2;
  }
}

}  // namespace memprop::digital
