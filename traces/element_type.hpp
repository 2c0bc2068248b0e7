// The kinds of value a trace can hold, and their C++ types.
#pragma once

#include <cstddef>
#include <cstdint>

namespace memprop::traces {

enum class ElementType { float64, float32, int64, int32, uint64, uint32, uint8, text };

// Bytes of one value; 0 for text, whose length is a property of each data set.
constexpr std::size_t size_of(ElementType type) {
  switch (type) {
    case ElementType::float64:
    case ElementType::int64:
    case ElementType::uint64:
      return 8;
    case ElementType::float32:
    case ElementType::int32:
    case ElementType::uint32:
      return 4;
    case ElementType::uint8:
      return 1;
    case ElementType::text:
      break;
  }
  return 0;
}

constexpr const char* name_of(ElementType type) {
  switch (type) {
    case ElementType::float64:
      return "float64";
    case ElementType::float32:
      return "float32";
    case ElementType::int64:
      return "int64";
    case ElementType::int32:
      return "int32";
    case ElementType::uint64:
      return "uint64";
    case ElementType::uint32:
      return "uint32";
    case ElementType::uint8:
      return "uint8";
    case ElementType::text:
      break;
  }
  return "text";
}

// element_type<double> is ElementType::float64, and so on; other types do not compile.
template <class T>
constexpr ElementType element_type = T::no_trace_can_hold_this_type;
template <>
inline constexpr ElementType element_type<double> = ElementType::float64;
template <>
inline constexpr ElementType element_type<float> = ElementType::float32;
template <>
inline constexpr ElementType element_type<std::int64_t> = ElementType::int64;
template <>
inline constexpr ElementType element_type<std::int32_t> = ElementType::int32;
template <>
inline constexpr ElementType element_type<std::uint64_t> = ElementType::uint64;
template <>
inline constexpr ElementType element_type<std::uint32_t> = ElementType::uint32;
template <>
inline constexpr ElementType element_type<std::uint8_t> = ElementType::uint8;

}  // namespace memprop::traces
