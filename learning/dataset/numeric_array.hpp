// An array as it stands in a file: element type, shape, values. Read from IDX, NumPy or CSV files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "solvers/span.hpp"

namespace memprop::learning {

enum class ElementType : std::uint8_t { u1, i1, u2, i2, u4, i4, u8, i8, f4, f8 };

std::size_t element_size(ElementType type);
// "uint8", "float64", ...
std::string element_name(ElementType type);

struct NumericArray {
  ElementType type = ElementType::f8;
  std::vector<std::size_t> shape;    // row-major; empty for a single value
  std::vector<unsigned char> bytes;  // in this machine's byte order

  std::size_t size() const;        // number of elements
  double at(std::size_t i) const;  // element i in row-major order
  // out[k] = scale * element (first + k), in single precision.
  void copy_scaled(std::size_t first, float scale, Span<float> out) const;
  std::string shape_text() const;  // "(60000, 28, 28)"
};

NumericArray make_array(std::vector<std::size_t> shape, Span<const double> values);

// Swaps the bytes of every element: files of the other byte order.
void swap_byte_order(NumericArray& array);

}  // namespace memprop::learning
