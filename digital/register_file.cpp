#include "digital/register_file.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "solvers/error.hpp"

namespace memprop::digital {

namespace {

namespace reg = registers;

// Byte enables as a mask of bits.
std::uint32_t enabled_bits(std::uint32_t byte_enables) {
  std::uint32_t mask = 0;
  for (std::uint32_t k = 0; k < 4; ++k) {
    if ((byte_enables >> k & 1U) != 0) mask |= 0xffU << (8 * k);
  }
  return mask;
}

std::uint32_t merged(std::uint32_t old, std::uint32_t word, std::uint32_t mask) {
  return (old & ~mask) | (word & mask);
}

}  // namespace

RegisterFile::RegisterFile(const ChipBuild& build) : build_(build), map_(build) {
  config_.table.resize(build_.phase_rows);
  config_.tile.resize(build_.widths.size() - 1);
  for (auto& codes : input_) codes.assign(build_.widths.front(), 0);
  for (auto& codes : target_) codes.assign(build_.widths.back(), 0);
  // Until a configuration has been found good an idle controller holds the pins.
  ControllerConfig idle;
  idle.widths = build_.widths;
  idle.bias = build_.bias;
  idle.adc_channels = build_.channels;
  idle.circuit = UpdateCircuit::none;
  idle.table.resize(2);
  idle.table[0].next_train = idle.table[0].next_infer = 1;
  idle.table[1].phase = Phase::read;
  idle.table[1].cycles = 1;
  controller_ = std::make_unique<Controller>(std::move(idle));
}

BusAnswer RegisterFile::read(std::uint32_t address, std::uint32_t& word) {
  const BusAnswer answer = peek(address, word);
  if (answer != BusAnswer::ok) return answer;
  const auto place = map_.find(address);
  if (place.entry->half == reg::Half::low) {
    kept_high_ = static_cast<std::uint32_t>(counter(place) >> 32);
  }
  return answer;
}

BusAnswer RegisterFile::peek(std::uint32_t address, std::uint32_t& word) const {
  const auto place = map_.find(address);
  word = 0;
  if (place.entry == nullptr) return BusAnswer::unmapped;
  word = word_at(place);
  return BusAnswer::ok;
}

BusAnswer RegisterFile::write(std::uint32_t address, std::uint32_t word,
                              std::uint32_t byte_enables) {
  const auto place = map_.find(address);
  if (place.entry == nullptr) return BusAnswer::unmapped;
  const reg::Entry& entry = *place.entry;
  if (entry.write_mask == 0) return BusAnswer::not_writable;
  const bool in_use = entry.bank >= 0 && static_cast<std::size_t>(entry.bank) == active_bank_;
  if (busy() && (entry.idle_only || in_use)) return BusAnswer::busy;

  const std::uint32_t mask = enabled_bits(byte_enables) & entry.write_mask;
  if (entry.bank >= 0) {
    write_memory(place, word, mask);
  } else if (std::uint32_t* stored = config_word(place)) {
    *stored = merged(*stored, word, mask & existing_bits(place));
    // What ACCUMULATOR shows is nothing that a controller depends on.
    check_due_ = true;
    config_changed_ |= entry.address != reg::accumulator_cell;
    reset_due_ |= entry.needs_reset;
  } else if (entry.address == reg::control) {
    write_control(word, mask);
  } else if (entry.address == reg::error) {
    error_ &= ~(word & mask);
  } else if (entry.address == reg::irq_status) {
    irq_status_ &= ~(word & mask);
  } else if (entry.address == reg::irq_enable) {
    irq_enable_ = merged(irq_enable_, word, mask);
  } else {
    throw InternalError(std::string("register file: no write of ") + entry.name);
  }
  return BusAnswer::ok;
}

// The bits that the word has on this chip.
std::uint32_t RegisterFile::existing_bits(const RegisterMap::Place& place) const {
  if (place.entry->first_is_zero && place.index == 0) return 0;
  if (!place.entry->numbers_rows) return 0xffffffff;
  std::uint32_t rows = 1;
  while (rows < build_.phase_rows) rows <<= 1;
  return reg::table_next_train.at(rows - 1) | reg::table_next_infer.at(rows - 1);
}

void RegisterFile::write_memory(const RegisterMap::Place& place, std::uint32_t word,
                                std::uint32_t enabled) {
  const auto bank = static_cast<std::size_t>(place.entry->bank);
  if (place.entry->is_signed) {
    std::int32_t& code = target_[bank][place.index];
    const std::uint32_t whole = merged(static_cast<std::uint32_t>(code), word, enabled);
    const std::uint32_t unused = 32 - build_.target_bits;
    code = static_cast<std::int32_t>(whole << unused) >> unused;
  } else {
    std::uint16_t& code = input_[bank][place.index];
    const std::uint32_t largest = (1U << build_.input_bits) - 1;
    code = static_cast<std::uint16_t>(merged(code, word, enabled) & largest);
  }
}

void RegisterFile::write_control(std::uint32_t word, std::uint32_t mask) {
  const std::uint32_t kept = reg::control_train.mask() | reg::control_bank.mask();
  control_ = merged(control_, word, mask & kept);
  const std::uint32_t triggers = word & mask;
  if (reg::control_soft_reset.of(triggers) != 0) {
    soft_reset();
  } else if (reg::control_start.of(triggers) != 0) {
    request_start();
  }
}

void RegisterFile::refuse(std::uint32_t error_bit) {
  error_ |= error_bit;
  irq_status_ |= reg::irq_status_error.mask();
}

void RegisterFile::request_start() {
  if (busy()) return refuse(reg::error_start_busy.mask());
  if (reset_due_) return refuse(reg::error_reset_due.mask());
  if (check_due_) {
    if (const std::uint32_t rule = check_config_words(config_, build_)) {
      config_rule_ = rule;
      return refuse(reg::error_config.mask());
    }
    check_due_ = false;
  }
  apply_config();
  active_bank_ = reg::control_bank.of(control_);
  active_training_ = reg::control_train.of(control_) != 0;
  controller_->load_input(input_[active_bank_]);
  start_asked_ = true;
}

void RegisterFile::soft_reset() {
  seeds_due_ = config_changed_ = true;
  reset_due_ = start_asked_ = start_pin_ = false;
  reset_asked_ = true;
  error_ = config_rule_ = 0;
}

void RegisterFile::bus_reset() {
  soft_reset();
  // The reset is on the pin already: the controller sees it at the coming edge.
  reset_asked_ = false;
  reset_pin_ = bus_reset_ = true;
  control_ = irq_enable_ = irq_status_ = 0;
  active_bank_ = 0;
  active_training_ = false;
  check_due_ = true;
}

const ControllerOutputs& RegisterFile::step(const ControllerInputs& pins) {
  const bool in_bus_reset = std::exchange(bus_reset_, false);
  if (controller_->outputs().done && !in_bus_reset) irq_status_ |= reg::irq_status_done.mask();
  ControllerInputs in = pins;
  in.rst_n = !reset_pin_;
  in.start = start_pin_;
  in.train = active_training_;
  if (reset_pin_) {
    samples_ = 0;
    kept_high_ = 0;
  }
  const ControllerOutputs& out = controller_->step(in);
  samples_ += out.done;
  // A start that was asked for together with a reset waits until the reset has passed.
  start_pin_ = std::exchange(start_asked_, start_asked_ && reset_asked_) && !reset_asked_;
  reset_pin_ = std::exchange(reset_asked_, false);
  return out;
}

}  // namespace memprop::digital
