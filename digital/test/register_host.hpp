// A host's small routines on a RegisterFile, for tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>

#include "digital/register_file.hpp"
#include "digital/register_program.hpp"

namespace memprop::digital {

namespace reg = registers;

class RegisterHost {
 public:
  explicit RegisterHost(RegisterFile& file) : file_(file) {}

  std::uint32_t read(std::uint32_t address) {
    std::uint32_t word = 0;
    EXPECT_EQ(file_.read(address, word), BusAnswer::ok) << std::hex << address;
    return word;
  }
  void write(std::uint32_t address, std::uint32_t word) {
    EXPECT_EQ(file_.write(address, word), BusAnswer::ok) << std::hex << address;
  }
  void configure(const ControllerConfig& config) {
    for (const auto& step : register_program(config, file_.build())) write(step.address, step.word);
  }
  void reset() {
    write(reg::control, reg::control_soft_reset.mask());
    idle(2);
  }
  void load(const std::vector<std::uint16_t>& codes, unsigned bank = 0) {
    for (std::size_t k = 0; k < codes.size(); ++k) {
      write(bank == 0 ? reg::input0(k) : reg::input1(k), codes[k]);
    }
  }
  void start(bool train, unsigned bank = 0) {
    write(reg::control,
          reg::control_start.mask() | reg::control_train.at(train) | reg::control_bank.at(bank));
  }
  void idle(int edges) {
    for (int k = 0; k < edges; ++k) file_.step({});
  }

 private:
  RegisterFile& file_;
};

}  // namespace memprop::digital
