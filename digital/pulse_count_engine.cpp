#include "digital/pulse_count_engine.hpp"

#include <algorithm>

namespace memprop::digital {

namespace {

std::uint64_t magnitude_of(std::int64_t value) {
  return value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value)
                   : static_cast<std::uint64_t>(value);
}

bool fits_32_bits(const OperandBounds& bounds, const TileUpdateRegisters& registers,
                  bool product_form) {
  constexpr std::uint64_t limit = std::uint64_t{1} << 31;
  if (registers.rate_shift > 63) return false;
  if (bounds.col >= limit || bounds.row >= limit || bounds.product >= limit << 14) return false;
  const std::uint64_t most = (bounds.product * registers.rate_mantissa) >> registers.rate_shift;
  if (most >= limit) return false;
  return product_form ? bounds.product < limit : bounds.row * registers.rate_mantissa < limit;
}

}  // namespace

PulseCountEngine::PulseCountEngine(const ControllerConfig& config)
    : max_pulses_(config.max_pulses), product_(config.product_form) {
  tiles_.resize(tile_count(config));
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    Tile& tile = tiles_[t];
    tile.registers = config.tile[t];
    tile.narrow = fits_32_bits(operand_bounds(config, t), tile.registers, product_);
    tile.columns = tile_columns(config, t);
    tile.bank = RegisterBank(config.seed, t, Lane::column, tile.columns);
    const std::size_t lanes = padded_lanes(tile.columns);
    tile.n.assign(lanes, 0);
    tile.hits.assign((lanes + 63) / 64 * 4, 0);
    if (!tile.narrow) tile.magnitude.assign(lanes, 0);
    if (product_) {
      tile.plus.assign(lanes, 0);
      tile.minus.assign(lanes, 0);
    } else {
      tile.d.assign(lanes, 0);
    }
    tile.blocks = {lanes / block_lanes, tile.bank.data(), tile.n.data(), tile.hits.data()};
    tile.rows.assign(tile_rows(config, t), 0);
    tile.set.assign(tile.columns, Pulses{});
    tile.reset.assign(tile.columns, Pulses{});
  }
}

void PulseCountEngine::reset() {
  for (Tile& tile : tiles_) tile.bank.reset();
}

void PulseCountEngine::load_columns(Tile& tile) const {
  const TileOperands& operands = *tile.operands;
  for (std::size_t i = 0; i < tile.columns; ++i) {
    if (product_) {
      tile.plus[i] = static_cast<std::int32_t>(operands.col[0][i]);
      tile.minus[i] = static_cast<std::int32_t>(operands.col[1][i]);
    } else {
      tile.d[i] = static_cast<std::uint32_t>(magnitude_of(operands.col[0][i]));
    }
  }
}

void PulseCountEngine::start(const UpdateOperands& operands) {
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    Tile& tile = tiles_[t];
    tile.operands = &operands.tiles()[t];
    load_columns(tile);
    tile.rows_count = 0;
    tile.rows_done = 0;
    tile.slots = 0;
    tile.slot = 0;
    for (std::size_t j = 0; j < tile.rows.size(); ++j) {
      std::int64_t code = tile.operands->row[0][j];
      if (product_) code |= tile.operands->row[1][j];
      tile.rows[tile.rows_count] = static_cast<std::uint32_t>(j);
      tile.rows_count += code != 0;
    }
  }
}

bool PulseCountEngine::count_row(Tile& tile) const {
  const TileOperands& operands = *tile.operands;
  const unsigned shift = tile.registers.rate_shift - 16;
  const std::uint32_t mantissa = tile.registers.rate_mantissa;
  const std::int64_t x = operands.row[0][tile.row];
  if (tile.narrow && !product_) {
    const auto factor = static_cast<std::uint32_t>(magnitude_of(x) * mantissa);
    return pulse_counts_simplified(tile.blocks, tile.d.data(), factor, shift) != 0;
  }
  const std::int64_t minus_x = product_ ? operands.row[1][tile.row] : 0;
  if (tile.narrow) {
    return pulse_counts_product(tile.blocks, tile.plus.data(), tile.minus.data(),
                                static_cast<std::int32_t>(x), static_cast<std::int32_t>(minus_x),
                                mantissa, shift) != 0;
  }
  for (std::size_t i = 0; i < tile.columns; ++i) {
    const std::int64_t subtracted = product_ ? minus_x * operands.col[1][i] : 0;
    tile.magnitude[i] = magnitude_of(x * operands.col[0][i] - subtracted);
  }
  return pulse_counts_wide(tile.blocks, tile.magnitude.data(), mantissa, shift) != 0;
}

