// What a reader of arrays promises about its result.
#pragma once

#include "learning/dataset/numeric_array.hpp"
#include "solvers/test/fuzz/fuzz_input.hpp"

namespace memprop::fuzz {

inline void check_array(const learning::NumericArray& array) {
  const std::size_t count = array.size();
  require(array.bytes.size() == count * learning::element_size(array.type),
          "the shape does not fit the bytes");
  if (count == 0) return;
  double last = 0;
  for (std::size_t i = 0; i < count; i += 1 + count / 64) last = array.at(i);
  last = array.at(count - 1);
  require(array.at(count - 1) == last || last != last, "a value that changes");
  std::vector<float> few(count < 16 ? count : 16);
  array.copy_scaled(count - few.size(), 0.5F, Span<float>(few));
}

}  // namespace memprop::fuzz
