// The ports of a verilated module, whatever type Verilator gives them: bits as numbers.
#pragma once

#include <verilated.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace memprop::digital::rtl_test {

template <class Port>
struct Words {  // a port of up to 64 bits
  static std::uint32_t get(const Port& port, std::size_t word) {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(port) >> (32 * word));
  }
  static void set(Port& port, std::size_t word, std::uint32_t value) {
    const std::uint64_t mask = std::uint64_t{0xffffffff} << (32 * word);
    const std::uint64_t old = static_cast<std::uint64_t>(port) & ~mask;
    port = static_cast<Port>(old | (std::uint64_t{value} << (32 * word)));
  }
};

template <std::size_t N>
struct Words<VlWide<N>> {
  static std::uint32_t get(const VlWide<N>& port, std::size_t word) { return port[word]; }
  static void set(VlWide<N>& port, std::size_t word, std::uint32_t value) { port[word] = value; }
};

// Bits [from, from + count) of a port, count up to 32.
template <class Port>
std::uint32_t get_bits(const Port& port, std::size_t from, std::size_t count) {
  std::uint64_t value = Words<Port>::get(port, from / 32);
  if (from % 32 + count > 32) {
    value |= static_cast<std::uint64_t>(Words<Port>::get(port, from / 32 + 1)) << 32;
  }
  return static_cast<std::uint32_t>((value >> (from % 32)) & ((std::uint64_t{1} << count) - 1));
}

template <class Port>
void set_bits(Port& port, std::size_t from, std::size_t count, std::uint32_t value) {
  const std::uint64_t mask = ((std::uint64_t{1} << count) - 1) << (from % 32);
  const std::uint64_t bits = (std::uint64_t{value} << (from % 32)) & mask;
  const std::size_t word = from / 32;
  const auto put = [&](std::size_t w, std::uint64_t part, std::uint64_t part_mask) {
    const std::uint64_t old = Words<Port>::get(port, w);
    Words<Port>::set(port, w, static_cast<std::uint32_t>((old & ~part_mask) | part));
  };
  put(word, bits & 0xffffffffU, mask & 0xffffffffU);
  if (from % 32 + count > 32) put(word + 1, bits >> 32, mask >> 32);
}

}  // namespace memprop::digital::rtl_test
