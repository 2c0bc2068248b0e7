#include "chip_driver.hpp"

#include <string>

#include "digital/registers.hpp"

namespace reg = memprop::digital::registers;

void ChipDriver::open() {
  if (read(reg::id) != reg::id_value ||
      reg::version_major.of(read(reg::version)) != reg::version_value >> 16) {
    throw std::runtime_error("another chip than expected answers at address 0");
  }
  const std::uint32_t capability = read(reg::capability), converters = read(reg::converters);
  const std::size_t tiles = facts_.tiles = reg::capability_tiles.of(capability);
  facts_.inputs = read(reg::width(0));
  facts_.outputs = read(reg::width(tiles));
  facts_.neurons = 0;
  for (std::size_t l = 1; l <= tiles; ++l) facts_.neurons += read(reg::width(l));
  facts_.input_bits = reg::converters_input_bits.of(converters);
  facts_.adc_bits = reg::converters_adc_bits.of(converters);
  facts_.target_bits = reg::converters_target_bits.of(converters);
  write(reg::irq_status, reg::irq_status_done.mask() | reg::irq_status_error.mask());
  write(reg::irq_enable, reg::irq_enable_done.mask() | reg::irq_enable_error.mask());
}

void ChipDriver::configure(const std::vector<memprop::digital::RegisterWrite>& program) {
  for (const auto& step : program) write(step.address, step.word);
  write(reg::control, reg::control_soft_reset.mask());
}

void ChipDriver::halve_rates() {
  for (std::size_t t = 0; t < facts_.tiles; ++t) {
    const std::uint32_t rate = read(reg::tile_rate(t));
    const std::uint32_t shift = reg::tile_rate_shift.of(rate) + 1;
    write(reg::tile_rate(t),
          (rate & ~reg::tile_rate_shift.mask()) | reg::tile_rate_shift.at(shift));
  }
}

void ChipDriver::load(unsigned bank, const std::vector<std::uint32_t>& inputs,
                      const std::vector<std::int32_t>& targets) {
  write_words(bank == 0 ? reg::input0(0) : reg::input1(0), inputs.data(), inputs.size());
  const std::vector<std::uint32_t> words(targets.begin(), targets.end());
  write_words(bank == 0 ? reg::target0(0) : reg::target1(0), words.data(), words.size());
}

void ChipDriver::start(unsigned bank, bool train) {
  write(reg::control,
        reg::control_start.mask() | reg::control_train.at(train) | reg::control_bank.at(bank));
}

void ChipDriver::wait_until_done() {
  sc_core::wait(local_);
  local_ = sc_core::SC_ZERO_TIME;
  if (!irq.read()) sc_core::wait(irq.posedge_event());
  const std::uint32_t events = read(reg::irq_status);
  write(reg::irq_status, events);
  if (reg::irq_status_error.of(events) != 0) {
    const std::uint32_t rule = reg::config_rule_rule.of(read(reg::config_rule));
    throw std::runtime_error(
        "the chip refused a start: ERROR = " + std::to_string(read(reg::error)) +
        ", configuration rule " + reg::config_rule_rule_names[rule]);
  }
}

std::vector<std::int32_t> ChipDriver::read_outputs() {
  std::vector<std::uint32_t> words(facts_.outputs);
  read_words(reg::free_code(facts_.neurons - facts_.outputs), words.data(), words.size());
  return {words.begin(), words.end()};
}

std::uint32_t ChipDriver::read(std::uint32_t address) {
  std::uint32_t word = 0;
  read_words(address, &word, 1);
  return word;
}

std::uint64_t ChipDriver::read_counter(std::uint32_t low_address) {
  const std::uint64_t low = read(low_address);  // keeps the high word of this instant
  return low | static_cast<std::uint64_t>(read(low_address + 4)) << 32;
}

void ChipDriver::write(std::uint32_t address, std::uint32_t word) {
  write_words(address, &word, 1);
}

void ChipDriver::read_words(std::uint32_t address, std::uint32_t* words, std::size_t count) {
  transfer(tlm::TLM_READ_COMMAND, address, words, count);
}

void ChipDriver::write_words(std::uint32_t address, const std::uint32_t* words, std::size_t count) {
  std::vector<std::uint32_t> copy(words, words + count);
  transfer(tlm::TLM_WRITE_COMMAND, address, copy.data(), count);
}

void ChipDriver::transfer(tlm::tlm_command command, std::uint32_t address, std::uint32_t* words,
                          std::size_t count) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(words));
  payload.set_data_length(static_cast<unsigned>(4 * count));
  payload.set_streaming_width(static_cast<unsigned>(4 * count));
  socket->b_transport(payload, local_);
  if (payload.is_response_error()) {
    throw std::runtime_error("bus access at address " + std::to_string(address) + " answered " +
                             payload.get_response_string());
  }
}
