// Random configurations, stimuli and host accesses for the rig.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "digital/rtl/test/rtl_rig.hpp"
#include "digital/shift_register.hpp"

namespace memprop::digital::rtl_test {

class Dice {
 public:
  explicit Dice(std::uint32_t seed) : state_(register_seed(seed, 99, Lane::sign, 0)) {}
  std::uint32_t word() { return state_ = advance(state_); }
  std::uint32_t below(std::uint32_t n) { return (word() >> 8) % n; }
  std::uint32_t from(std::uint32_t low, std::uint32_t high) { return low + below(high - low + 1); }
  bool chance(std::uint32_t one_in) { return below(one_in) == 0; }

 private:
  std::uint32_t state_;
};

class RandomRun {
 public:
  RandomRun(Rig& rig, std::uint32_t seed) : rig_(rig), dice_(seed) {}

  // Runs one random configuration for some hundred edges and compares the registers at its end.
  void configuration();

  std::string text() const;  // of the present configuration
  std::string coverage() const;
  // Whether every circuit pulsed, and every phase was reset.
  bool covered() const;
  unsigned configurations() const { return configurations_; }

 private:
  ControllerConfig draw_config();
  void random_edge();
  void settle();
  void compare_registers();
  void compare_accumulators();
  std::uint64_t counter(std::uint32_t low_address);
  std::vector<std::int32_t> draw_codes();
  void note(const ControllerInputs& in, const ControllerOutputs& out);

  Rig& rig_;
  Dice dice_;
  unsigned configurations_ = 0;
  std::uint32_t answer_in_ = 0;  // edges left for adc_done
  bool answered_ = true;
  std::vector<std::int32_t> codes_;
  std::vector<std::uint16_t> image_;  // being written to the bank that is not in use
  std::size_t written_ = 0;
  bool refused_ = false;  // a start came while busy since the last reset
  std::array<std::uint64_t, 10> resets_{};
  std::array<std::uint64_t, 5> pulses_{};
  std::uint64_t accumulated_ = 0;  // accumulators found equal and not 0
  std::uint64_t averaged_ = 0;     // samples whose codes were means
  std::uint64_t samples_ = 0;
};

}  // namespace memprop::digital::rtl_test
