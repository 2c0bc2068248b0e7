#include "digital/rtl/test/random_run.hpp"

#include <algorithm>
#include <numeric>

#include "digital/phase_sequencer.hpp"
#include "digital/phase_table.hpp"
#include "digital/registers.hpp"

namespace memprop::digital::rtl_test {

namespace {

// The same table with its rows (but IDLE) at other places of the memory.
PhaseTable shuffled(const PhaseTable& table, Dice& dice) {
  std::vector<std::uint32_t> place(table.size());
  std::iota(place.begin(), place.end(), 0U);
  for (std::size_t k = table.size() - 1; k > 1; --k) {
    std::swap(place[k], place[1 + dice.below(static_cast<std::uint32_t>(k))]);
  }
  PhaseTable result(table.size());
  for (std::size_t k = 0; k < table.size(); ++k) {
    PhaseRow row = table[k];
    row.next_train = place[row.next_train];
    row.next_infer = place[row.next_infer];
    result[place[k]] = row;
  }
  return result;
}

// Leaves optional rows out: LOAD, FREE, nudging before the state is sampled, tracking.
void skip_optional_rows(PhaseTable& table, Dice& dice) {
  for (std::size_t k = 1; k < table.size(); ++k) {
    if (table[k].convert || table[k].phase == Phase::update || !dice.chance(6)) continue;
    const PhaseRow gone = table[k];
    const auto skip = [k](std::uint32_t next, std::uint32_t after) {
      return next == k ? after : next;
    };
    for (PhaseRow& row : table) {
      row.next_train = skip(row.next_train, gone.next_train);
      row.next_infer = skip(row.next_infer, gone.next_infer);
    }
    table[k].next_train = table[k].next_infer = 0;
  }
}

}  // namespace

ControllerConfig RandomRun::draw_config() {
  const Shape& shape = rig_.shape();
  ControllerConfig config;
  config.widths = shape.widths;
  config.bias = shape.bias;
  config.x_full_scale = (1U << shape.x_bits) - 1;
  config.adc_full_scale = (1U << (shape.adc_bits - 1)) - 1;
  const std::uint32_t circuit = dice_.from(0, 9);
  config.circuit = circuit == 0  ? UpdateCircuit::none
                   : circuit < 4 ? UpdateCircuit::pulse_count
                   : circuit < 8 ? UpdateCircuit::stochastic
                                 : UpdateCircuit::sign_sign;
  if (shape.accumulator_bits != 0 && dice_.chance(4)) config.circuit = UpdateCircuit::accumulate;
  const auto phases = static_cast<NudgePhases>(dice_.below(3));
  config.random_sign = phases == NudgePhases::random_sign;
  config.product_form = config.circuit != UpdateCircuit::sign_sign && dice_.chance(3);
  const auto length = [this] { return dice_.from(1, 4); };
  const bool with_update = config.circuit != UpdateCircuit::none && !dice_.chance(20);
  config.adc_channels = shape.channels;
  const auto groups = static_cast<std::uint32_t>(conversion_groups(rig_.lines(), shape.channels));
  // Not so long that no sample ends before a reset.
  config.adc_average = dice_.chance(2) ? 1U << dice_.below(groups > 1 ? 3 : 5) : 1;
  const std::uint32_t conversions = config.adc_average * groups;
  const std::uint32_t one = conversions > 1 ? dice_.from(2, 4) : length();
  config.table = equilibrium_propagation_table(
      {length(), length(), length(), conversions * one, length(), length()}, phases, with_update);
  if (dice_.chance(3)) skip_optional_rows(config.table, dice_);
  if (dice_.chance(2)) config.table = shuffled(config.table, dice_);
  config.max_pulses = dice_.from(1, 7);
  config.stream_length = dice_.from(1, 6);
  config.seed = dice_.word();
  // Products of codes near their full scales give a few pulses, or none, or too many.
  const auto magnitude = [](unsigned bits) { return bits > 1 ? bits - 1 : 1; };
  for (std::size_t t = 0; t + 1 < shape.widths.size(); ++t) {
    const unsigned row_bits = magnitude(t == 0 ? shape.x_bits : shape.adc_bits);
    const unsigned col_bits = magnitude(shape.adc_bits);
    TileUpdateRegisters tile;
    tile.rate_mantissa = dice_.chance(10) ? 0 : dice_.from(1, 0xffff);
    tile.rate_shift = std::min(80U, std::max(16U, row_bits + col_bits + dice_.from(11, 18)));
    tile.row_mantissa = dice_.chance(10) ? 0 : dice_.from(1, 0xffff);
    tile.row_shift = row_bits - 1 + dice_.from(0, 3);
    tile.col_mantissa = dice_.from(1, 0xffff);
    tile.col_shift = col_bits - 1 + dice_.from(0, 3);
    tile.row_threshold = dice_.chance(8) ? 0xffffffffU : dice_.below(1U << (row_bits - 1));
    tile.col_threshold = dice_.below(1U << (col_bits - 1));
    if (config.circuit == UpdateCircuit::accumulate) {
      const std::uint32_t largest = (1U << (shape.accumulator_bits - 1)) - 1;
      config.accumulator_bits = shape.accumulator_bits;
      tile.accumulate_threshold = dice_.from(1, dice_.chance(3) ? largest : std::min(largest, 9U));
    }
    config.tile.push_back(tile);
  }
  if (dice_.chance(2)) {
    for (std::size_t t = 0; t + 1 < shape.widths.size(); ++t) {
      const std::uint32_t full = t == 0 ? config.x_full_scale : config.adc_full_scale;
      config.bias_code.push_back(dice_.chance(5) ? 0 : dice_.from(0, full));
    }
  }
  return config;
}

std::vector<std::int32_t> RandomRun::draw_codes() {
  const Shape& shape = rig_.shape();
  const std::int64_t high = (std::int64_t{1} << (shape.adc_bits - 1)) - 1;
  std::vector<std::int32_t> codes;
  const std::uint32_t kind = dice_.below(8);
  for (unsigned c = 0; c < shape.channels; ++c) {
    std::int64_t code = 0;
    if (kind == 1) code = dice_.chance(2) ? high : -high - 1;
    if (kind > 1 && !dice_.chance(4)) {
      code = static_cast<std::int64_t>(dice_.word() % (2 * static_cast<std::uint64_t>(high) + 2));
      code -= high + 1;
    }
    codes.push_back(static_cast<std::int32_t>(code));
  }
  return codes;
}

void RandomRun::note(const ControllerInputs& in, const ControllerOutputs& out) {
  if (!in.rst_n) refused_ = false;
  samples_ += out.done;
  averaged_ += out.done && rig_.model().config().adc_average > 1;
  const auto circuit = static_cast<std::size_t>(rig_.model().config().circuit);
  pulses_[circuit] += out.upd_en;
}

void RandomRun::random_edge() {
  const ControllerOutputs& before = rig_.model().outputs();
  const ControllerConfig& config = rig_.model().config();
  ControllerInputs in;
  in.rst_n = !dice_.chance(150);
  in.start = dice_.chance(before.busy ? 20 : 3);
  in.train = !dice_.chance(4);
  if (in.rst_n && before.busy && in.start) refused_ = true;
  if (!in.rst_n) ++resets_[static_cast<std::size_t>(before.phase)];
  if (before.adc_start) {
    // The row's length is that of its conversion; several rows may share it.
    answer_in_ = 0xffffffffU;
    for (const PhaseRow& row : config.table) {
      if (row.convert && row.phase == before.phase) answer_in_ = std::min(answer_in_, row.cycles);
    }
    const std::size_t conversions =
        config.adc_average * conversion_groups(rig_.lines(), config.adc_channels);
    // The last of several may also use the cycle that stands between two.
    answer_in_ /= static_cast<std::uint32_t>(conversions);
    if (conversions > 1) --answer_in_;
    answer_in_ = dice_.from(1, answer_in_);
    answered_ = false;
  }
  if (!answered_) {
    if (--answer_in_ == 0) {
      in.adc_done = true;
      answered_ = true;
    }
  } else {
    in.adc_done = dice_.chance(5);  // nobody asked
  }
  // adc_data changes only now and then, also when nothing is read.
  if (in.adc_done || dice_.chance(10)) codes_ = draw_codes();
  in.adc_data = codes_;

  // The host writes the next image while the present one is used.
  HostAccess host;
  const bool ready = written_ == image_.size();
  if (!before.busy && ready && !image_.empty() && dice_.chance(2)) {
    rig_.load_input(image_, !rig_.bank());
    image_.clear();
    written_ = 0;
  } else if (image_.empty()) {
    for (std::size_t k = 0; k < rig_.shape().widths[0]; ++k) {
      const std::uint32_t full = config.x_full_scale;
      image_.push_back(static_cast<std::uint16_t>(dice_.chance(3) ? 0 : dice_.from(0, full)));
    }
  } else if (!ready && !dice_.chance(4)) {
    host.write = true;
    host.word = image_[written_] | (dice_.word() << rig_.shape().x_bits);
    host.address = rig_.bank() ? registers::input0(written_) : registers::input1(written_);
    ++written_;
  }
  note(in, rig_.edge(in, host));
  if (!in.rst_n) answered_ = true;
}

void RandomRun::settle() {
  while (rig_.model().outputs().busy) {
    ControllerInputs in;
    in.adc_done = true;
    in.adc_data = codes_;
    note(in, rig_.edge(in));
  }
  answered_ = true;
}

std::uint64_t RandomRun::counter(std::uint32_t low_address) {
  const std::uint64_t low = rig_.read(low_address);
  return low | std::uint64_t{rig_.read(low_address + 4)} << 32;
}

void RandomRun::compare_accumulators() {
  namespace reg = registers;
  const std::vector<std::size_t>& widths = rig_.shape().widths;
  const bool kept = rig_.model().config().circuit == UpdateCircuit::accumulate;
  for (std::uint32_t k = 0; k < (kept ? 300U : 20U); ++k) {
    const std::uint32_t tile = dice_.below(static_cast<std::uint32_t>(widths.size()));
    const bool exists = tile + 1 < widths.size();
    const std::uint32_t columns = exists ? static_cast<std::uint32_t>(widths[tile + 1]) : 1;
    // Now and then a row or column that is not there.
    const std::uint32_t row = dice_.below(static_cast<std::uint32_t>(widths[tile]) + 2);
    const std::uint32_t column = dice_.below(columns + (dice_.chance(10) ? 1 : 0));
    const std::uint32_t cell = reg::accumulator_cell_tile.at(tile) |
                               reg::accumulator_cell_row.at(row) |
                               reg::accumulator_cell_column.at(column);
    rig_.edge({}, {true, false, reg::accumulator_cell, cell});
    const auto found = static_cast<std::int32_t>(rig_.read(reg::accumulator));
    std::int32_t expected = 0;
    if (exists && column < columns) {
      const auto cells = rig_.model().accumulators(tile);
      const std::size_t at = row * columns + column;
      if (at < cells.size()) expected = cells[at];
    }
    accumulated_ += expected != 0;
    if (found != expected) {
      throw Difference("accumulator of tile " + std::to_string(tile) + ", row " +
                       std::to_string(row) + ", column " + std::to_string(column) + ": expected " +
                       std::to_string(expected) + ", found " + std::to_string(found));
    }
  }
}

void RandomRun::compare_registers() {
  namespace reg = registers;
  const auto expect = [](const std::string& what, std::uint64_t expected, std::uint64_t found) {
    if (expected == found) return;
    throw Difference("register " + what + ": expected " + std::to_string(expected) + ", found " +
                     std::to_string(found));
  };
  const ControllerCounters& counters = rig_.model().counters();
  expect("BUSY_CYCLES", counters.busy_cycles, counter(reg::busy_cycles_lo));
  expect("UPDATE_CYCLES", counters.update_cycles, counter(reg::update_cycles_lo));
  expect("ROW_CYCLES", counters.row_driven_cycles, counter(reg::row_cycles_lo));
  expect("CONVERSIONS", counters.conversions, counter(reg::conversions_lo));
  expect("PULSE_CLIPPED", counters.pulse_clipped, counter(reg::pulse_clipped_lo));
  for (std::size_t t = 0; t < counters.pulses_up.size(); ++t) {
    expect("TILE_PULSES_UP", counters.pulses_up[t], counter(reg::tile_pulses_up_lo(t)));
    expect("TILE_PULSES_DOWN", counters.pulses_down[t], counter(reg::tile_pulses_down_lo(t)));
  }
  compare_accumulators();
  const std::size_t lines = rig_.model().latched(0).size();
  for (std::size_t k = 0; k < lines; k += 1 + dice_.below(5)) {
    const std::uint32_t address[3] = {reg::free_code(k), reg::positive_code(k),
                                      reg::negative_code(k)};
    for (std::size_t bank = 0; bank < 3; ++bank) {
      expect("CODE", static_cast<std::uint32_t>(rig_.model().latched(bank)[k]),
             rig_.read(address[bank]));
    }
  }
  expect("FAULTS", refused_ ? 1 : 0, rig_.read(0x60000));
  // Configuration and table read back as written.
  for (const RegisterWrite& one :
       register_program(rig_.model().config(), chip_build(rig_.model().config(), 8))) {
    expect("at " + std::to_string(one.address), one.word, rig_.read(one.address));
  }
}

void RandomRun::configuration() {
  ++configurations_;
  refused_ = false;
  answered_ = true;
  ControllerConfig config = draw_config();
  rig_.configure(config);
  // The model starts with an empty input register, the chip with its last image.
  rig_.load_input(std::vector<std::uint16_t>(config.widths[0], 0), rig_.bank());
  for (std::size_t k = 0; k < config.widths[0]; ++k) {
    HostAccess host{true, false, 0, 0};
    host.address = rig_.bank() ? registers::input1(k) : registers::input0(k);
    rig_.edge({}, host);
  }
  image_.clear();
  written_ = 0;
  codes_ = draw_codes();
  const std::uint32_t edges = dice_.from(300, 2000);
  for (std::uint32_t k = 0; k < edges; ++k) random_edge();
  settle();
  compare_registers();
}

std::string RandomRun::text() const {
  const ControllerConfig& config = rig_.model().config();
  return "configuration " + std::to_string(configurations_) + ": circuit " +
         std::to_string(static_cast<int>(config.circuit)) + ", product form " +
         std::to_string(config.product_form) + ", random sign " +
         std::to_string(config.random_sign) + ", centred " +
         std::to_string(is_centred(config.table)) + ", seed " + std::to_string(config.seed);
}

std::string RandomRun::coverage() const {
  std::string text = std::to_string(samples_) + " samples; cycles with pulses of U1, U2, U3, U7:";
  for (std::size_t k = 1; k < pulses_.size(); ++k) text += " " + std::to_string(pulses_[k]);
  text += "; resets in phases 0 to 9:";
  for (const std::uint64_t count : resets_) text += " " + std::to_string(count);
  text += "; samples with averages: " + std::to_string(averaged_);
  return text + "; accumulators other than 0: " + std::to_string(accumulated_) + "\n";
}

bool RandomRun::covered() const {
  const std::size_t circuits = rig_.shape().accumulator_bits != 0 ? 5 : 4;
  return std::all_of(pulses_.begin() + 1, pulses_.begin() + circuits,
                     [](auto n) { return n > 100; }) &&
         averaged_ > 10 && (accumulated_ > 100 || circuits == 4) &&
         std::all_of(resets_.begin(), resets_.end(), [](auto n) { return n > 0; });
}

}  // namespace memprop::digital::rtl_test
