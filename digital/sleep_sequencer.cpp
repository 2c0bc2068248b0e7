#include "digital/sleep_sequencer.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "digital/shift_register.hpp"
#include "solvers/error.hpp"

namespace memprop::digital {
namespace {

SleepRowConfig row_config(const SleepSequencerConfig& config) {
  if (config.widths.size() < 2) {
    throw UserError("sleep sequencer: expected two layers or more");
  }
  return {config.widths.front(), config.gain_mantissa, config.gain_shift, config.window,
          config.seed};
}

void check(const SleepSequencerConfig& config) {
  if (config.pulse_cycles == 0 || config.pulse_cycles > config.drive_cycles) {
    throw UserError("sleep sequencer: expected row pulses of 1 to " +
                    std::to_string(config.drive_cycles) + " cycles, the length of a drive, got " +
                    std::to_string(config.pulse_cycles));
  }
  if (config.gated && config.sense_cycles == 0) {
    throw UserError("sleep sequencer: expected at least one cycle to sense the signs in, got 0");
  }
  if (config.max_pulses == 0 || config.max_pulses > 0xffffU) {
    throw UserError("sleep sequencer: expected 1 to 65535 pulses at most, got " +
                    std::to_string(config.max_pulses));
  }
  for (const SleepTile& tile : config.tile) {
    const std::size_t highest = std::max(tile.shape.from, tile.shape.to);
    if (tile.shape.to > 0 && highest < config.widths.size()) continue;
    throw UserError("sleep sequencer: expected tiles between the layers 0 to " +
                    std::to_string(config.widths.size() - 1) + ", got one from " +
                    std::to_string(tile.shape.from) + " to " + std::to_string(tile.shape.to));
  }
}

std::size_t columns_of(const SleepSequencerConfig& config, const TileShape& shape) {
  return config.widths[shape.to] * std::max<std::size_t>(1, shape.branches);
}

}  // namespace

SleepSequencer::SleepSequencer(SleepSequencerConfig config)
    : config_(std::move(config)), inputs_(row_config(config_)) {
  check(config_);
  const std::size_t tiles = config_.tile.size();
  ending_.resize(config_.widths.size() - 1);
  std::size_t most_columns = 0;
  for (const std::size_t width : config_.widths) spikes_.emplace_back(width);
  for (std::size_t t = 0; t < tiles; ++t) {
    const SleepTile& tile = config_.tile[t];
    const std::size_t rows = tile.rests() ? 0 : config_.widths[tile.shape.from];
    if (!tile.rests()) ending_[tile.shape.to - 1].push_back(t);
    most_columns = std::max(most_columns, columns_of(config_, tile.shape));
    lines_.emplace_back(rows);
    branches_.emplace_back();
    pulses_.emplace_back(rows, 0);
    write_register_.emplace_back(rows);
    for (std::size_t j = 0; j < rows; ++j) {
      write_register_[t][j] = register_seed(config_.seed, static_cast<std::uint32_t>(t),
                                            Lane::sleep_write, static_cast<std::uint32_t>(j));
    }
  }
  for (std::size_t l = 1; l < config_.widths.size(); ++l) {
    if (!ending_[l - 1].empty()) continue;
    throw UserError("sleep sequencer: expected a tile that ends at layer " + std::to_string(l));
  }
  columns_.reserve(most_columns);
  counters_.spikes.assign(config_.widths.size(), 0);
  for (auto* list : {&counters_.raise_cells, &counters_.lower_cells, &counters_.raise_pulses,
                     &counters_.lower_pulses}) {
    list->assign(tiles, 0);
  }
}

bool SleepSequencer::learns(std::size_t tile) const {
  return config_.tile[tile].raise_rate > 0 || config_.tile[tile].lower_rate > 0;
}

const SleepOutputs& SleepSequencer::step(const SleepInputs& in) {
  out_.done = false;
  switch (out_.phase) {
    case SleepPhase::idle:
      if (!in.start || in.steps == 0) return out_;
      steps_left_ = in.steps;
      begin_step();
      break;
    case SleepPhase::drive:
      ++cycle_;
      if (cycle_ == config_.drive_cycles) {
        out_.phase = SleepPhase::compare;
        out_.leak_en = out_.row_en = false;
      } else {
        out_.row_en = cycle_ + config_.pulse_cycles >= config_.drive_cycles;
      }
      break;
    case SleepPhase::compare:
      take_spikes(in);
      turn_ = 0;
      gather_columns();
      next_column();
      break;
    case SleepPhase::sense:
      if (++cycle_ < config_.sense_cycles) break;
      plan(in.negative);
      next_slot();
      break;
    case SleepPhase::raise:
    case SleepPhase::lower:
      next_slot();
      break;
  }
  if (out_.phase != SleepPhase::idle) ++counters_.cycles;
  return out_;
}

void SleepSequencer::begin_step() {
  inputs_.draw(spikes_[0]);
  spikes_[0].for_each([this](std::size_t) { ++counters_.spikes[0]; });
  enter_drive(1);
}

void SleepSequencer::enter_drive(std::size_t layer) {
  out_.phase = SleepPhase::drive;
  out_.layer = layer;
  out_.tile = tiles_of(layer).front();
  out_.leak_en = true;
  out_.row_en = config_.pulse_cycles == config_.drive_cycles;
  for (const std::size_t t : tiles_of(layer)) lines_[t] = spikes_[config_.tile[t].shape.from];
  cycle_ = 0;
}

void SleepSequencer::take_spikes(const SleepInputs& in) {
  if (in.comparators == nullptr) throw InternalError("sleep sequencer: no comparators");
  BitVector& spikes = spikes_[out_.layer];
  spikes = *in.comparators;
  spikes.for_each([this](std::size_t) { ++counters_.spikes[out_.layer]; });
  for (const std::size_t t : tiles_of(out_.layer)) {
    const TileShape& shape = config_.tile[t].shape;
    if (shape.branches == 0) continue;
    if (in.branches == nullptr || (*in.branches)[t].size() != columns_of(config_, shape)) {
      throw InternalError("sleep sequencer: no bits of the branches");
    }
    branches_[t] = (*in.branches)[t];
  }
}

// Those of the tile whose turn it is that spiked.
void SleepSequencer::gather_columns() {
  out_.tile = tiles_of(out_.layer)[turn_];
  columns_.clear();
  next_ = 0;
  if (!learns(out_.tile)) return;
  const std::size_t each = config_.tile[out_.tile].shape.branches;
  spikes_[out_.layer].for_each([&](std::size_t i) {
    if (each == 0) columns_.push_back(static_cast<std::uint32_t>(i));
    for (std::size_t b = i * each; b < (i + 1) * each; ++b) {
      if (branches_[out_.tile].test(b)) columns_.push_back(static_cast<std::uint32_t>(b));
    }
  });
}

void SleepSequencer::next_column() {
  while (true) {
    if (next_ == columns_.size()) {
      if (++turn_ == tiles_of(out_.layer).size()) return end_layer();
      gather_columns();
      continue;
    }
    out_.column = columns_[next_++];
    if (config_.gated) {
      out_.phase = SleepPhase::sense;
      lines_[out_.tile].clear();
      cycle_ = 0;
      ++counters_.senses;
      return;
    }
    plan(nullptr);
    if (raises_ > 0 || lowers_ > 0) return next_slot();
  }
}

// What every row of the present column gets; every register of the tile advances once.
void SleepSequencer::plan(const BitVector* negative) {
  if (config_.gated && negative == nullptr) throw InternalError("sleep sequencer: no sign bits");
  const std::size_t t = out_.tile;
  const SleepTile& rates = config_.tile[t];
  const std::uint64_t most = config_.max_pulses;
  const BitVector& row_spikes = spikes_[rates.shape.from];
  std::vector<std::uint32_t>& registers = write_register_[t];
  raises_ = lowers_ = slot_ = 0;
  for (std::size_t j = 0; j < registers.size(); ++j) {
    registers[j] = advance(registers[j]);
    const bool raise = row_spikes.test(j);
    ++(raise ? counters_.raise_cells : counters_.lower_cells)[t];
    const std::uint64_t rate = raise ? rates.raise_rate : rates.lower_rate;
    std::int32_t n = static_cast<std::int32_t>(std::min(most, (rate + draw16(registers[j])) >> 16));
    if (config_.gated && !negative->test(j)) n = 0;
    pulses_[t][j] = raise ? n : -n;
    raises_ = std::max(raises_, raise ? n : 0);
    lowers_ = std::max(lowers_, raise ? 0 : n);
    (raise ? counters_.raise_pulses : counters_.lower_pulses)[t] += static_cast<std::uint64_t>(n);
  }
}

// Slots k = 1, 2, ..: first those that raise rows with n >= k, then those that lower.
void SleepSequencer::next_slot() {
  if (slot_ == raises_ + lowers_) return next_column();
  ++slot_;
  const bool raise = slot_ <= raises_;
  const std::int32_t k = raise ? slot_ : slot_ - raises_;
  out_.phase = raise ? SleepPhase::raise : SleepPhase::lower;
  BitVector& line = lines_[out_.tile];
  line.clear();
  const std::vector<std::int32_t>& wanted = pulses_[out_.tile];
  for (std::size_t j = 0; j < wanted.size(); ++j) {
    if ((raise ? wanted[j] : -wanted[j]) >= k) line.set(j);
  }
}

void SleepSequencer::end_layer() {
  if (out_.layer < ending_.size()) return enter_drive(out_.layer + 1);
  ++counters_.steps;
  if (--steps_left_ > 0) return begin_step();
  out_ = SleepOutputs();
  out_.done = true;
}

std::vector<std::uint64_t> SleepSequencer::save() const {
  std::vector<std::uint64_t> state = inputs_.save();
  for (const auto& registers : write_register_) {
    state.insert(state.end(), registers.begin(), registers.end());
  }
  return state;
}

void SleepSequencer::restore(Span<const std::uint64_t> state) {
  const std::size_t inputs = config_.widths.front() + 2;
  std::size_t size = inputs, at = inputs;
  for (const auto& registers : write_register_) size += registers.size();
  if (state.size() != size) throw InternalError("sleep sequencer: a saved state of another size");
  inputs_.restore(state.subspan(0, inputs));
  for (auto& registers : write_register_) {
    for (std::uint32_t& r : registers) r = static_cast<std::uint32_t>(state[at++]);
  }
}

}  // namespace memprop::digital
