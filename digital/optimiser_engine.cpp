#include "digital/optimiser_engine.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace memprop::digital {
namespace {

constexpr double one_unit = 65536.0;
constexpr double most_units = 4294967295.0;  // counts saturate there

}  // namespace

OptimiserEngine::OptimiserEngine(const ControllerConfig& config)
    : AccumulateEngine(config), unit_(config.optimiser), memory_(tiles_.size()) {
  std::size_t widest = 0;
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    if (!unit_.tile[t].learns()) continue;
    const std::size_t cells = tiles_[t].rows.size() * tiles_[t].columns;
    if (unit_.batch > 1) memory_[t].sum.assign(cells, 0.0F);
    if (unit_.optimiser.has_first()) memory_[t].first.assign(cells, 0.0F);
    if (unit_.optimiser.has_second()) memory_[t].second.assign(cells, 0.0F);
    widest = std::max(widest, padded_lanes(tiles_[t].columns));
  }
  change_.assign(widest, 0.0F);
  step_.assign(widest, 0.0F);
  fraction_.assign(widest, 0);
}

template <class Visit>
void OptimiserEngine::for_each_memory(Visit visit) {
  for (Memory& memory : memory_) {
    for (auto* values : {&memory.sum, &memory.first, &memory.second}) visit(*values);
  }
}

void OptimiserEngine::reset() {
  AccumulateEngine::reset();
  for_each_memory(
      [](std::vector<float>& values) { std::fill(values.begin(), values.end(), 0.0F); });
  collected_ = updates_ = words_ = 0;
}

void OptimiserEngine::start(const UpdateOperands& operands) {
  AccumulateEngine::start(operands);
  closing_ = ++collected_ == unit_.batch;
  if (closing_) {
    collected_ = 0;
    ++updates_;
  }
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    Tile& tile = tiles_[t];
    if (!unit_.tile[t].learns()) {
      tile.rows_count = 0;
    } else if (closing_) {
      tile.rows_count = tile.rows.size();
      for (std::size_t j = 0; j < tile.rows.size(); ++j) {
        tile.rows[j] = static_cast<std::uint32_t>(j);
      }
    }
  }
}

void OptimiserEngine::evaluate_row(std::size_t t, ControllerCounters& counters) {
  Tile& tile = tiles_[t];
  clear_slots(tile);
  const std::size_t first = tile.row * tile.columns;
  for (std::size_t i = 0; i < tile.columns; ++i) {
    change_[i] = static_cast<float>(product_of(tile, i)) * unit_.tile[t].change_per_code;
  }
  if (unit_.batch > 1) {
    float* sum = memory_[t].sum.data() + first;
    for (std::size_t i = 0; i < tile.columns; ++i) sum[i] += change_[i];
    words_ += 2 * tile.columns;
    if (!closing_) return;
    const float share = 1.0F / static_cast<float>(unit_.batch);
    for (std::size_t i = 0; i < tile.columns; ++i) {
      change_[i] = sum[i] * share;
      sum[i] = 0.0F;
    }
  }
  add_step(tile, t, counters);
  tile.accumulators = cells_[t].data() + first;
  plan_due(tile);
}

void OptimiserEngine::add_step(Tile& tile, std::size_t t, ControllerCounters& counters) {
  const std::size_t n = tile.columns, first = tile.row * n;
  Memory& memory = memory_[t];
  std::fill(step_.begin(), step_.end(), 0.0F);
  optimiser_step(unit_.optimiser, updates_, unit_.tile[t].rate, change_.data(), step_.data(),
                 memory.first.empty() ? nullptr : memory.first.data() + first,
                 memory.second.empty() ? nullptr : memory.second.data() + first, n);
  words_ += 2 * n *
            (static_cast<std::size_t>(unit_.optimiser.has_first()) +
             static_cast<std::size_t>(unit_.optimiser.has_second()));
  const double units = unit_.tile[t].units_per_weight;
  for (std::size_t i = 0; i < n; ++i) {
    const double size = std::min(std::abs(static_cast<double>(step_[i])) * units, most_units);
    fraction_[i] = static_cast<std::uint64_t>(std::llround(size * one_unit));
  }
  std::fill(fraction_.begin() + static_cast<std::ptrdiff_t>(n), fraction_.end(), 0);
  if (pulse_counts_wide(tile.blocks, fraction_.data(), 1, 0) == 0) return;
  std::int32_t* cells = cells_[t].data() + first;
  for_each_hit(tile, [&](std::size_t i) {
    add_change(cells[i], step_[i] < 0 ? -std::int64_t{tile.n[i]} : std::int64_t{tile.n[i]},
               counters);
  });
}

OptimiserCounters OptimiserEngine::optimiser() const {
  OptimiserCounters counters;
  counters.updates = updates_;
  counters.words = words_;
  for (const Memory& memory : memory_) {
    counters.memory_bits += 32 * (memory.sum.size() + memory.first.size() + memory.second.size());
  }
  return counters;
}

void OptimiserEngine::save(std::vector<std::uint64_t>& state) const {
  AccumulateEngine::save(state);
  state.insert(state.end(), {collected_, updates_, words_});
  for (const Memory& memory : memory_) {
    for (const auto* values : {&memory.sum, &memory.first, &memory.second}) {
      for (const float value : *values) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        state.push_back(bits);
      }
    }
  }
}

std::size_t OptimiserEngine::saved_words() const {
  std::size_t words = AccumulateEngine::saved_words() + 3;
  for (const Memory& memory : memory_) {
    words += memory.sum.size() + memory.first.size() + memory.second.size();
  }
  return words;
}

void OptimiserEngine::restore(Span<const std::uint64_t> state) {
  std::size_t at = AccumulateEngine::saved_words();
  AccumulateEngine::restore(state.subspan(0, at));
  collected_ = state[at++];
  updates_ = state[at++];
  words_ = state[at++];
  for_each_memory([&](std::vector<float>& values) {
    for (float& value : values) {
      const auto bits = static_cast<std::uint32_t>(state[at++]);
      std::memcpy(&value, &bits, sizeof value);
    }
  });
}

}  // namespace memprop::digital
