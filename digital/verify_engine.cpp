#include "digital/verify_engine.hpp"

#include <algorithm>

#include "solvers/error.hpp"

namespace memprop::digital {

VerifyEngine::VerifyEngine(const ControllerConfig& config)
    : PulseCountEngine(config),
      verify_cycles_(config.verify_cycles),
      verify_rounds_(config.verify_rounds) {
  for (const Tile& tile : tiles_) {
    Row row;
    row.code.assign(tile.columns, 0);
    row.target.assign(tile.columns, 0);
    row.written.assign(tile.columns, 0);
    rows_.push_back(std::move(row));
  }
}

void VerifyEngine::reset() {
  PulseCountEngine::reset();
  verify_ = {};
}

void VerifyEngine::start(const UpdateOperands& operands) {
  if (reader_ == nullptr) throw InternalError("write-verify: nobody reads the cells");
  PulseCountEngine::start(operands);
  for (Row& row : rows_) row.stage = Stage::next_row;
}

// Draws and targets of the tile's next row; false when it wants no pulse (which took the cycle).
bool VerifyEngine::begin_row(std::size_t t, ControllerCounters& counters) {
  Tile& tile = tiles_[t];
  Row& row = rows_[t];
  tile.row = tile.rows[tile.rows_done++];
  clear_slots(tile);
  if (!count_row(tile)) return false;
  std::fill(row.written.begin(), row.written.end(), std::uint8_t{0});
  const std::int64_t step = tile.registers.verify_step;
  for_each_hit(tile, [&](std::size_t column) {
    counters.pulse_clipped += tile.n[column] > max_pulses_;
    const std::int64_t n = std::min(tile.n[column], max_pulses_);
    row.target[column] = negative(tile, column) ? -n * step : n * step;
    row.written[column] = 1;
    ++verify_.cells;
  });
  row.has_target = false;
  row.rounds = 0;
  row.cycles_left = verify_cycles_;
  row.stage = Stage::reading;
  return true;
}

// The codes are in: the slots of the next round, or none.
void VerifyEngine::take_read(std::size_t t) {
  Tile& tile = tiles_[t];
  Row& row = rows_[t];
  reader_->read_row(t, tile.row, row.code);
  verify_.reads += row.code.size();
  clear_slots(tile);
  const auto tolerance = static_cast<std::int64_t>(tile.registers.verify_tolerance);
  for (std::size_t i = 0; i < tile.columns; ++i) {
    if (row.written[i] == 0) continue;
    const std::int64_t now = std::int64_t{row.code[i]} * 256;
    if (!row.has_target) row.target[i] += now;
    const std::int64_t missing = row.target[i] - now;
    if (missing > tolerance || -missing > tolerance) add_pulses(tile, i, 1, missing > 0);
  }
  row.has_target = true;
  plan_slots(tile);
  row.stage = tile.slots > 0 ? Stage::pulsing : Stage::next_row;
  if (tile.slots == 0) return;
  ++row.rounds;
  if (row.rounds == verify_rounds_) verify_.unfinished += tile.set_count + tile.reset_count;
}

void VerifyEngine::proceed(std::size_t t, ControllerCounters& counters) {
  Tile& tile = tiles_[t];
  Row& row = rows_[t];
  if (row.stage == Stage::pulsing && tile.slot == tile.slots) {
    row.stage = row.rounds == verify_rounds_ ? Stage::next_row : Stage::reading;
    row.cycles_left = verify_cycles_;
  }
  if (row.stage == Stage::reading && row.cycles_left == 0) take_read(t);
  if (row.stage == Stage::next_row) {
    if (tile.rows_done == tile.rows_count) {
      row.stage = Stage::finished;
    } else {
      begin_row(t, counters);
    }
  }
  if (row.stage == Stage::reading) --row.cycles_left;
}

void VerifyEngine::drive(std::size_t t, ControllerOutputs& out, ControllerCounters& counters) {
  Tile& tile = tiles_[t];
  const bool set = tile.slot < tile.set_slots;
  const std::vector<Pulses>& pulses = set ? tile.set : tile.reset;
  const std::size_t count = set ? tile.set_count : tile.reset_count;
  for (std::size_t k = 0; k < count; ++k) out.col_pulse[t].set(pulses[k].column);
  (set ? counters.pulses_up[t] : counters.pulses_down[t]) += count;
  out.row_pulse[t].set(tile.row);
  out.upd_pol[t] = set ? 1 : 0;
  tile.lines_high = true;
  ++tile.slot;
}

bool VerifyEngine::cycle(ControllerOutputs& out, ControllerCounters& counters) {
  bool last = true;
  bool any_high = false;
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    Tile& tile = tiles_[t];
    Row& row = rows_[t];
    if (tile.lines_high) {
      out.row_pulse[t].reset(tile.row);
      out.col_pulse[t].clear();
      out.upd_pol[t] = 0;
      tile.lines_high = false;
    }
    proceed(t, counters);
    if (row.stage == Stage::pulsing) {
      drive(t, out, counters);
      any_high = true;
    }
    const bool no_rows = tile.rows_done == tile.rows_count;
    const bool last_slot =
        row.stage == Stage::pulsing && tile.slot == tile.slots && row.rounds == verify_rounds_;
    last = last && no_rows &&
           (row.stage == Stage::finished || row.stage == Stage::next_row || last_slot);
  }
  out.upd_en = any_high;
  return last;
}

void VerifyEngine::save(std::vector<std::uint64_t>& state) const {
  PulseCountEngine::save(state);
  state.insert(state.end(), {verify_.reads, verify_.cells, verify_.unfinished});
}

void VerifyEngine::restore(Span<const std::uint64_t> state) {
  const std::size_t at = PulseCountEngine::saved_words();
  PulseCountEngine::restore(state.subspan(0, at));
  verify_ = {state[at], state[at + 1], state[at + 2]};
}

}  // namespace memprop::digital
