#include "learning/dataset/numeric_array.hpp"

#include <algorithm>
#include <cstring>

#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

template <class T>
T load(const unsigned char* bytes, std::size_t i) {
  T value;
  std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
  return value;
}

// Calls visit(T{}) with the C++ type of the elements.
template <class Visit>
auto with_type(ElementType type, Visit visit) {
  switch (type) {
    case ElementType::u1:
      return visit(std::uint8_t{});
    case ElementType::i1:
      return visit(std::int8_t{});
    case ElementType::u2:
      return visit(std::uint16_t{});
    case ElementType::i2:
      return visit(std::int16_t{});
    case ElementType::u4:
      return visit(std::uint32_t{});
    case ElementType::i4:
      return visit(std::int32_t{});
    case ElementType::u8:
      return visit(std::uint64_t{});
    case ElementType::i8:
      return visit(std::int64_t{});
    case ElementType::f4:
      return visit(float{});
    case ElementType::f8:
      return visit(double{});
  }
  throw InternalError("unknown element type");
}

}  // namespace

std::size_t element_size(ElementType type) {
  return with_type(type, [](auto t) { return sizeof(t); });
}

std::string element_name(ElementType type) {
  switch (type) {
    case ElementType::u1:
      return "uint8";
    case ElementType::i1:
      return "int8";
    case ElementType::u2:
      return "uint16";
    case ElementType::i2:
      return "int16";
    case ElementType::u4:
      return "uint32";
    case ElementType::i4:
      return "int32";
    case ElementType::u8:
      return "uint64";
    case ElementType::i8:
      return "int64";
    case ElementType::f4:
      return "float32";
    case ElementType::f8:
      return "float64";
  }
  throw InternalError("unknown element type");
}

std::size_t NumericArray::size() const {
  std::size_t n = 1;
  for (const std::size_t extent : shape) n *= extent;
  return n;
}

double NumericArray::at(std::size_t i) const {
  return with_type(type,
                   [&](auto t) { return static_cast<double>(load<decltype(t)>(bytes.data(), i)); });
}

void NumericArray::copy_scaled(std::size_t first, float scale, Span<float> out) const {
  with_type(type, [&](auto t) {
    for (std::size_t k = 0; k < out.size(); ++k) {
      out[k] = scale * static_cast<float>(load<decltype(t)>(bytes.data(), first + k));
    }
  });
}

std::string NumericArray::shape_text() const {
  std::string text = "(";
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (d > 0) text += ", ";
    text += std::to_string(shape[d]);
  }
  return text + ")";
}

NumericArray make_array(std::vector<std::size_t> shape, Span<const double> values) {
  NumericArray array;
  array.shape = std::move(shape);
  if (array.size() != values.size()) throw InternalError("array shape and values differ");
  array.bytes.resize(values.size() * sizeof(double));
  if (!values.empty()) std::memcpy(array.bytes.data(), values.data(), array.bytes.size());
  return array;
}

void swap_byte_order(NumericArray& array) {
  const std::size_t width = element_size(array.type);
  for (std::size_t i = 0; i + width <= array.bytes.size(); i += width) {
    std::reverse(array.bytes.data() + i, array.bytes.data() + i + width);
  }
}

}  // namespace memprop::learning
