// Records what the wires of the digital/analog border do during one sample. Beside the chip, not in
// it: a chip without this module does not know about recording.
#pragma once

#include <array>
#include <cstdint>
#include <systemc>
#include <vector>

#include "digital/bit_vector.hpp"
#include "hw_models/chip.hpp"

namespace memprop::bench {

// The pins in one clock period; flags and words in the order of flag_pins and word_pins.
struct PinState {
  std::uint8_t phase = 0;
  std::array<std::uint8_t, 8> flag{};
  std::array<std::uint32_t, 3> word{};
};

class PinRecorder : public sc_core::sc_module {
 public:
  // Before the simulation starts.
  PinRecorder(sc_core::sc_module_name module_name, hw::Chip& chip, std::size_t layers);

  // Records the next sample: call before it runs, end() after it.
  void begin();
  void end() { recording_ = false; }

  // In the clock period behind the edge `cycle` edges after the one that entered LOAD.
  const PinState& pins(std::uint64_t cycle) const;
  // The lines of tile l = 1..L; null: all low.
  const digital::BitVector* rows(std::size_t l, std::uint64_t cycle) const;
  const digital::BitVector* columns(std::size_t l, std::uint64_t cycle) const;

 private:
  template <class T>
  struct Change {
    std::uint64_t cycle;
    T value;
  };
  template <class T>
  using Log = std::vector<Change<T>>;  // by cycle, one entry per cycle

  void on_pins();
  void on_pulses();
  std::uint64_t cycle_now() const;
  template <class T>
  static void note(Log<T>& log, std::uint64_t cycle, const T& value);
  template <class T>
  static const T* find(const Log<T>& log, std::uint64_t cycle);

  hw::Chip& chip_;
  bool recording_ = false;
  sc_dt::uint64 period_, begin_ = 0;
  Log<PinState> pins_;
  std::vector<Log<digital::BitVector>> rows_, columns_;
};

}  // namespace memprop::bench
