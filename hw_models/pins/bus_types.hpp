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

// Pins that a user's module may leave open: a number, read as 0 where nothing is bound.
using OpenIn =
    sc_core::sc_port<sc_core::sc_signal_in_if<std::uint32_t>, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;
using OpenOut =
    sc_core::sc_port<sc_core::sc_signal_inout_if<std::uint32_t>, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;

inline std::uint32_t read_open(const OpenIn& pin) { return pin.size() > 0 ? pin->read() : 0; }

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

// The row_pulse[] or col_pulse[] pins of one tile. A signal value has to be cheap to copy and to
// compare, because it changes in every pulse slot: the bits stand in one of the driver's two
// buffers, and a serial number tells values apart. What a value refers to stays as it is until the
// driver's second next change, so a reader at a clock edge sees the lines as they were before it.
struct PulseLines {
  const digital::BitVector* bits = nullptr;  // null: all low
  std::uint64_t serial = 0;

  bool operator==(const PulseLines& other) const { return serial == other.serial; }
  bool test(std::size_t k) const { return bits != nullptr && bits->test(k); }
  template <class Visit>
  void for_each(Visit visit) const {
    if (bits != nullptr) bits->for_each(visit);
  }
};

// Drives one such bus from values.
class PulseDriver {
 public:
  // True, with `value` set, when the lines have changed.
  bool update(const digital::BitVector& now) {
    const auto& shown = buffer_[value.serial % 2];
    if (now == shown || (shown.size() == 0 && !now.any())) return false;
    ++value.serial;
    buffer_[value.serial % 2] = now;
    value.bits = &buffer_[value.serial % 2];
    return true;
  }
  PulseLines value;

 private:
  digital::BitVector buffer_[2];
};

inline std::ostream& operator<<(std::ostream& out, const PulseLines& lines) {
  if (lines.bits == nullptr) return out << '0';
  for (std::size_t k = lines.bits->size(); k-- > 0;) out << (lines.bits->test(k) ? '1' : '0');
  return out;
}

inline void sc_trace(sc_core::sc_trace_file* file, const PulseLines& lines,
                     const std::string& name) {
  sc_core::sc_trace(file, lines.serial, name + ".serial", 64);
}

}  // namespace memprop::hw
