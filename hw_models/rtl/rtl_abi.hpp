// The border between memprop and a verilated model: plain C, so that a model can be linked or
// loaded from a file whatever compiled it. memprop_rtl.py generates the other side.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

inline constexpr unsigned memprop_rtl_abi_version = 1;

struct MempropRtlPort {
  const char* name;
  unsigned output;  // 1: output, 0: input
  unsigned bits;
};

// A port's storage is a uint8_t, uint16_t, uint32_t or uint64_t by its bits (to 8, 16, 32, 64), or
// an array of uint32_t, lowest bits first, above. Bits beyond the width must stay zero.
struct MempropRtlApi {
  unsigned abi;
  const char* top;
  const char* parameters;  // "N=V M=W ..." as the module was elaborated with
  const char* digest;      // of sources, parameters and tools; part of a saved state
  unsigned port_count;
  const MempropRtlPort* ports;
  void* (*create)();  // null: out of memory
  void (*destroy)(void*);
  void* (*port)(void*, unsigned index);
  int (*eval)(void*);  // 0, or 1: $finish, $stop or a fatal error; message() says which
  const char* (*message)(void*);
  std::size_t (*save)(void*, std::uint8_t* to, std::size_t size);     // the size it needs
  int (*restore)(void*, const std::uint8_t* from, std::size_t size);  // 0: done
};

}  // extern "C"
