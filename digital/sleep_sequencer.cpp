#include "digital/sleep_sequencer.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "digital/shift_register.hpp"
#include "solvers/error.hpp"

namespace memprop::digital {
namespace {

SleepRowConfig row_config(const SleepSequencerConfig& config) {
  if (config.widths.size() < 2 || config.tile.size() + 1 != config.widths.size()) {
    throw UserError("sleep sequencer: expected registers for every tile of two layers or more");
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
}

}  // namespace

SleepSequencer::SleepSequencer(SleepSequencerConfig config)
    : config_(std::move(config)), inputs_(row_config(config_)) {
  check(config_);
  const std::size_t tiles = config_.tile.size();
  for (const std::size_t width : config_.widths) spikes_.emplace_back(width);
  for (std::size_t t = 0; t < tiles; ++t) {
    const std::size_t rows = config_.widths[t];
    lines_.emplace_back(rows);
    pulses_.emplace_back(rows, 0);
    write_register_.emplace_back(rows);
    for (std::size_t j = 0; j < rows; ++j) {
      write_register_[t][j] = register_seed(config_.seed, static_cast<std::uint32_t>(t),
                                            Lane::sleep_write, static_cast<std::uint32_t>(j));
    }
  }
  columns_.reserve(*std::max_element(config_.widths.begin(), config_.widths.end()));
  counters_.spikes.assign(tiles + 1, 0);
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
    case SleepPhase::compare: {
      if (in.comparators == nullptr) throw InternalError("sleep sequencer: no comparators");
      BitVector& spikes = spikes_[out_.tile + 1];
      spikes = *in.comparators;
      columns_.clear();
      spikes.for_each([this](std::size_t i) { columns_.push_back(static_cast<std::uint32_t>(i)); });
      counters_.spikes[out_.tile + 1] += columns_.size();
      next_ = 0;
      next_column();
      break;
    }
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
  enter_drive(0);
}

void SleepSequencer::enter_drive(std::size_t tile) {
  out_.phase = SleepPhase::drive;
  out_.tile = tile;
  out_.leak_en = true;
  out_.row_en = config_.pulse_cycles == config_.drive_cycles;
  lines_[tile] = spikes_[tile];
  cycle_ = 0;
}

void SleepSequencer::next_column() {
  while (learns(out_.tile) && next_ < columns_.size()) {
    out_.column = columns_[next_++];
    if (config_.gated) {
      out_.phase = SleepPhase::sense;
      lines_[out_.tile].clear();
      cycle_ = 0;
      ++counters_.senses;
      return;
    }
    plan(nullptr);
    if (raises_ == 0 && lowers_ == 0) continue;
    next_slot();
    return;
  }
  end_tile();
}

// What every row of the present column gets; every register of the tile advances once.
void SleepSequencer::plan(const BitVector* negative) {
  if (config_.gated && negative == nullptr) throw InternalError("sleep sequencer: no sign bits");
  const std::size_t t = out_.tile;
  const SleepTileRegisters& rates = config_.tile[t];
  const std::uint64_t most = config_.max_pulses;
  const BitVector& row_spikes = spikes_[t];
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

void SleepSequencer::end_tile() {
  if (out_.tile + 1 < config_.tile.size()) return enter_drive(out_.tile + 1);
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
