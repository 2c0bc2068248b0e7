// Counter-based random numbers (Random123's Philox-4x32-10; Salmon et al., SC 2011,
// doi:10.1145/2063384.2063405): value = f(seed, stream name, index, event).
//
// Nothing is consumed: the same (index, event) always gives the same number, so results do not
// depend on the order of calls, on threads, on what is traced, or on a resume.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "solvers/span.hpp"

namespace memprop {

class RandomStream {
 public:
  // Streams of different names under one seed are independent.
  RandomStream(std::uint64_t seed, std::string_view name);

  // Four independent 32-bit words.
  std::array<std::uint32_t, 4> words(std::uint64_t index, std::uint64_t event = 0) const;
  // Uniform in the open interval (0, 1), 53 bits.
  double uniform(std::uint64_t index, std::uint64_t event = 0) const;
  // Standard normal (Box-Muller on 32-bit uniforms: tails to 6.6 sigma).
  double normal(std::uint64_t index, std::uint64_t event = 0) const;

  // out[k] = normal(first + k, event): the same numbers, many at a time.
  void normals(std::uint64_t first, std::uint64_t event, Span<double> out) const;
  // out[k] = normal(index[k], event).
  void normals_at(Span<const std::uint32_t> index, std::uint64_t event, Span<double> out) const;

 private:
  std::array<std::uint32_t, 2> key_;
};

}  // namespace memprop
