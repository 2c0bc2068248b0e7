// Values that cross the digital/analog border as one signal: vectors of codes and of pulse lines.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <systemc>
#include <vector>

#include "digital/bit_vector.hpp"
#include "solvers/span.hpp"

namespace memprop::hw {

// Converter codes, one per line.
struct Codes {
  std::vector<std::int32_t> value;

  bool operator==(const Codes& other) const { return value == other.value; }
};

inline std::ostream& operator<<(std::ostream& out, const Codes& codes) {
  out << '[';
  for (std::size_t k = 0; k < codes.value.size(); ++k) out << (k ? " " : "") << codes.value[k];
  return out << ']';
}

inline void sc_trace(sc_core::sc_trace_file* file, const Codes& codes, const std::string& name) {
  for (std::size_t k = 0; k < codes.value.size(); ++k) {
    sc_core::sc_trace(file, codes.value[k], name + "." + std::to_string(k));
  }
}

// The row_pulse[] or col_pulse[] pins of one tile.
struct PulseLines {
  digital::BitVector bits;

  bool operator==(const PulseLines& other) const { return bits == other.bits; }
};

inline std::ostream& operator<<(std::ostream& out, const PulseLines& lines) {
  for (std::size_t k = lines.bits.size(); k-- > 0;) out << (lines.bits.test(k) ? '1' : '0');
  return out;
}

inline void sc_trace(sc_core::sc_trace_file* file, const PulseLines& lines,
                     const std::string& name) {
  for (std::size_t w = 0; w < lines.bits.words().size(); ++w) {
    sc_core::sc_trace(file, lines.bits.words()[w], name + "." + std::to_string(w), 64);
  }
}

}  // namespace memprop::hw
