// The driver that a processor's software would have for the chip: registers, an interrupt line, and
// nothing else. It runs inside an SC_THREAD.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <cstdint>
#include <stdexcept>
#include <systemc>
#include <tlm>
#include <vector>

#include "digital/register_program.hpp"

// What the chip says about itself.
struct ChipFacts {
  std::size_t tiles = 0, inputs = 0, outputs = 0, neurons = 0;
  unsigned input_bits = 0, adc_bits = 0, target_bits = 0;
};

class ChipDriver : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<ChipDriver, 32> socket{"socket"};
  sc_core::sc_in<bool> irq{"irq"};

  explicit ChipDriver(sc_core::sc_module_name module_name) : sc_module(module_name) {}

  // Reads what the chip is and enables the interrupt. Throws if another chip answers.
  void open();
  const ChipFacts& facts() const { return facts_; }

  // Configuration, then the reset at which the seed acts.
  void configure(const std::vector<memprop::digital::RegisterWrite>& program);

  // Half of the update rate (U1) in every tile, while the chip is idle.
  void halve_rates();

  // Codes of a sample into one of the two banks; the other one may be in use.
  void load(unsigned bank, const std::vector<std::uint32_t>& inputs,
            const std::vector<std::int32_t>& targets);
  void start(unsigned bank, bool train);
  // Waits for the interrupt; throws if the chip refused the start.
  void wait_until_done();
  // The codes of the output layer in the free phase.
  std::vector<std::int32_t> read_outputs();

  std::uint32_t read(std::uint32_t address);
  std::uint64_t read_counter(std::uint32_t low_address);
  void write(std::uint32_t address, std::uint32_t word);
  void read_words(std::uint32_t address, std::uint32_t* words, std::size_t count);
  void write_words(std::uint32_t address, const std::uint32_t* words, std::size_t count);

 private:
  void transfer(tlm::tlm_command command, std::uint32_t address, std::uint32_t* words,
                std::size_t count);

  ChipFacts facts_;
  sc_core::sc_time local_;  // how far this processor is ahead of the kernel
};
