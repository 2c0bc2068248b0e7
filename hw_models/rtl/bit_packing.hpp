// Codes and lines into and out of the flattened buses of a module in Verilog.
#pragma once

#include <cstdint>
#include <vector>

#include "digital/bit_vector.hpp"
#include "hw_models/rtl/rtl_model.hpp"

namespace memprop::hw::rtl {

// Bits of an unsigned number up to `largest`.
constexpr unsigned unsigned_bits(std::uint64_t largest) {
  unsigned bits = 0;
  while (bits < 64 && (largest >> bits) != 0) ++bits;
  return bits;
}

// values[k] in bits k*bits .. (k+1)*bits-1, lowest first; `words` is resized.
template <class Values>
void pack(const Values& values, unsigned bits, std::vector<std::uint32_t>& words) {
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  words.assign((values.size() * bits + 31) / 32, 0);
  std::size_t at = 0;
  for (const auto value : values) {
    const std::uint64_t field = (static_cast<std::uint64_t>(value) & mask) << (at % 32);
    words[at / 32] |= static_cast<std::uint32_t>(field);
    if (at % 32 + bits > 32) words[at / 32 + 1] |= static_cast<std::uint32_t>(field >> 32);
    at += bits;
  }
}

// The reverse, unsigned.
inline void unpack(const Port& port, unsigned bits, std::vector<std::int32_t>& values) {
  for (std::size_t k = 0; k < values.size(); ++k) {
    values[k] = static_cast<std::int32_t>(port.field(k * bits, bits));
  }
}

// Lines from..from+lines.size()-1 of a bus.
inline void extract(const std::vector<std::uint32_t>& words, std::size_t from,
                    digital::BitVector& lines) {
  const auto word = [&](std::size_t k) -> std::uint64_t { return k < words.size() ? words[k] : 0; };
  auto& to = lines.words();
  for (std::size_t k = 0; k < to.size(); ++k) {
    const std::size_t bit = from + 64 * k, first = bit / 32, shift = bit % 32;
    std::uint64_t value = word(first) | (word(first + 1) << 32);
    if (shift != 0) value = (value >> shift) | (word(first + 2) << (64 - shift));
    const std::size_t left = lines.size() - 64 * k;
    if (left < 64) value &= (std::uint64_t{1} << left) - 1;
    to[k] = value;
  }
}

}  // namespace memprop::hw::rtl
