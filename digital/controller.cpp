#include "digital/controller.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "digital/controller_config_check.hpp"
#include "digital/shift_register.hpp"
#include "digital/update_engine.hpp"
#include "digital/update_operands.hpp"
#include "solvers/error.hpp"

namespace memprop::digital {

namespace {

std::size_t lines_of(const ControllerConfig& config) {
  std::size_t lines = 0;
  for (std::size_t l = 1; l < config.widths.size(); ++l) lines += config.widths[l];
  return lines;
}

}  // namespace

Controller::Controller(ControllerConfig config)
    : config_(std::move(config)),
      conversions_(lines_of(config_), config_.adc_channels, config_.adc_average) {
  check_controller_config(config_);
  const std::size_t tiles = tile_count(config_);
  const std::size_t neurons = lines_of(config_);
  input_.assign(config_.widths[0], 0);
  for (auto& codes : latch_) codes.assign(neurons, 0);

  out_.upd_pol.assign(tiles, 0);
  for (std::size_t t = 0; t < tiles; ++t) {
    out_.row_pulse.emplace_back(tile_rows(config_, t));
    out_.col_pulse.emplace_back(tile_columns(config_, t));
  }
  if (config_.circuit != UpdateCircuit::none) {
    operands_ = std::make_unique<UpdateOperands>(config_, is_centred(config_.table));
    engine_ = make_update_engine(config_);
  }
  power_on();
}

Controller::~Controller() = default;
Controller::Controller(Controller&&) noexcept = default;
Controller& Controller::operator=(Controller&&) noexcept = default;

Span<const std::int32_t> Controller::accumulators(std::size_t tile) const {
  return engine_ ? engine_->accumulators(tile) : Span<const std::int32_t>{};
}

void Controller::set_cell_reader(CellReader* reader) {
  if (engine_) engine_->set_cell_reader(reader);
}

VerifyCounters Controller::verify() const { return engine_ ? engine_->verify() : VerifyCounters{}; }

OptimiserCounters Controller::optimiser() const {
  return engine_ ? engine_->optimiser() : OptimiserCounters{};
}

void Controller::power_on() {
  sequencer_.reset();
  sign_register_ = register_seed(config_.seed, 0, Lane::sign, 0);
  nudge_negative_ = false;
  for (auto& codes : latch_) std::fill(codes.begin(), codes.end(), 0);
  if (engine_) {
    engine_->reset();
    engine_->release(out_);
  }
  counters_ = ControllerCounters{};
  counters_.pulses_up.assign(tile_count(config_), 0);
  counters_.pulses_down.assign(tile_count(config_), 0);
  enter_row();
  out_.adc_group = 0;
  out_.done = false;
}

void Controller::load_input(Span<const std::uint16_t> codes) {
  if (!sequencer_.idle()) {
    throw InternalError("controller: input codes were loaded while a sample was being processed");
  }
  if (codes.size() != input_.size()) {
    throw InternalError("controller: expected " + std::to_string(input_.size()) +
                        " input codes, found " + std::to_string(codes.size()));
  }
  for (const std::uint16_t code : codes) {
    if (code > config_.x_full_scale) {
      throw InternalError("controller: expected input codes up to " +
                          std::to_string(config_.x_full_scale) + ", found " + std::to_string(code));
    }
  }
  std::copy(codes.begin(), codes.end(), input_.begin());
}

void Controller::take_codes(Span<const std::int32_t> codes) {
  if (codes.size() != conversions_.channels()) {
    throw InternalError("controller: expected " + std::to_string(conversions_.channels()) +
                        " converter codes, found " + std::to_string(codes.size()));
  }
  const std::int64_t high = config_.adc_full_scale;
  const auto [least, most] = std::minmax_element(codes.begin(), codes.end());
  if (*least < -high - 1 || *most > high) {
    throw InternalError("controller: expected converter codes from " + std::to_string(-high - 1) +
                        " to " + std::to_string(high) + ", found " +
                        std::to_string(*most > high ? *most : *least));
  }
  counters_.conversions += conversions_.lines_of_group();
  conversions_.take(codes, latch_[out_.adc_bank]);
}

void Controller::set_latched(std::size_t k, Span<const std::int32_t> codes) {
  if (codes.size() != latch_[k].size()) {
    throw InternalError("controller: expected " + std::to_string(latch_[k].size()) +
                        " codes for a latch, found " + std::to_string(codes.size()));
  }
  std::copy(codes.begin(), codes.end(), latch_[k].begin());
}

// The registers that follow the table's row, at the edge that enters it.
void Controller::enter_row() {
  const PhaseRow& row = config_.table[sequencer_.row()];
  const bool nudges =
      row.phase == Phase::nudge_p || row.phase == Phase::sample_p || row.phase == Phase::adapt;
  if (out_.phase == Phase::update && row.phase != Phase::update && engine_) {
    engine_->release(out_);
  }
  out_.phase = row.phase;
  out_.x_dac_load = row.x_dac_load;
  out_.row_en = row.row_en;
  out_.nudge_en = row.nudge_en;
  out_.nudge_sign = row.nudge_sign != (nudges && nudge_negative_);
  out_.sh_en = row.sh_en;
  out_.adc_start = row.convert;
  out_.adc_bank = row.adc_bank;
  out_.busy = !sequencer_.idle();
  out_.done = sequencer_.idle();
  conversions_.enter(row.convert);
  update_finished_ = false;
  if (row.phase == Phase::update) {
    operands_->load(input_, latch_, nudge_negative_, gates_);
    engine_->start(*operands_);
  }
}

const ControllerOutputs& Controller::step(const ControllerInputs& in) {
  if (!in.rst_n) {
    power_on();
    return out_;
  }
  const bool starts = conversions_.restart();
  if (!starts && conversions_.awaiting() && in.adc_done) take_codes(in.adc_data);
  if (config_.missing_codes_throw && !conversions_.finished() && sequencer_.last_cycle()) {
    throw InternalError("controller: the conversion of bank " + std::to_string(out_.adc_bank) +
                        " did not answer with adc_done within its " +
                        std::to_string(config_.table[sequencer_.row()].cycles) +
                        " cycles: " + std::to_string(conversions_.taken()) + " of " +
                        std::to_string(conversions_.conversions_per_row()) + " conversions");
  }
  if (sequencer_.idle() && in.start) {
    nudge_negative_ = false;
    if (config_.random_sign && in.train) {
      sign_register_ = advance(sign_register_);
      nudge_negative_ = (sign_register_ & 1U) != 0;
    }
  }
  if (sequencer_.step(config_.table, in.start, in.train, update_finished_)) {
    enter_row();
  } else {
    out_.adc_start = starts;
    out_.done = false;
  }
  out_.adc_group = static_cast<std::uint32_t>(conversions_.group());
  counters_.busy_cycles += out_.busy;
  counters_.row_driven_cycles += out_.row_en;
  if (out_.phase == Phase::update) {
    ++counters_.update_cycles;
    update_finished_ = engine_->cycle(out_, counters_);
  }
  return out_;
}

namespace {

constexpr std::uint64_t state_version = 0x6d706374726c0001ULL;  // "mpctrl", version 1

}  // namespace

std::vector<std::uint64_t> Controller::save() const {
  if (!sequencer_.idle()) throw InternalError("controller: state can only be saved at IDLE");
  std::vector<std::uint64_t> state;
  state.push_back(state_version);
  state.push_back(config_.seed);
  state.push_back(config_.tile.size());
  state.push_back(static_cast<std::uint64_t>(config_.circuit));
  state.push_back(sign_register_);
  state.push_back(counters_.busy_cycles);
  state.push_back(counters_.update_cycles);
  state.push_back(counters_.row_driven_cycles);
  state.push_back(counters_.conversions);
  state.push_back(counters_.pulse_clipped);
  state.insert(state.end(), counters_.pulses_up.begin(), counters_.pulses_up.end());
  state.insert(state.end(), counters_.pulses_down.begin(), counters_.pulses_down.end());
  if (engine_) engine_->save(state);
  return state;
}

void Controller::restore(Span<const std::uint64_t> state) {
  if (!sequencer_.idle()) throw InternalError("controller: state can only be restored at IDLE");
  const std::size_t tiles = tile_count(config_);
  const std::size_t expected = 10 + 2 * tiles + (engine_ ? engine_->saved_words() : 0);
  if (state.size() != expected || state[0] != state_version) {
    throw UserError("controller: expected a saved state of " + std::to_string(expected) +
                    " words, found one of " + std::to_string(state.size()) +
                    " words from another network, update circuit or version");
  }
  if (state[1] != config_.seed || state[2] != config_.tile.size() ||
      state[3] != static_cast<std::uint64_t>(config_.circuit)) {
    throw UserError("controller: expected a saved state of seed " + std::to_string(config_.seed) +
                    " and the same update circuit, found seed " + std::to_string(state[1]) +
                    " and circuit number " + std::to_string(state[3]));
  }
  power_on();
  sign_register_ = static_cast<std::uint32_t>(state[4]);
  counters_.busy_cycles = state[5];
  counters_.update_cycles = state[6];
  counters_.row_driven_cycles = state[7];
  counters_.conversions = state[8];
  counters_.pulse_clipped = state[9];
  for (std::size_t t = 0; t < tiles; ++t) {
    counters_.pulses_up[t] = state[10 + t];
    counters_.pulses_down[t] = state[10 + tiles + t];
  }
  if (engine_) {
    const std::size_t first = 10 + 2 * tiles;
    engine_->restore(state.subspan(first, state.size() - first));
  }
}

}  // namespace memprop::digital
