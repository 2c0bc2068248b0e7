// What stands on the pins of the digital/analog border in one clock cycle, as values that can be
// kept, compared and printed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "digital/bit_vector.hpp"

namespace memprop::bench::cosim {

// Outputs of a controller.
struct OutputPins {
  std::uint32_t phase = 0, sh_en = 0, adc_bank = 0, adc_group = 0, upd_pol = 0;
  bool x_dac_load = false, row_en = false, nudge_en = false, nudge_sign = false, adc_start = false,
       upd_en = false, busy = false, done = false;
  std::vector<digital::BitVector> row_pulse, col_pulse;  // of size 0 until they were first driven
  std::vector<std::int32_t> x_code;                      // only in cycles with x_dac_load
};

struct InputPins {
  bool rst_n = false, start = false, train = false, adc_done = false;
};

// The first pin, in the order of the declaration, in which two controllers differ.
struct Difference {
  std::string signal;       // e.g. "phase", "row_pulse[1][37]"; empty: none
  std::string left, right;  // the two values
  explicit operator bool() const { return !signal.empty(); }
};

Difference compare(const OutputPins& left, const OutputPins& right);

// One line of text per cycle, and the heading above.
std::string heading();
std::string text_of(const InputPins& in, const OutputPins& out);

}  // namespace memprop::bench::cosim
