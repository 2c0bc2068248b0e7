#include "learning/dataset/idx.hpp"

#include <fmt/format.h>

#include <optional>

#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

std::optional<ElementType> element_type(unsigned char code) {
  switch (code) {
    case 0x08:
      return ElementType::u1;
    case 0x09:
      return ElementType::i1;
    case 0x0b:
      return ElementType::i2;
    case 0x0c:
      return ElementType::i4;
    case 0x0d:
      return ElementType::f4;
    case 0x0e:
      return ElementType::f8;
    default:
      return std::nullopt;
  }
}

bool is_little_endian() {
  const std::uint16_t one = 1;
  return *reinterpret_cast<const unsigned char*>(&one) == 1;
}

}  // namespace

bool looks_like_idx(const Bytes& bytes) {
  return bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0 &&
         element_type(bytes[2]).has_value() && bytes[3] >= 1 && bytes[3] <= 8;
}

NumericArray parse_idx(const Bytes& bytes, const std::string& path) {
  if (bytes.size() < 4) {
    throw UserError(fmt::format("{}: expected an IDX file, got only {} bytes", path, bytes.size()));
  }
  if (!looks_like_idx(bytes)) {
    throw UserError(fmt::format(
        "{}: expected an IDX magic number such as 0x00000803 (images) or 0x00000801 (labels), got "
        "0x{:02x}{:02x}{:02x}{:02x}",
        path, bytes[0], bytes[1], bytes[2], bytes[3]));
  }
  NumericArray array;
  array.type = *element_type(bytes[2]);
  const std::size_t dimensions = bytes[3];
  const std::size_t header = 4 + 4 * dimensions;
  if (bytes.size() < header) {
    throw UserError(fmt::format("{}: truncated: expected an IDX header of {} bytes, got {}", path,
                                header, bytes.size()));
  }
  const std::size_t width = element_size(array.type);
  const std::size_t payload = bytes.size() - header;
  std::size_t count = 1;
  bool fits = true;
  for (std::size_t d = 0; d < dimensions; ++d) {
    std::size_t extent = 0;
    for (std::size_t k = 0; k < 4; ++k) extent = extent << 8 | bytes[4 + 4 * d + k];
    array.shape.push_back(extent);
    // Against overflow: what exceeds the file is wrong anyway.
    fits = fits && (extent == 0 || count <= (payload / width) / extent);
    count = fits ? count * extent : 0;
  }
  if (!fits) {
    throw UserError(
        fmt::format("{}: truncated: expected {} elements of type {} after the header, got {} bytes",
                    path, array.shape_text(), element_name(array.type), payload));
  }
  if (payload > count * width) {
    throw UserError(fmt::format(
        "{}: expected {} bytes after the header for {} elements of type {}, got {} ({} trailing)",
        path, count * width, array.shape_text(), element_name(array.type), payload,
        payload - count * width));
  }
  array.bytes.assign(bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end());
  if (is_little_endian()) swap_byte_order(array);
  return array;
}

}  // namespace memprop::learning
