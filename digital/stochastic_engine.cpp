#include "digital/stochastic_engine.hpp"

#include <algorithm>

namespace memprop::digital {

StochasticEngine::Lines StochasticEngine::make_lines(const ControllerConfig& config,
                                                     std::size_t tile, Lane lane,
                                                     std::size_t size) {
  const TileUpdateRegisters& registers = config.tile[tile];
  Lines lines;
  lines.mantissa = lane == Lane::row ? registers.row_mantissa : registers.col_mantissa;
  lines.shift = lane == Lane::row ? registers.row_shift : registers.col_shift;
  lines.bank = RegisterBank(config.seed, tile, lane, size);
  lines.first.assign(lines.bank.padded(), 0);
  lines.live.assign(lines.bank.padded(), 0);
  lines.threshold.assign(lines.bank.padded(), 0);
  lines.fires.assign(lines.bank.padded(), 0);
  return lines;
}

StochasticEngine::StochasticEngine(const ControllerConfig& config)
    : stream_length_(config.stream_length), passes_(sign_passes(config)) {
  for (std::size_t t = 0; t < tile_count(config); ++t) {
    Tile tile;
    tile.row = make_lines(config, t, Lane::row, tile_rows(config, t));
    tile.col = make_lines(config, t, Lane::column, tile_columns(config, t));
    tiles_.push_back(std::move(tile));
  }
}

void StochasticEngine::reset() {
  for (Tile& tile : tiles_) {
    tile.row.bank.reset();
    tile.col.bank.reset();
  }
}

void StochasticEngine::load(Lines& lines, const std::vector<std::int64_t> (&codes)[2]) const {
  std::copy(lines.bank.values().begin(), lines.bank.values().end(), lines.first.begin());
  const bool product = operands_->groups() == 2;
  for (std::size_t i = 0; i < codes[0].size(); ++i) {
    const bool live = codes[0][i] != 0 || (product && codes[1][i] != 0);
    lines.live[i] = live ? 0xffffffffU : 0;
  }
}

void StochasticEngine::start(const UpdateOperands& operands) {
  operands_ = &operands;
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    load(tiles_[t].row, operands.tiles()[t].row);
    load(tiles_[t].col, operands.tiles()[t].col);
  }
  pass_ = 0;
  slot_ = 0;
}

void StochasticEngine::begin_pass(Lines& lines, const std::vector<std::int64_t>& codes,
                                  bool negative) {
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const bool fits = negative ? codes[i] < 0 : codes[i] > 0;
    const auto magnitude = static_cast<std::uint64_t>(codes[i] < 0 ? -codes[i] : codes[i]);
    const std::uint64_t scaled = (magnitude * lines.mantissa) >> lines.shift;
    lines.threshold[i] =
        fits ? static_cast<std::uint32_t>(std::min<std::uint64_t>(65535, scaled)) : 0;
  }
}

void StochasticEngine::begin_pass() {
  const SignPass& pass = passes_[pass_];
  // Common random numbers: the subtracted group sees the draws of the added one.
  const bool second_group = pass_ > 0 && pass.group != passes_[pass_ - 1].group;
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    Tile& tile = tiles_[t];
    const TileOperands& operands = operands_->tiles()[t];
    if (second_group) {
      std::copy(tile.row.first.begin(), tile.row.first.end(), tile.row.bank.values().begin());
      std::copy(tile.col.first.begin(), tile.col.first.end(), tile.col.bank.values().begin());
    }
    begin_pass(tile.row, operands.row[pass.group], pass.row_negative);
    begin_pass(tile.col, operands.col[pass.group], pass.col_negative);
  }
}

void StochasticEngine::draw(Lines& lines) {
  std::uint32_t* __restrict state = lines.bank.data();
  const std::uint32_t* __restrict live = lines.live.data();
  const std::uint32_t* __restrict threshold = lines.threshold.data();
  std::uint8_t* __restrict fires = lines.fires.data();
  const std::size_t lanes = lines.bank.padded();
#pragma omp simd
  for (std::size_t i = 0; i < lanes; ++i) {
    const std::uint32_t next = advance(state[i]);
    state[i] ^= (state[i] ^ next) & live[i];
    fires[i] = static_cast<std::uint8_t>(draw16(next) < threshold[i]);
  }
}

bool StochasticEngine::cycle(ControllerOutputs& out, ControllerCounters& counters) {
  if (slot_ == 0) begin_pass();
  const bool set = passes_[pass_].set;
  bool any_high = false;
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    Tile& tile = tiles_[t];
    draw(tile.row);
    draw(tile.col);
    const std::size_t rows = pack_lines(tile.row.fires, out.row_pulse[t]);
    const std::size_t columns = pack_lines(tile.col.fires, out.col_pulse[t]);
    (set ? counters.pulses_up[t] : counters.pulses_down[t]) += rows * columns;
    out.upd_pol[t] = set ? 1 : 0;
    any_high = any_high || rows != 0 || columns != 0;
  }
  out.upd_en = any_high;
  if (++slot_ == stream_length_) {
    slot_ = 0;
    ++pass_;
  }
  return pass_ == passes_.size();
}

void StochasticEngine::release(ControllerOutputs& out) {
  for (std::size_t t = 0; t < tiles_.size(); ++t) {
    out.row_pulse[t].clear();
    out.col_pulse[t].clear();
    out.upd_pol[t] = 0;
  }
  out.upd_en = false;
}

void StochasticEngine::save(std::vector<std::uint64_t>& state) const {
  for (const Tile& tile : tiles_) {
    tile.row.bank.save(state);
    tile.col.bank.save(state);
  }
}

std::size_t StochasticEngine::saved_words() const {
  std::size_t words = 0;
  for (const Tile& tile : tiles_) {
    words += tile.row.bank.saved_words() + tile.col.bank.saved_words();
  }
  return words;
}

void StochasticEngine::restore(Span<const std::uint64_t> state) {
  std::size_t at = 0;
  for (Tile& tile : tiles_) {
    for (RegisterBank* bank : {&tile.row.bank, &tile.col.bank}) {
      bank->restore(state.subspan(at, bank->saved_words()));
      at += bank->saved_words();
    }
  }
}

}  // namespace memprop::digital