std::int64_t PulseCountEngine::product_of(const Tile& tile, std::size_t column) const {
  const TileOperands& operands = *tile.operands;
  std::int64_t product = operands.row[0][tile.row] * operands.col[0][column];
  if (product_) product -= operands.row[1][tile.row] * operands.col[1][column];
  return product;
}

void PulseCountEngine::clear_slots(Tile& tile) {
  tile.set_count = 0;
  tile.reset_count = 0;
  tile.set_slots = 0;
  tile.slots = 0;
  tile.slot = 0;
}

void PulseCountEngine::add_pulses(Tile& tile, std::size_t column, std::uint32_t count, bool set) {
  (set ? tile.set[tile.set_count++] : tile.reset[tile.reset_count++]) = {
      static_cast<std::uint32_t>(column), count};
}

void PulseCountEngine::plan_slots(Tile& tile) {
  std::uint32_t reset_slots = 0;
  for (std::size_t k = 0; k < tile.set_count; ++k) {
    tile.set_slots = std::max(tile.set_slots, tile.set[k].count);
  }
  for (std::size_t k = 0; k < tile.reset_count; ++k) {
    reset_slots = std::max(reset_slots, tile.reset[k].count);
  }
  tile.slots = tile.set_slots + reset_slots;
}

void PulseCountEngine::evaluate_row(std::size_t t, ControllerCounters& counters) {
  Tile& tile = tiles_[t];
  clear_slots(tile);
  if (!count_row(tile)) return;
  for_each_hit(tile, [&](std::size_t column) {
    const std::uint32_t wanted = tile.n[column];
    counters.pulse_clipped += wanted > max_pulses_;
    add_pulses(tile, column, std::min(wanted, max_pulses_), !negative(tile, column));
  });
  plan_slots(tile);
}

bool PulseCountEngine::cycle(ControllerOutputs& out, ControllerCounters& counters) {
  bool last = true;
  bool any_high = false;
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    Tile& tile = tiles_[t];
    if (tile.lines_high) {
      out.row_pulse[t].reset(tile.row);
      out.col_pulse[t].clear();
      out.upd_pol[t] = 0;
      tile.lines_high = false;
    }
    if (tile.slot == tile.slots) {
      if (tile.rows_done == tile.rows_count) continue;
      tile.row = tile.rows[tile.rows_done++];
      evaluate_row(t, counters);
    }
    if (tile.slot < tile.slots) {
      const bool set = tile.slot < tile.set_slots;
      const std::uint32_t level = set ? tile.slot : tile.slot - tile.set_slots;
      const std::vector<Pulses>& pulses = set ? tile.set : tile.reset;
      const std::size_t count = set ? tile.set_count : tile.reset_count;
      std::uint64_t driven = 0;
      for (std::size_t k = 0; k < count; ++k) {
        if (pulses[k].count <= level) continue;
        out.col_pulse[t].set(pulses[k].column);
        if (tile.accumulators != nullptr) {
          tile.accumulators[pulses[k].column] -= set ? tile.threshold : -tile.threshold;
        }
        ++driven;
      }
      (set ? counters.pulses_up[t] : counters.pulses_down[t]) += driven;
      out.row_pulse[t].set(tile.row);
      out.upd_pol[t] = set ? 1 : 0;
      tile.lines_high = true;
      any_high = true;
      ++tile.slot;
    }
    last = last && tile.slot == tile.slots && tile.rows_done == tile.rows_count;
  }
  out.upd_en = any_high;
  return last;
}

void PulseCountEngine::release(ControllerOutputs& out) {
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    Tile& tile = tiles_[t];
    if (tile.lines_high) {
      out.row_pulse[t].reset(tile.row);
      out.col_pulse[t].clear();
      out.upd_pol[t] = 0;
      tile.lines_high = false;
    }
  }
  out.upd_en = false;
}

void PulseCountEngine::save(std::vector<std::uint64_t>& state) const {
  for (const Tile& tile : tiles_) tile.bank.save(state);
}

std::size_t PulseCountEngine::saved_words() const {
  std::size_t words = 0;
  for (const Tile& tile : tiles_) words += tile.bank.saved_words();
  return words;
}

void PulseCountEngine::restore(Span<const std::uint64_t> state) {
  std::size_t at = 0;
  for (Tile& tile : tiles_) {
    tile.bank.restore(state.subspan(at, tile.bank.saved_words()));
    at += tile.bank.saved_words();
  }
}

}  // namespace memprop::digital
