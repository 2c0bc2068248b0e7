// What an address of the register map is, for a chip of given sizes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "digital/registers.hpp"

namespace memprop::digital {

// What a chip is built with; a host reads it from CAPABILITY, CONVERTERS and WIDTH.
struct ChipBuild {
  std::vector<std::size_t> widths;  // n_0 .. n_L
  bool bias = false;
  std::uint32_t input_bits = 8;        // 1 to 16
  std::uint32_t adc_bits = 10;         // 2 to 32
  std::uint32_t target_bits = 8;       // 2 to 16
  std::uint32_t phase_rows = 32;       // 4 to 64
  std::uint32_t engines = 0b1111;      // bit k: code k of MODE.ENGINE
  std::uint32_t accumulator_bits = 0;  // 2 to 24; 0 without the engine ACCUMULATE
  std::uint32_t channels = 0;          // converters, up to the number of lines; 0: one per line
};

// Lines of layers 1 to TILES, and the converters that they share.
std::size_t neurons_of(const ChipBuild& build);
std::uint32_t channels_of(const ChipBuild& build);

// Throws UserError if no register map can describe such a chip.
void check_chip_build(const ChipBuild& build);

class RegisterMap {
 public:
  // Throws UserError as check_chip_build().
  explicit RegisterMap(const ChipBuild& build);

  struct Place {
    const registers::Entry* entry = nullptr;  // null: nothing is mapped there
    std::uint32_t index = 0;                  // element of the array
  };
  Place find(std::uint32_t address) const;
  // Elements of an array that this chip has; 1 for a single register.
  std::uint32_t count(const registers::Entry& entry) const;

 private:
  std::uint32_t counts_[16] = {};
};

}  // namespace memprop::digital
